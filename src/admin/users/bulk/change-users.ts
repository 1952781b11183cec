// `admin/users/bulk` owns the operation that changes many users at once. What it does belongs to `users/bulk`.

import { z } from 'zod'
import * as field from '../../../clients/settings/properties/fields.ts'
import { forbidden, validationError } from '../../../http/errors/problem.ts'
import { hasPermission } from '../../../model/permissions/permission.ts'
import { bulkActions, MAX_BULK_USERS } from '../../../model/users/bulk-change.ts'
import { userStatuses } from '../../../model/users/user-directory.ts'
import { toEmailKey } from '../../../model/users/user.ts'
import {
  changeUsers,
  countUsersToChange,
  type BulkRequest,
  type BulkServices,
} from '../../../users/bulk/change-users.ts'
import type { AttributeReader } from '../../../users/attributes/attribute-values.ts'
import { dryRunQuerySchema, isDryRun } from '../../dry-run.ts'
import { adminOperation } from '../../operation.ts'
import { findAttributeFilters } from '../attribute-filters.ts'
import { blockReason } from '../update-user.ts'
import { USERS_PATH, USERS_TAG } from '../user-path.ts'

const filterText = field.text(254).min(1, { error: 'must not be empty' }).optional()

const filterSchema = z.strictObject(
  {
    search: filterText,
    email: filterText,
    externalId: filterText,
    role: filterText,
    team: filterText,
    status: field.oneOf(userStatuses).exclude(['deleted']).optional(),
    mfaEnabled: field.boolean.optional(),
    attributes: z
      .record(
        z.string().max(63, { error: 'must have at most 63 characters' }),
        z.union([field.text(1024), z.number(), z.boolean()], { error: 'must be a text, a number, true or false' }),
        { error: 'must be an object of values by the names of attributes' },
      )
      .optional()
      .describe('The values that attributes have, or that lists contain.'),
  },
  { error: 'must be an object with the filters of the list of users' },
)

const bulkSchema = z.strictObject(
  {
    filter: filterSchema.describe('The filters of the list of users. An empty object means all users.'),
    action: field.oneOf(bulkActions),
    reason: blockReason,
    roleId: z.uuid({ error: 'must be the id of a role' }).optional(),
    teamId: z.uuid({ error: 'must be the id of a team' }).optional(),
    expectedCount: field.integer(0, MAX_BULK_USERS).optional().describe('How many users the filter finds.'),
  },
  {
    error: field.memberError('has unknown members'),
  },
)

const count = z.int()
const resultSchema = z.object({
  action: z.enum(bulkActions),
  outcomes: z.object({
    changed: count,
    unchanged: count.describe('In this state already.'),
    forbidden: count.describe('They have permissions that you lack.'),
    owner: count.describe('Owners, from whom access is taken one by one.'),
    ownAccount: count,
  }),
})

export const changeUsersOperation = (services: BulkServices & AttributeReader) =>
  adminOperation({
    method: 'POST',
    path: `${USERS_PATH}/bulk`,
    operationId: 'changeUsers',
    tag: USERS_TAG,
    permission: 'users:update',
    summary: 'Change many users',
    description: `With dryRun, returns how many users the filter finds. Send this number as expectedCount to confirm: another one is rejected with 409. At most ${MAX_BULK_USERS} users, in batches that are each stored whole. Deleting needs users:delete as well, and teams teams:update.`,
    schema: {
      querystring: dryRunQuerySchema,
      body: bulkSchema,
      response: { 200: z.union([z.object({ dryRun: z.literal(true), count }), resultSchema]) },
    },
    errors: [400, 409],
    example: { filter: { team: 'contractors' }, action: 'suspend', reason: 'Contract ended', expectedCount: 12 },
    async handle({ context, request }) {
      const { filter: asked, expectedCount, ...members } = request.body
      const bulk = readRequest(members)
      if (bulk.action === 'delete' && !hasPermission(context.permissions, 'users:delete')) {
        throw forbidden('You lack the permission users:delete.')
      }
      if ('teamId' in bulk && !hasPermission(context.permissions, 'teams:update')) {
        throw forbidden('You lack the permission teams:update.')
      }
      const { email, attributes: values = {}, ...filters } = asked
      const attributes = await findAttributeFilters(services, context.organisationId, asText(values))
      const filter = attributes && {
        attributes,
        ...filters,
        organisationId: context.organisationId,
        now: services.clock.now(),
        ...(email !== undefined && { emailKey: toEmailKey(email) }),
      }
      if (isDryRun(request)) return { dryRun: true as const, count: await countUsersToChange(services, filter) }
      if (expectedCount === undefined) {
        const message = 'must be the number of users that the filter finds; dryRun=true returns it'
        throw validationError([{ path: ['expectedCount'], code: 'custom', message }])
      }
      const outcomes = await changeUsers(services, context, { filter, request: bulk, expectedCount })
      return { action: bulk.action, outcomes }
    },
  })

const asText = (values: Readonly<Record<string, string | number | boolean>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))

/** The act with what it needs. Throws a 400 problem where a member is missing, or is not of this act. */
function readRequest({
  action,
  reason,
  roleId,
  teamId,
}: Pick<z.output<typeof bulkSchema>, 'action' | 'reason' | 'roleId' | 'teamId'>): BulkRequest {
  const given = { reason, roleId, teamId }
  const needed = neededMember(action)
  const issues = Object.entries(given).flatMap(([member, value]) => {
    if (member === needed && member !== 'reason' && value === undefined)
      return [issue(member, `is needed to ${action}`)]
    return member !== needed && value !== undefined ? [issue(member, `must not be sent to ${action}`)] : []
  })
  if (issues.length > 0) throw validationError(issues)
  switch (action) {
    case 'block':
    case 'suspend':
      return { action, reason: reason ?? null }
    case 'assign-role':
    case 'remove-role':
      return { action, roleId: roleId ?? '' }
    case 'add-to-team':
    case 'remove-from-team':
      return { action, teamId: teamId ?? '' }
    case 'unblock':
    case 'reactivate':
    case 'delete':
    case 'end-sessions':
      return { action }
  }
}

const issue = (member: string, message: string) => ({ path: [member], code: 'custom', message })

function neededMember(action: BulkRequest['action']): string | undefined {
  if (action === 'block' || action === 'suspend') return 'reason'
  if (action.endsWith('-role')) return 'roleId'
  return action.endsWith('-team') ? 'teamId' : undefined
}
