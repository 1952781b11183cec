import type { TeamSummary } from './teams.ts'

/** A role by its names. */
export interface RoleSummary {
  id: string
  name: string
  slug: string
}

/** A role that a user or a team has. Times are ISO 8601. */
export interface RoleAssignment {
  id: string
  role: RoleSummary
  /** The team that has the role; null: the user has it by themselves. */
  team: TeamSummary | null
  /** The team that the role is limited to; null: the whole organisation. */
  within: TeamSummary | null
  grantedBy: string | null
  grantedAt: string
  expiresAt: string | null
  /** Whether it has not ended. */
  isEffective: boolean
}

/** A role to assign. */
export interface NewRoleAssignment {
  roleId: string
  /** The team that the role is limited to. */
  teamId?: string | null
  /** ISO 8601. Left out: the role has no end. */
  expiresAt?: string | null
}
