import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import type { Page } from '../paging.ts'
import type { NewRoleAssignment, RoleAssignment, RoleSummary } from './role-assignments.ts'

const TEAMS_PATH = '/v1/admin/teams'

/** A team by its names. */
export interface TeamSummary {
  id: string
  name: string
  slug: string
}

/** A member of a team. Times are ISO 8601. */
export interface TeamMember {
  id: string
  email: string
  name: string | null
  joinedAt: string
}

/** A team of the organisation, with its first 50 members. Times are ISO 8601. */
export interface Team extends TeamSummary {
  description: string | null
  organisationId: string
  members: TeamMember[]
  /** The roles that all members have now, in the whole organisation. */
  roles: RoleSummary[]
  createdAt: string
  updatedAt: string
  _count: { members: number }
}

/** The users whom a request added or removed. */
export interface ChangedMembers {
  message: string
  teamId: string
  userId: string
  userIds: string[]
}

function teamPath(id: string, below = ''): string {
  return `${TEAMS_PATH}/${encodeURIComponent(id)}${below}`
}

export const listTeams = (query: Query = {}): ApiRequest<Page<Team>> => ({
  method: 'GET',
  path: withQuery(TEAMS_PATH, query),
})

export const getTeam = (id: string): ApiRequest<Team> => ({ method: 'GET', path: teamPath(id) })

export const createTeam = (settings: unknown): ApiRequest<Team> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: TEAMS_PATH,
})

export const updateTeam = (id: string, changes: unknown): ApiRequest<Team> => ({
  ...jsonBody(changes),
  method: 'PATCH',
  path: teamPath(id),
})

export const deleteTeam = (id: string): ApiRequest => ({ method: 'DELETE', path: teamPath(id) })

export const listTeamMembers = (id: string, query: Query = {}): ApiRequest<Page<TeamMember>> => ({
  method: 'GET',
  path: withQuery(teamPath(id, '/members'), query),
})

export const addTeamMembers = (id: string, userIds: readonly string[]): ApiRequest<ChangedMembers> => ({
  ...jsonBody({ userIds }),
  method: 'POST',
  path: teamPath(id, '/members'),
})

export const removeTeamMember = (id: string, userId: string): ApiRequest<ChangedMembers> => ({
  method: 'DELETE',
  path: teamPath(id, `/members/${encodeURIComponent(userId)}`),
})

export const listTeamRoles = (id: string): ApiRequest<{ data: RoleAssignment[] }> => ({
  method: 'GET',
  path: teamPath(id, '/roles'),
})

export const assignTeamRole = (id: string, assignment: NewRoleAssignment): ApiRequest<{ message: string }> => ({
  ...jsonBody(assignment),
  method: 'POST',
  path: teamPath(id, '/roles'),
})

/** With `teamId`, the role that is limited to this team. */
export const removeTeamRole = (id: string, roleId: string, teamId?: string): ApiRequest<{ message: string }> => ({
  method: 'DELETE',
  path: withQuery(teamPath(id, `/roles/${encodeURIComponent(roleId)}`), teamId === undefined ? {} : { teamId }),
})
