import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import type { Page } from '../paging.ts'

const ROLES_PATH = '/v1/admin/roles'
const PERMISSIONS_PATH = '/v1/admin/permissions'

/** A permission that roles can have. */
export interface Permission {
  id: string
  slug: string
  name: string
  description: string
  category: string
  resource: string
  action: string
}

/** A named set of permissions. Times are ISO 8601. */
export interface Role {
  id: string
  name: string
  slug: string
  description: string | null
  isDefault: boolean
  /** Whether the server created it. */
  isSystemRole: boolean
  organisationId: string
  permissions: Permission[]
  createdAt: string
  updatedAt: string
  _count: { users: number; teams: number }
}

/** A permission by id, or by slug or alias. */
export type PermissionName = { permissionId: string } | { permission: string }

/** The permissions that a role was given, or that were revoked from it. */
export interface ChangedPermissions {
  message: string
  roleId: string
  permissionId: string
  permissions: Pick<Permission, 'id' | 'slug'>[]
}

function rolePath(id: string, below = ''): string {
  return `${ROLES_PATH}/${encodeURIComponent(id)}${below}`
}

export const listRoles = (query: Query = {}): ApiRequest<Page<Role>> => ({
  method: 'GET',
  path: withQuery(ROLES_PATH, query),
})

export const getRole = (id: string): ApiRequest<Role> => ({ method: 'GET', path: rolePath(id) })

export const createRole = (settings: unknown): ApiRequest<Role> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: ROLES_PATH,
})

export const updateRole = (id: string, changes: unknown): ApiRequest<Role> => ({
  ...jsonBody(changes),
  method: 'PATCH',
  path: rolePath(id),
})

export const deleteRole = (id: string): ApiRequest => ({ method: 'DELETE', path: rolePath(id) })

export const grantPermission = (id: string, permission: PermissionName): ApiRequest<ChangedPermissions> => ({
  ...jsonBody(permission),
  method: 'POST',
  path: rolePath(id, '/permissions'),
})

export const revokePermission = (id: string, permissionId: string): ApiRequest<ChangedPermissions> => ({
  method: 'DELETE',
  path: rolePath(id, `/permissions/${encodeURIComponent(permissionId)}`),
})

export const listPermissions = (query: Query = {}): ApiRequest<Page<Permission>> => ({
  method: 'GET',
  path: withQuery(PERMISSIONS_PATH, query),
})

export const getPermission = (id: string): ApiRequest<Permission> => ({
  method: 'GET',
  path: `${PERMISSIONS_PATH}/${encodeURIComponent(id)}`,
})
