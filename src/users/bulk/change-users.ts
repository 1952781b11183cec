// `users/bulk` owns acts on many users at once, which a filter names. The rules of the acts on one user hold for each.

import { fieldChanges } from '../../audit/field-changes.ts'
import type { AuditEventType } from '../../audit/catalogue.ts'
import { Conflict } from '../../lib/domain-error.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import {
  BULK_BATCH_SIZE,
  MAX_BULK_USERS,
  type BulkAction,
  type BulkChange,
  type UserBulkRepository,
} from '../../model/users/bulk-change.ts'
import type { UserQuery } from '../../model/users/user-directory.ts'
import type { TeamRepository } from '../../model/teams/team.ts'
import { assertHoldsPermissions } from '../../permissions/privilege-escalation.ts'
import { UnknownRoles } from '../errors.ts'
import { userEvent, type UserManagement } from '../find-user.ts'
import { assertHoldsRolesOfTeam, assertMayAddToTeam } from '../held-assignments.ts'
import { findTeam, teamEvent, type TeamManagement } from '../teams/find-team.ts'
import { findProtectedUsers } from './protected-users.ts'

export interface BulkServices extends TeamManagement, Pick<UserManagement, 'userDirectory' | 'onSessionsEnded'> {
  userBulk: UserBulkRepository
  teams: TeamRepository
}

/** An act with what it needs to know. */
export type BulkRequest =
  | { action: 'block' | 'suspend'; reason: string | null }
  | { action: 'unblock' | 'reactivate' | 'delete' | 'end-sessions' }
  | { action: 'assign-role' | 'remove-role'; roleId: string }
  | { action: 'add-to-team' | 'remove-from-team'; teamId: string }

/** How many of the users were changed, or why not. */
export interface BulkOutcomes {
  changed: number
  /** They were in this state already. */
  unchanged: number
  /** They have permissions that the caller lacks. */
  forbidden: number
  /** Access is taken from owners one by one. */
  owner: number
  /** The caller. */
  ownAccount: number
}

/** Undefined: one that no user can meet. */
type Filter = Omit<UserQuery, 'limit' | 'offset' | 'sort'> | undefined

/** How many users a filter finds. Throws `Conflict` beyond the maximum. */
export async function countUsersToChange(services: BulkServices, filter: Filter): Promise<number> {
  return (await findUsersToChange(services, filter)).length
}

async function findUsersToChange({ userBulk }: BulkServices, filter: Filter): Promise<string[]> {
  const ids = filter ? await userBulk.find(filter, MAX_BULK_USERS + 1) : []
  if (ids.length > MAX_BULK_USERS) {
    throw new Conflict(`The filter finds more than ${MAX_BULK_USERS} users: make it narrower.`)
  }
  return ids
}

/**
 * Changes the users that a filter finds, in batches, if there are `expectedCount` of them. Throws `Conflict` with the number
 * where it is another, and what the act on one user throws about its role or team.
 */
export async function changeUsers(
  services: BulkServices,
  context: AdminContext,
  { filter, request, expectedCount }: { filter: Filter; request: BulkRequest; expectedCount: number },
): Promise<BulkOutcomes> {
  const apply = await prepareAct(services, context, request)
  const ids = await findUsersToChange(services, filter)
  if (ids.length !== expectedCount) {
    throw new Conflict(`The filter finds ${ids.length} users: send expectedCount ${ids.length} to confirm.`)
  }
  const outcomes: BulkOutcomes = { changed: 0, unchanged: 0, forbidden: 0, owner: 0, ownAccount: 0 }
  for (let start = 0; start < ids.length; start += BULK_BATCH_SIZE) {
    const batch = ids.slice(start, start + BULK_BATCH_SIZE)
    const allowed = await withoutProtected(services, context, request.action, batch, outcomes)
    const changed = allowed.length === 0 ? 0 : await apply(allowed)
    if (changed === 'last_owner') outcomes.owner += allowed.length
    else {
      outcomes.changed += changed
      outcomes.unchanged += allowed.length - changed
    }
  }
  if (outcomes.changed > 0) services.onSessionsEnded()
  return outcomes
}

/** Acts after which a user can do less. */
const withdrawing: ReadonlySet<BulkAction> = new Set(['block', 'suspend', 'delete', 'remove-role', 'remove-from-team'])
/** Those that end access in other organisations as well. */
const endingAccounts: ReadonlySet<BulkAction> = new Set(['block', 'delete'])
/** Acts that need every permission of the user. Roles and teams are judged by their own permissions. */
const onAccounts: ReadonlySet<BulkAction> = new Set([
  'block',
  'unblock',
  'suspend',
  'reactivate',
  'delete',
  'end-sessions',
])
/** What administrators cannot do to themselves. */
const notOnOwnAccount: ReadonlySet<BulkAction> = new Set(['block', 'suspend', 'delete'])

/** The users of a batch that the caller may change; the others are counted. */
async function withoutProtected(
  services: BulkServices,
  context: AdminContext,
  action: BulkAction,
  batch: readonly string[],
  outcomes: BulkOutcomes,
): Promise<string[]> {
  const { forbidden, owners, ownersElsewhere } = await findProtectedUsers(services, context, batch)
  return batch.filter((id) => {
    const isOwn = id === context.userId
    if (isOwn && notOnOwnAccount.has(action)) outcomes.ownAccount += 1
    else if (onAccounts.has(action) && forbidden.has(id)) outcomes.forbidden += 1
    else if (withdrawing.has(action) && owners.has(id)) outcomes.owner += 1
    else if (endingAccounts.has(action) && ownersElsewhere.has(id)) outcomes.owner += 1
    else return true
    return false
  })
}

type Apply = (userIds: readonly string[]) => Promise<number | 'last_owner'>

/** Checks the role or team of an act, and returns what carries it out for a batch of users. */
async function prepareAct(services: BulkServices, context: AdminContext, request: BulkRequest): Promise<Apply> {
  if ('teamId' in request) return prepareTeamAct(services, context, request)
  if (!('roleId' in request)) return applying(services, context, request, {}, changedFields(services, request))
  const [found] = await services.userDirectory.findRoles(context.organisationId, [request.roleId])
  if (!found) throw new UnknownRoles(['roleId'])
  assertHoldsPermissions(context, found.permissions, 'The role has')
  const { action, roleId } = request
  const change = action === 'assign-role' ? { action, roleId, grantedBy: context.userId } : { action, roleId }
  return applying(services, context, change, { role: found.role.slug, roleId }, undefined)
}

const eventTypes = {
  block: 'user.blocked',
  unblock: 'user.unblocked',
  suspend: 'user.suspended',
  reactivate: 'user.reactivated',
  delete: 'user.deleted',
  'end-sessions': 'user.sessions_ended',
  'assign-role': 'user.role_assigned',
  'remove-role': 'user.role_removed',
} as const satisfies Record<BulkChange['action'], AuditEventType>

function applying(
  services: BulkServices,
  context: AdminContext,
  change: BulkChange,
  metadata: Record<string, unknown>,
  changes: ReturnType<typeof fieldChanges> | undefined,
): Apply {
  const facts = { ...metadata, ...('reason' in change && { reason: change.reason }), bulk: true }
  const eventOf = (id: string) => userEvent(services, context, eventTypes[change.action], { id }, facts, changes)
  return async (userIds) => {
    const { organisationId } = context
    const changed = await services.userBulk.apply(organisationId, userIds, change, services.clock.now(), eventOf)
    return changed === 'last_owner' ? changed : changed.length
  }
}

/** What an act changes of each user that it changes. */
function changedFields(
  { clock }: BulkServices,
  request: Exclude<BulkRequest, { roleId: string } | { teamId: string }>,
) {
  switch (request.action) {
    case 'block':
      return fieldChanges(
        { blockedAt: null, blockedReason: null },
        { blockedAt: clock.now(), blockedReason: request.reason },
      )
    case 'delete':
      return fieldChanges({ deletedAt: null }, { deletedAt: clock.now() })
    case 'suspend':
      return fieldChanges({ 'membership.state': 'active' }, { 'membership.state': 'suspended' })
    case 'reactivate':
      return fieldChanges({ 'membership.state': 'suspended' }, { 'membership.state': 'active' })
    case 'unblock':
    case 'end-sessions':
      return undefined
  }
}

async function prepareTeamAct(
  services: BulkServices,
  context: AdminContext,
  { action, teamId }: Extract<BulkRequest, { teamId: string }>,
): Promise<Apply> {
  const team = await findTeam(services, context, teamId)
  const adds = action === 'add-to-team'
  await (adds ? assertMayAddToTeam : assertHoldsRolesOfTeam)(services, context, team)
  const eventOf = (userIds: string[]) => {
    const [before, after] = adds ? [[], userIds] : [userIds, []]
    const changes = fieldChanges({ members: before }, { members: after })
    const type = adds ? 'team.member_added' : 'team.member_removed'
    return teamEvent(services, context, type, team, { userIds, bulk: true }, changes)
  }
  const add = async (userIds: readonly string[]): Promise<number> => {
    const outcome = await services.teams.addMembers(team, userIds, eventOf)
    if (outcome === 'not_found') return 0
    if ('added' in outcome) return outcome.added.length
    // They were deleted meanwhile.
    const left = userIds.filter((id) => !outcome.unknown.includes(id))
    return left.length === 0 || left.length === userIds.length ? 0 : add(left)
  }
  if (adds) return add
  return async (userIds) => {
    const outcome = await services.teams.removeMembers(team, userIds, eventOf)
    if (outcome === 'last_owner') return outcome
    return outcome === 'not_found' ? 0 : outcome.removed.length
  }
}
