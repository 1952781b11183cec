import type { AuditEventType } from '../audit/catalogue.ts'
import { createAdminAuditEvent } from '../audit/admin-audit-event.ts'
import { fieldChanges } from '../audit/field-changes.ts'
import { InvalidInput } from '../lib/domain-error.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import {
  isAssignmentEffective,
  type AssignedRole,
  type AssignmentRefusal,
  type AssignmentSubject,
  type RoleAssignment,
  type RoleAssignmentRepository,
} from '../model/permissions/role-assignment.ts'
import type { TeamRepository } from '../model/teams/team.ts'
import { assertHoldsPermissions } from '../permissions/privilege-escalation.ts'
import { LastOwner, UnknownRoles, UnknownTeam, UserNotFound } from './errors.ts'
import { findUser, type UserFinder } from './find-user.ts'
import { ServiceAccountNotFound } from './service-accounts/find-service-account.ts'
import { findTeam, TeamNotFound } from './teams/find-team.ts'

export interface RoleAssigner extends UserFinder {
  roleAssignments: RoleAssignmentRepository
  teams: Pick<TeamRepository, 'find'>
}

/** A role to assign. */
export interface AssignmentRequest {
  roleId: string
  /** The team that the role is limited to. */
  withinTeamId: string | null
  /** From when it has no effect; null: it has no end. */
  expiresAt: Date | null
}

/** The roles of a user, by themselves and through teams, in every scope, those that have ended included. */
export async function listUserRoles(
  services: RoleAssigner,
  context: AdminContext,
  id: string,
): Promise<RoleAssignment[]> {
  return services.roleAssignments.listForUser(await findUser(services, context, id))
}

/** The roles of a team, likewise. */
export async function listTeamRoles(
  services: RoleAssigner,
  context: AdminContext,
  id: string,
): Promise<RoleAssignment[]> {
  return services.roleAssignments.listForTeam(await findTeam(services, context, id))
}

/**
 * Gives a user a role, or sets the end of one that they have. The caller must hold its permissions where the role would
 * count. Whether anything changed. Throws `UserNotFound`, `UnknownRoles`, `UnknownTeam`, `InvalidInput`, `LastOwner` and
 * `PermissionEscalation`.
 */
export async function assignRole(
  services: RoleAssigner,
  context: AdminContext,
  id: string,
  request: AssignmentRequest,
): Promise<boolean> {
  const { organisationId } = await findUser(services, context, id)
  return assignToSubject(services, context, { type: 'user', id, organisationId }, request)
}

/** The same for all members of a team. Throws `TeamNotFound` instead of `UserNotFound`. */
export async function assignTeamRole(
  services: RoleAssigner,
  context: AdminContext,
  id: string,
  request: AssignmentRequest,
): Promise<boolean> {
  const { organisationId } = await findTeam(services, context, id)
  return assignToSubject(services, context, { type: 'team', id, organisationId }, request)
}

/** Takes a role from a user. The caller must hold its permissions. Whether the user had it. Throws as `assignRole`. */
export async function removeRole(
  services: RoleAssigner,
  context: AdminContext,
  id: string,
  assigned: AssignedRole,
): Promise<boolean> {
  const { organisationId } = await findUser(services, context, id)
  return removeFromSubject(services, context, { type: 'user', id, organisationId }, assigned)
}

/** Takes a role from a team, likewise. */
export async function removeTeamRole(
  services: RoleAssigner,
  context: AdminContext,
  id: string,
  assigned: AssignedRole,
): Promise<boolean> {
  const { organisationId } = await findTeam(services, context, id)
  return removeFromSubject(services, context, { type: 'team', id, organisationId }, assigned)
}

/** Gives a subject, which exists, a role. Throws as `assignRole`. */
export async function assignToSubject(
  services: RoleAssigner,
  context: AdminContext,
  subject: AssignmentSubject,
  request: AssignmentRequest,
): Promise<boolean> {
  const { expiresAt } = request
  if (!isAssignmentEffective({ expiresAt }, services.clock.now())) {
    throw new InvalidInput([{ path: ['expiresAt'], code: 'custom', message: 'must be in the future' }])
  }
  const assignment = { ...request, grantedBy: context.userId }
  const event = await prepareChange(services, context, subject, request, 'role_assigned', { expiresAt })
  return settled(subject, await services.roleAssignments.assign(subject, assignment, event)) === 'assigned'
}

/** Takes a role from a subject. Throws as `assignRole`. */
export async function removeFromSubject(
  services: RoleAssigner,
  context: AdminContext,
  subject: AssignmentSubject,
  assigned: AssignedRole,
): Promise<boolean> {
  const event = await prepareChange(services, context, subject, assigned, 'role_removed', {})
  return settled(subject, await services.roleAssignments.remove(subject, assigned, event)) === 'removed'
}

/** The event of the change, after the checks that both directions share. */
async function prepareChange(
  services: RoleAssigner,
  context: AdminContext,
  subject: AssignmentSubject,
  { roleId, withinTeamId }: AssignedRole,
  change: 'role_assigned' | 'role_removed',
  details: { expiresAt?: Date | null },
) {
  assertMayAssignWithin(context, withinTeamId)
  const [found] = await services.userDirectory.findRoles(context.organisationId, [roleId])
  if (!found) throw new UnknownRoles(['roleId'])
  const within = withinTeamId === null ? undefined : await findWithin(services, context, withinTeamId)
  assertHoldsPermissions(context, found.permissions, 'The role has', withinTeamId)
  const resource = { type: subject.type, id: subject.id }
  const type: AuditEventType = `${subject.type}.${change}`
  const metadata = {
    role: found.role.slug,
    roleId,
    ...(within && { team: within.slug, teamId: within.id }),
    ...(details.expiresAt && { expiresAt: details.expiresAt.toISOString() }),
  }
  const held = await rolesOf(services, subject)
  const kept = held.filter((role) => role.key !== keyOf(roleId, withinTeamId))
  const given = { slug: found.role.slug, within: within?.slug, until: details.expiresAt }
  const changes = fieldChanges(
    { roles: held.map(({ label }) => label) },
    { roles: [...kept.map(({ label }) => label), ...(change === 'role_assigned' ? [labelOf(given)] : [])].toSorted() },
  )
  return createAdminAuditEvent(context, services.clock, type, { resource, metadata, changes })
}

const keyOf = (roleId: string, withinTeamId: string | null) => `${roleId} ${withinTeamId}`

/** A role in an audit event: its slug, the team that it is limited to, and its end. */
const labelOf = ({
  slug,
  within,
  until,
}: {
  slug: string
  within: string | undefined
  until?: Date | null | undefined
}) => `${slug}${within === undefined ? '' : ` within ${within}`}${until ? ` until ${until.toISOString()}` : ''}`

/** The roles that the subject has by itself, sorted by their labels. */
async function rolesOf({ roleAssignments, clock }: RoleAssigner, subject: AssignmentSubject) {
  const list = {
    user: roleAssignments.listForUser,
    team: roleAssignments.listForTeam,
    service_account: roleAssignments.listForServiceAccount,
  }
  const assignments = await list[subject.type](subject)
  return assignments
    .filter((assignment) => isAssignmentEffective(assignment, clock.now()))
    .filter(({ through }) => subject.type !== 'user' || through === null)
    .map(({ role, within, expiresAt }) => ({
      key: keyOf(role.id, within?.id ?? null),
      label: labelOf({ slug: role.slug, within: within?.slug, until: expiresAt }),
    }))
    .toSorted((one, other) => (one.label < other.label ? -1 : 1))
}

/** A caller whose permission is limited to teams assigns roles within these only. Others do not exist for it. */
function assertMayAssignWithin({ limitedToTeams }: AdminContext, withinTeamId: string | null): void {
  if (limitedToTeams === undefined) return
  if (withinTeamId === null || !limitedToTeams.includes(withinTeamId)) throw new UnknownTeam(['teamId'])
}

async function findWithin({ teams, clock }: RoleAssigner, { organisationId }: AdminContext, id: string) {
  const team = await teams.find({ id, organisationId }, clock.now())
  if (!team) throw new UnknownTeam(['teamId'])
  return team
}

const subjectNotFound = ({ type }: AssignmentSubject) =>
  type === 'user' ? new UserNotFound() : type === 'team' ? new TeamNotFound() : new ServiceAccountNotFound()

function settled<Done>(subject: AssignmentSubject, outcome: Done | AssignmentRefusal): Done {
  switch (outcome) {
    case 'not_found':
      throw subjectNotFound(subject)
    case 'unknown_role':
      throw new UnknownRoles(['roleId'])
    case 'unknown_team':
      throw new UnknownTeam(['teamId'])
    case 'last_owner':
      throw new LastOwner()
    default:
      return outcome
  }
}
