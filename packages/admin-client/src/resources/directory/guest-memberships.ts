import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import type { Page } from '../paging.ts'
import type { NewRoleAssignment, RoleAssignment } from './role-assignments.ts'

const MEMBERSHIPS_PATH = '/v1/admin/memberships'

/** A member whose home is another organisation. Times are ISO 8601. */
export interface GuestMembership {
  userId: string
  email: string
  name: string | null
  homeOrganisation: { id: string; slug: string; name: string }
  state: 'active' | 'suspended'
  source: string
  suspendedReason: string | null
  /** Those in the whole organisation that the user has by themselves. */
  roles: { id: string; name: string; slug: string }[]
  teams: { id: string; name: string; slug: string }[]
  joinedAt: string
}

function membershipPath(userId: string, below = ''): string {
  return `${MEMBERSHIPS_PATH}/${encodeURIComponent(userId)}${below}`
}

export const listGuestMemberships = (query: Query = {}): ApiRequest<Page<GuestMembership>> => ({
  method: 'GET',
  path: withQuery(MEMBERSHIPS_PATH, query),
})

export const getGuestMembership = (userId: string): ApiRequest<GuestMembership> => ({
  method: 'GET',
  path: membershipPath(userId),
})

export const suspendGuestMembership = (userId: string, reason?: string): ApiRequest<GuestMembership> => ({
  ...jsonBody(reason === undefined ? {} : { reason }),
  method: 'POST',
  path: membershipPath(userId, '/suspend'),
})

export const reactivateGuestMembership = (userId: string): ApiRequest<GuestMembership> => ({
  method: 'POST',
  path: membershipPath(userId, '/reactivate'),
})

export const removeGuestMembership = (userId: string): ApiRequest => ({
  method: 'DELETE',
  path: membershipPath(userId),
})

export const listGuestRoles = (userId: string): ApiRequest<{ data: RoleAssignment[] }> => ({
  method: 'GET',
  path: membershipPath(userId, '/roles'),
})

export const assignGuestRole = (userId: string, assignment: NewRoleAssignment): ApiRequest<{ message: string }> => ({
  ...jsonBody(assignment),
  method: 'POST',
  path: membershipPath(userId, '/roles'),
})

/** With `teamId`: the role that is limited to this team. */
export const removeGuestRole = (userId: string, roleId: string, teamId?: string): ApiRequest<{ message: string }> => ({
  method: 'DELETE',
  path: withQuery(
    membershipPath(userId, `/roles/${encodeURIComponent(roleId)}`),
    teamId === undefined ? {} : { teamId },
  ),
})
