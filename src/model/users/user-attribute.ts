import type { AuditEvent } from '../audit/audit-event.ts'

/** The types of value that an attribute may have. A date is `YYYY-MM-DD`; `enum` is one of the options. */
export const userAttributeTypes = ['string', 'number', 'boolean', 'date', 'enum', 'string[]'] as const
export type UserAttributeType = (typeof userAttributeTypes)[number]

/** What the user may do with their own value: change it, read it, or neither. Administrators may do both. */
export const userAttributeAccess = ['editable', 'readable', 'hidden'] as const
export type UserAttributeAccess = (typeof userAttributeAccess)[number]

export const MAX_ATTRIBUTE_DEFINITIONS = 100

/** Whether an attribute may have this name in the API. */
export const isAttributeName = (name: string): boolean => /^[a-z][A-Za-z0-9_]{0,62}$/.test(name)
/** In UTF-8, of the JSON of a whole value. */
export const MAX_ATTRIBUTE_BYTES = 4_096
export const MAX_ATTRIBUTE_ENTRIES = 50

/** The members of a definition that can be changed. */
export interface UserAttributeRules {
  access: UserAttributeAccess
  /** Whether administrators must give a value to a new user, and no value can be removed. */
  required: boolean
  /** Whether no two users of the organisation have the same value. */
  unique: boolean
  /** A regular expression of RE2 for the whole text. */
  pattern: string | null
  /** In UTF-16 units of the text, or of each entry. */
  maxLength: number | null
  /** The values that an attribute of type `enum` may have; otherwise empty. */
  options: string[]
  /** What people read, by language. */
  titles: { en?: string | undefined; de?: string | undefined }
}

/** An attribute that an organisation has defined for its users. */
export interface UserAttributeDefinition extends UserAttributeRules {
  id: string
  organisationId: string
  /** The name in the API. */
  name: string
  type: UserAttributeType
  /** Whether lists of users can be searched by its values. */
  searchable: boolean
  createdAt: Date
  updatedAt: Date
}

export type NewUserAttributeDefinition = Omit<UserAttributeDefinition, 'createdAt' | 'updatedAt'>

export type UserAttributeValue = string | number | boolean | string[]
/** The values of a user, by name. */
export type UserAttributes = Readonly<Record<string, UserAttributeValue>>

/** A value to store. Null removes it. */
export interface UserAttributeChange {
  definition: Pick<UserAttributeDefinition, 'id' | 'name' | 'unique'>
  value: UserAttributeValue | null
}

/** The definitions of organisations and the values of users. Each change stores its audit event in the same transaction. */
export interface UserAttributeRepository {
  /** In the order of their names. */
  list(organisationId: string): Promise<UserAttributeDefinition[]>
  /** `too_many`: the organisation has `MAX_ATTRIBUTE_DEFINITIONS`. */
  create(definition: NewUserAttributeDefinition, event: AuditEvent): Promise<'created' | 'name_taken' | 'too_many'>
  /** `not_unique`: the attribute would become unique, and two users have the same value. */
  update(
    definition: Pick<UserAttributeDefinition, 'id' | 'organisationId'>,
    rules: UserAttributeRules,
    event: AuditEvent,
  ): Promise<'updated' | 'not_found' | 'not_unique'>
  /** How many users have a value. */
  countUsers(definition: Pick<UserAttributeDefinition, 'id' | 'organisationId'>): Promise<number>
  /** Deletes a definition with all values, if that many users have one; otherwise returns how many do. */
  delete(
    definition: Pick<UserAttributeDefinition, 'id' | 'organisationId'>,
    expectedUsers: number,
    event: AuditEvent,
  ): Promise<'deleted' | 'not_found' | { users: number }>
  /** The values of a user whose definitions give one of these kinds of access. */
  valuesOf(
    user: { id: string; organisationId: string },
    access: readonly UserAttributeAccess[],
  ): Promise<UserAttributes>
}
