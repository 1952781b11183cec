import type { AuditEvent } from '../audit/audit-event.ts'
import type { TeamSummary } from '../teams/team.ts'
import type { RoleSummary } from '../users/user.ts'

/** How long a role is assigned. */
export interface AssignmentPeriod {
  /** Null: it has no end. */
  expiresAt: Date | null
}

/** Whether an assigned role has an effect: without any job, it ends at this instant. */
export function isAssignmentEffective({ expiresAt }: AssignmentPeriod, now: Date): boolean {
  return expiresAt === null || expiresAt > now
}

/** A role that a user, a team or a service account has. */
export interface RoleAssignment extends AssignmentPeriod {
  id: string
  role: RoleSummary
  /** The permissions of the role. */
  permissions: string[]
  /** The team that has the role, as a member of which the user has it; null: the user has it by themselves. */
  through: TeamSummary | null
  /** The team whose members the holder may administer by the role; null: it counts in the whole organisation. */
  within: TeamSummary | null
  /** The user who assigned it; null: a client, or the server. */
  grantedBy: string | null
  grantedAt: Date
}

/** Who has a role, within an organisation: a user, all members of a team, or a service account. */
export interface AssignmentSubject {
  organisationId: string
  type: 'user' | 'team' | 'service_account'
  id: string
}

/** Which role, and where it counts. */
export interface AssignedRole {
  roleId: string
  /** Null: in the whole organisation. */
  withinTeamId: string | null
}

export interface NewAssignment extends AssignedRole, AssignmentPeriod {
  grantedBy: string | undefined
}

/**
 * Why an assignment was not changed. `not_found`: the subject does not exist. `unknown_team`: the
 * team that the role would be limited to does not. `last_owner`: the organisation would be without an active owner whose
 * role has no end.
 */
export type AssignmentRefusal = 'not_found' | 'unknown_role' | 'unknown_team' | 'last_owner'

/** Each change stores its audit event in the same transaction. */
export interface RoleAssignmentRepository {
  /** The roles that a user has by themselves and through teams, in every scope, those that have ended included. */
  listForUser(user: { id: string; organisationId: string }): Promise<RoleAssignment[]>
  /** The roles of a team, likewise. */
  listForTeam(team: { id: string; organisationId: string }): Promise<RoleAssignment[]>
  /** The roles of a service account, likewise. */
  listForServiceAccount(account: { id: string; organisationId: string }): Promise<RoleAssignment[]>
  /** The roles that are limited to this team, of users, teams and service accounts. */
  listWithinTeam(team: { id: string; organisationId: string }): Promise<RoleAssignment[]>
  /** Assigns a role, or sets the end of one that the subject has. `unchanged`: it has that end already. */
  assign(
    subject: AssignmentSubject,
    assignment: NewAssignment,
    event: AuditEvent,
  ): Promise<'assigned' | 'unchanged' | AssignmentRefusal>
  remove(
    subject: AssignmentSubject,
    assigned: AssignedRole,
    event: AuditEvent,
  ): Promise<'removed' | 'unchanged' | AssignmentRefusal>
  /**
   * Gives one user the role `owner` without an end, and takes it from another. `not_owner`: that one does not have it by
   * themselves without an end. `not_active`: the new owner is suspended or blocked.
   */
  transferOwnership(
    transfer: { organisationId: string; fromUserId: string; toUserId: string },
    event: AuditEvent,
  ): Promise<'transferred' | 'not_found' | 'not_owner' | 'not_active'>
}
