// `directory` has the requests about users, roles, teams and what belongs to them.

import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import type { Page } from '../paging.ts'
import type { NewRoleAssignment, RoleAssignment, RoleSummary } from './role-assignments.ts'
import type { TeamSummary } from './teams.ts'

const USERS_PATH = '/v1/admin/users'

/** A role that a user has by themselves, in the whole organisation. */
export interface UserRole extends RoleSummary {
  expiresAt: string | null
}

/** How a user belongs to the organisation. Times are ISO 8601. */
export interface UserMembership {
  state: string
  source: string
  suspendedAt: string | null
  suspendedReason: string | null
  joinedAt: string
}

/** A user of the organisation. Times are ISO 8601. */
export interface User {
  id: string
  externalId: string | null
  email: string
  emailVerified: boolean
  name: string | null
  firstName: string | null
  middleName: string | null
  lastName: string | null
  nickname: string | null
  preferredUsername: string | null
  profile: string | null
  picture: string | null
  website: string | null
  gender: string | null
  birthdate: string | null
  zoneinfo: string | null
  locale: string | null
  phone: string | null
  phoneVerified: boolean
  address: Record<string, string> | null
  status: string
  blockedAt: string | null
  blockedReason: string | null
  deletedAt: string | null
  hasPassword: boolean
  mfaEnabled: boolean
  lastLoginAt: string | null
  createdAt: string
  updatedAt: string
  membership: UserMembership
  roles: UserRole[]
  teams: TeamSummary[]
  attributes: Record<string, unknown>
}

/** A page of users; `nextCursor` continues the list, and is null on the last page. */
export interface UserPage extends Page<User> {
  nextCursor: string | null
}

/** A session of a user. Times are ISO 8601. */
export interface UserSession {
  id: string
  ipAddress: string | null
  userAgent: string | null
  authenticatedAt: string
  lastActivityAt: string
  expiresAt: string
  createdAt: string
}

/** How many sessions and grants of a user an act ended. */
export interface EndedAccess {
  sessions: number
  grants: number
}

/** Whether a user has a permission, and through which roles. */
export interface EffectivePermission {
  permission: string
  granted: boolean
  /** `team` is the team through which the user has the role, and `within` the team that it is limited to. */
  through: {
    role: RoleSummary
    permission: string
    team: TeamSummary | null
    within: TeamSummary | null
    expiresAt: string | null
  }[]
}

function userPath(id: string, below = ''): string {
  return `${USERS_PATH}/${encodeURIComponent(id)}${below}`
}

export const listUsers = (query: Query = {}): ApiRequest<UserPage> => ({
  method: 'GET',
  path: withQuery(USERS_PATH, query),
})

export const getUser = (id: string): ApiRequest<User> => ({ method: 'GET', path: userPath(id) })

export const createUser = (details: unknown): ApiRequest<User> => ({
  ...jsonBody(details),
  method: 'POST',
  path: USERS_PATH,
})

export const updateUser = (id: string, changes: unknown): ApiRequest<User> => ({
  ...jsonBody(changes),
  method: 'PATCH',
  path: userPath(id),
})

/** With `erase`, the user cannot be restored. */
export const deleteUser = (id: string, { erase = false }: { erase?: boolean } = {}): ApiRequest => ({
  method: 'DELETE',
  path: withQuery(userPath(id), erase ? { erase: 'true' } : {}),
})

export const restoreUser = (id: string): ApiRequest<User> => ({ method: 'POST', path: userPath(id, '/restore') })

/** Suspends the membership: sessions and everything issued in the organisation end. */
export const suspendUser = (id: string, reason: string | null = null): ApiRequest<User> => ({
  ...jsonBody({ reason }),
  method: 'POST',
  path: userPath(id, '/suspend'),
})

export const reactivateUser = (id: string): ApiRequest<User> => ({ method: 'POST', path: userPath(id, '/reactivate') })

/** The roles by themselves and through teams, those that have ended included. */
export const listUserRoles = (id: string): ApiRequest<{ data: RoleAssignment[] }> => ({
  method: 'GET',
  path: userPath(id, '/roles'),
})

export const assignRole = (id: string, assignment: NewRoleAssignment): ApiRequest<{ message: string }> => ({
  ...jsonBody(assignment),
  method: 'POST',
  path: userPath(id, '/roles'),
})

/** With `teamId`, the role that is limited to this team. */
export const removeRole = (id: string, roleId: string, teamId?: string): ApiRequest<{ message: string }> => ({
  method: 'DELETE',
  path: withQuery(userPath(id, `/roles/${encodeURIComponent(roleId)}`), teamId === undefined ? {} : { teamId }),
})

export const explainPermission = (id: string, permission: string): ApiRequest<EffectivePermission> => ({
  method: 'GET',
  path: withQuery(userPath(id, '/effective'), { permission }),
})

export const listUserSessions = (id: string): ApiRequest<{ data: UserSession[] }> => ({
  method: 'GET',
  path: userPath(id, '/sessions'),
})

export const endUserSessions = (id: string): ApiRequest<EndedAccess> => ({
  method: 'DELETE',
  path: userPath(id, '/sessions'),
})

/** Mails a link to the new address, which confirms the change. */
export const changeUserEmail = (id: string, email: string): ApiRequest<{ message: string; pendingEmail: string }> => ({
  ...jsonBody({ email }),
  method: 'POST',
  path: userPath(id, '/email'),
})

export const resetUserMfa = (id: string): ApiRequest<EndedAccess> => ({
  method: 'DELETE',
  path: userPath(id, '/mfa'),
})

export const setUserPassword = (id: string, password: string): ApiRequest<EndedAccess> => ({
  ...jsonBody({ password }),
  method: 'POST',
  path: userPath(id, '/password'),
})
