import type { RoleAssignment } from 'cerberus-idp-admin-client'
import type { Columns } from '../output/table.ts'

/** A role that a user or a team has, as a row. */
export function showAssignment(assignment: object): object {
  const { role, team, within, grantedAt, expiresAt, isEffective } = assignment as RoleAssignment
  return {
    role: role.slug,
    through: team?.slug ?? null,
    within: within?.slug ?? null,
    expiresAt,
    grantedAt,
    isEffective,
  }
}

export const assignmentColumns: Columns<Record<string, unknown>> = [
  { member: 'role', isIdentifier: true },
  'through',
  'within',
  'expiresAt',
  'grantedAt',
  { member: 'isEffective', heading: 'EFFECTIVE' },
]
