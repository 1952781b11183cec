// `permissions` owns the catalogue of permissions, the system roles of every organisation, and changes of roles.
// The server writes catalogue and system roles to the database at start.
// Checking a caller's permission belongs to `admin/context.ts`.

import type { PermissionDefinition, RoleDefinition } from '../model/organisations/bootstrap.ts'
import { canonicalPermissions } from '../model/permissions/permission.ts'

/** The resources and their actions. A permission has the form `resource:action`. */
const permissionResources = {
  organisation: { name: 'organisation', actions: ['read', 'update', 'delete'] },
  users: { name: 'users', actions: ['create', 'read', 'update', 'delete'] },
  // Apart from the users, so that users:* does not include them.
  password_hashes: { name: 'password hashes', actions: ['export'] },
  roles: { name: 'roles', actions: ['create', 'read', 'update', 'delete'] },
  permissions: { name: 'permissions', actions: ['read'] },
  teams: { name: 'teams', actions: ['create', 'read', 'update', 'delete'] },
  clients: { name: 'clients', actions: ['create', 'read', 'update', 'delete', 'choose_id'] },
  webhooks: { name: 'webhooks', actions: ['create', 'read', 'update', 'delete'] },
  api_keys: { name: 'API keys', actions: ['create', 'read', 'revoke'] },
  service_accounts: { name: 'service accounts', actions: ['create', 'read', 'update', 'delete'] },
  resources: { name: 'resources', actions: ['create', 'read', 'update', 'delete'] },
  domains: { name: 'domains', actions: ['create', 'read', 'update', 'delete'] },
  invitations: { name: 'invitations', actions: ['create', 'read', 'update', 'delete'] },
  audit: { name: 'the audit trail', actions: ['read'] },
  // The keys belong to the server: these permissions have an effect in the operator's organisation only.
  signing_keys: { name: 'signing keys', actions: ['read', 'rotate'] },
  // Likewise. `organisations` is another name of `organisation`.
  system_organisations: { name: 'organisations of the server', actions: ['create', 'read', 'update', 'delete'] },
} as const

/** All permissions that a role can hold, wildcards included. */
export const permissionCatalogue: readonly PermissionDefinition[] = [
  { slug: '*', name: 'Everything', description: 'Do everything in the organisation.', category: 'organisation' },
  ...Object.entries(permissionResources).flatMap(([category, { name, actions }]) => [
    {
      slug: `${category}:*`,
      name: `All on ${name}`,
      description: `All actions on ${name}, including future ones.`,
      category,
    },
    ...actions.map((action) => ({
      slug: `${category}:${action}`,
      name: `${actionVerb(action)} ${name}`,
      description: `${actionVerb(action)} ${name} of the organisation.`,
      category,
    })),
  ]),
]

/**
 * Whether a scope is a permission on the management API: `*`, `resource:action` with a resource of the catalogue, or an
 * alias of one. The action may be one that the catalogue does not have.
 */
export function isPermission(scope: string): boolean {
  const [resource = '', action] = canonicalPermissions(scope)[0]?.split(':') ?? []
  return scope === '*' || (action !== undefined && Object.hasOwn(permissionResources, resource))
}

const NOT_OF_ADMINS: ReadonlySet<string> = new Set(['organisation', 'system_organisations', 'password_hashes'])

/** The roles of a new organisation. Only Owner may delete it. */
export const defaultRoles: readonly RoleDefinition[] = [
  {
    slug: 'owner',
    name: 'Owner',
    description: 'May do everything, including deleting the organisation.',
    isDefault: false,
    permissions: ['*'],
  },
  {
    slug: 'admin',
    name: 'Admin',
    description: 'May do everything except delete the organisation and export password hashes.',
    isDefault: false,
    permissions: [
      'organisation:read',
      'organisation:update',
      ...Object.keys(permissionResources)
        .filter((resource) => !NOT_OF_ADMINS.has(resource))
        .map((resource) => `${resource}:*`),
    ],
  },
  {
    slug: 'manager',
    name: 'Manager',
    description: 'Manages users, teams and invitations.',
    isDefault: false,
    permissions: [
      'organisation:read',
      'users:create',
      'users:read',
      'users:update',
      'roles:read',
      'permissions:read',
      'teams:read',
      'teams:update',
      'invitations:*',
    ],
  },
  {
    slug: 'staff',
    name: 'Staff',
    description: 'The role of users without another role.',
    isDefault: true,
    permissions: [
      'organisation:read',
      'users:create',
      'users:read',
      'roles:read',
      'permissions:read',
      'teams:read',
      'invitations:read',
    ],
  },
]

/** "Read", and so on. */
function actionVerb(action: string): string {
  return action === 'choose_id' ? 'Choose the client_id of' : capitalise(action)
}

function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
