// `users/attributes` owns the attributes that an organisation defines for its users: definitions, and which values they accept.
// The routes belong to `admin/user-attributes`; values are changed with the user that they belong to.

import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import type { AuditEventType } from '../../audit/catalogue.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import { Conflict, InvalidInput, NotFound } from '../../lib/domain-error.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import {
  MAX_ATTRIBUTE_DEFINITIONS,
  type NewUserAttributeDefinition,
  type UserAttributeDefinition,
  type UserAttributeRepository,
  type UserAttributeRules,
} from '../../model/users/user-attribute.ts'
import { isPattern } from './attribute-values.ts'

export interface AttributeManagement {
  userAttributes: UserAttributeRepository
  clock: Clock
}

export type NewAttribute = Omit<NewUserAttributeDefinition, 'id' | 'organisationId'>

/** The rules to change; undefined keeps one. */
export type AttributeChange = { [Rule in keyof UserAttributeRules]?: UserAttributeRules[Rule] | undefined }

/** Defines an attribute. Throws `InvalidInput`, and `Conflict` if the name is taken or there are too many. */
export async function createAttribute(
  services: AttributeManagement,
  context: AdminContext,
  attribute: NewAttribute,
): Promise<UserAttributeDefinition> {
  assertConsistent(attribute)
  const definition = { ...attribute, id: uuidv7(services.clock.now()), organisationId: context.organisationId }
  const event = attributeEvent(services, context, 'user_attribute.created', definition, undefined, attribute)
  const outcome = await services.userAttributes.create(definition, event)
  if (outcome === 'name_taken') throw new Conflict('Another attribute of the organisation has this name.')
  if (outcome === 'too_many') {
    throw new Conflict(`The organisation has ${MAX_ATTRIBUTE_DEFINITIONS} attributes, which is the maximum.`)
  }
  return findAttribute(services, context, attribute.name)
}

/** Throws `NotFound`. */
export async function findAttribute(
  { userAttributes }: Pick<AttributeManagement, 'userAttributes'>,
  { organisationId }: Pick<AdminContext, 'organisationId'>,
  name: string,
): Promise<UserAttributeDefinition> {
  const found = (await userAttributes.list(organisationId)).find((definition) => definition.name === name)
  if (!found) throw new NotFound('There is no such attribute.')
  return found
}

/**
 * Changes the rules for new values; stored values stay. Throws `NotFound`, `InvalidInput`, and `Conflict` if the attribute
 * would become unique although users have the same value.
 */
export async function updateAttribute(
  services: AttributeManagement,
  context: AdminContext,
  name: string,
  change: AttributeChange,
): Promise<UserAttributeDefinition> {
  const before = await findAttribute(services, context, name)
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const rules: UserAttributeDefinition = { ...before, ...given }
  assertConsistent(rules)
  if (fieldChanges(before, given).length === 0) return before
  const event = attributeEvent(services, context, 'user_attribute.updated', before, before, given)
  const outcome = await services.userAttributes.update(before, rules, event)
  if (outcome === 'not_found') throw new NotFound('There is no such attribute.')
  if (outcome === 'not_unique') throw new Conflict('Two users have the same value of this attribute.')
  return findAttribute(services, context, name)
}

/** How many users have a value. Throws `NotFound`. */
export async function countAttributeUsers(
  services: AttributeManagement,
  context: AdminContext,
  name: string,
): Promise<number> {
  return services.userAttributes.countUsers(await findAttribute(services, context, name))
}

/**
 * Deletes an attribute with the values of all users, if `expectedUsers` of them have one. Throws `NotFound`, and `Conflict`
 * with the number where it is another.
 */
export async function deleteAttribute(
  services: AttributeManagement,
  context: AdminContext,
  name: string,
  expectedUsers: number,
): Promise<void> {
  const definition = await findAttribute(services, context, name)
  const { id: _, organisationId: __, createdAt: ___, updatedAt: ____, ...deleted } = definition
  const event = attributeEvent(services, context, 'user_attribute.deleted', definition, deleted, undefined)
  const outcome = await services.userAttributes.delete(definition, expectedUsers, event)
  if (outcome === 'not_found') throw new NotFound('There is no such attribute.')
  if (outcome !== 'deleted') {
    throw new Conflict(`${outcome.users} users have a value, which would be deleted: send users=${outcome.users}.`)
  }
}

function assertConsistent({ type, options, pattern, maxLength, unique }: Omit<NewAttribute, 'name'>): void {
  const isText = type === 'string' || type === 'string[]'
  const problems = [
    [type === 'enum' && options.length === 0, 'options', 'must list the values of an enum'],
    [type !== 'enum' && options.length > 0, 'options', 'is for the type enum only'],
    [!isText && pattern !== null, 'pattern', 'is for text only'],
    [!isText && maxLength !== null, 'maxLength', 'is for text only'],
    [pattern !== null && !isPattern(pattern), 'pattern', 'must be a regular expression of RE2'],
    [type === 'boolean' && unique, 'unique', 'is not for the type boolean'],
  ] as const
  const issues = problems
    .filter(([isProblem]) => isProblem)
    .map(([, member, message]) => ({ path: [member], code: 'custom', message }))
  if (issues.length > 0) throw new InvalidInput(issues)
}

function attributeEvent(
  { clock }: AttributeManagement,
  context: AdminContext,
  type: AuditEventType,
  { id, name }: Pick<UserAttributeDefinition, 'id' | 'name'>,
  before: object | undefined,
  after: object | undefined,
) {
  return createAdminAuditEvent(context, clock, type, {
    resource: { type: 'user_attribute', id },
    metadata: { name },
    changes: fieldChanges(before, after),
  })
}
