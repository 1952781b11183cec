import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import type { Page } from '../paging.ts'
import type { NewRoleAssignment, RoleAssignment, RoleSummary } from './role-assignments.ts'

const SERVICE_ACCOUNTS_PATH = '/v1/admin/service-accounts'

/** The account of a program. Times are ISO 8601. */
export interface ServiceAccount {
  id: string
  name: string
  description: string | null
  /** While it is disabled, the account and its API keys can do nothing. */
  status: 'active' | 'disabled'
  organisationId: string
  /** The roles that it has now, in the whole organisation. */
  roles: RoleSummary[]
  /** The number of its active API keys. */
  apiKeyCount: number
  createdBy: string | null
  createdAt: string
  updatedAt: string
}

function accountPath(id: string, below = ''): string {
  return `${SERVICE_ACCOUNTS_PATH}/${encodeURIComponent(id)}${below}`
}

export const listServiceAccounts = (query: Query = {}): ApiRequest<Page<ServiceAccount>> => ({
  method: 'GET',
  path: withQuery(SERVICE_ACCOUNTS_PATH, query),
})

export const getServiceAccount = (id: string): ApiRequest<ServiceAccount> => ({ method: 'GET', path: accountPath(id) })

export const createServiceAccount = (settings: unknown): ApiRequest<ServiceAccount> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: SERVICE_ACCOUNTS_PATH,
})

export const updateServiceAccount = (id: string, changes: unknown): ApiRequest<ServiceAccount> => ({
  ...jsonBody(changes),
  method: 'PATCH',
  path: accountPath(id),
})

export const deleteServiceAccount = (id: string): ApiRequest => ({ method: 'DELETE', path: accountPath(id) })

export const listServiceAccountRoles = (id: string): ApiRequest<{ data: RoleAssignment[] }> => ({
  method: 'GET',
  path: accountPath(id, '/roles'),
})

export const assignServiceAccountRole = (
  id: string,
  assignment: NewRoleAssignment,
): ApiRequest<{ message: string }> => ({
  ...jsonBody(assignment),
  method: 'POST',
  path: accountPath(id, '/roles'),
})

/** With `teamId`, the role that is limited to this team. */
export const removeServiceAccountRole = (
  id: string,
  roleId: string,
  teamId?: string,
): ApiRequest<{ message: string }> => ({
  method: 'DELETE',
  path: withQuery(accountPath(id, `/roles/${encodeURIComponent(roleId)}`), teamId === undefined ? {} : { teamId }),
})
