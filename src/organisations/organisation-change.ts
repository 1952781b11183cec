import { isDeepStrictEqual } from 'node:util'
import { defaultOrganisationSettings, type OrganisationSettings } from '../model/organisations/organisation-settings.ts'
import type { OrganisationChange } from '../model/organisations/organisation-repository.ts'
import type { OrganisationColumns } from '../model/organisations/organisation.ts'

/** The members that can be changed. */
export type OrganisationMembers = OrganisationColumns & OrganisationSettings

/** New values by member. Null stands for the default. */
export type ChangedMembers = { [Name in keyof OrganisationMembers]?: OrganisationMembers[Name] | null | undefined }

/** A member whose value changes. */
export interface MemberChange {
  member: string
  from: unknown
  to: unknown
}

/** The lifetimes of browser sessions, in seconds, of organisations that have not chosen their own. */
export interface SessionLifetimes {
  idle: number
  max: number
}

/** The members whose values `changed` alters. */
export function changesFrom(
  current: OrganisationMembers,
  changed: ChangedMembers,
  sessionLifetimes: SessionLifetimes,
): MemberChange[] {
  const defaults: Readonly<Record<string, unknown>> = { ...defaultMembers(sessionLifetimes) }
  const before: Readonly<Record<string, unknown>> = { ...current }
  return Object.entries(changed).flatMap(([member, value]) => {
    const to: unknown = value === null ? defaults[member] : value
    return value === undefined || isDeepStrictEqual(to, before[member]) ? [] : [{ member, from: before[member], to }]
  })
}

/** The members of an organisation that has set nothing but its name. */
export function defaultMembers({ idle, max }: SessionLifetimes): OrganisationMembers {
  return {
    ...defaultOrganisationSettings,
    name: '',
    auditTokens: false,
    sessionLifetime: max,
    sessionIdleTimeout: idle,
  }
}

const columnNames = ['name', 'auditTokens', 'sessionLifetime', 'sessionIdleTimeout'] as const
/** Columns that follow the server, until the organisation has chosen a value of its own. */
const inheritedColumns = new Set<string>(['sessionLifetime', 'sessionIdleTimeout'])

/** What storage writes for `changes`, the result of `changesFrom` for `changed`. */
export function toChange(changed: ChangedMembers, changes: readonly MemberChange[]): OrganisationChange {
  const values = Object.fromEntries(changes.map(({ member, to }) => [member, to]))
  const isColumn = (name: string) => columnNames.some((column) => column === name)
  const members = Object.keys(values).filter((name) => !isColumn(name) || inheritedColumns.has(name))
  const isReset = (name: string) => changed[name as keyof ChangedMembers] === null
  return {
    columns: Object.fromEntries(columnNames.map((name) => [name, values[name]])),
    settings: Object.fromEntries(members.filter((name) => !isReset(name)).map((name) => [name, values[name]])),
    reset: members.filter(isReset),
  }
}
