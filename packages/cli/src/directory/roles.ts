import {
  type ApiRequest,
  assignRole,
  assignServiceAccountRole,
  assignTeamRole,
  createRole,
  deleteRole,
  getPermission,
  getRole,
  grantPermission,
  listPermissions,
  listRoles,
  type Permission,
  removeRole,
  removeServiceAccountRole,
  removeTeamRole,
  revokePermission,
  type Role,
  updateRole,
} from 'cerberus-idp-admin-client'
import { anyResource, type Parameter, type Resource, text, type Values } from './resource.ts'

const settings: readonly Parameter[] = [
  { name: 'description', usage: '--description <text>', help: 'for administrators' },
  { name: 'isDefault', usage: '--default', help: 'users without another role get this one', type: 'boolean' },
]

/** Who is given a role, and where. */
const holder: readonly Parameter[] = [
  { name: 'user', usage: '--user <user>', help: 'a user, by e-mail address or id', refersTo: 'user' },
  { name: 'team', usage: '--team <team>', help: 'all members of a team', refersTo: 'team' },
  {
    name: 'account',
    usage: '--service-account <service-account>',
    help: 'a service account',
    refersTo: 'service-account',
  },
  { name: 'within', usage: '--within <team>', help: 'only for the members of this team', refersTo: 'team' },
]

const holderProblem = ({ user, team, account }: Values) =>
  [user, team, account].filter((one) => one !== undefined).length === 1
    ? undefined
    : 'Name one of --user, --team and --service-account.'

const until: Parameter = { name: 'until', usage: '--until <time>', help: 'when the role ends, in ISO 8601' }

function assign({ id }: Role, { user, team, account, within, until: expiresAt }: Values): ApiRequest {
  const assignment = {
    roleId: id,
    ...(within !== undefined && { teamId: text(within) }),
    ...(expiresAt !== undefined && { expiresAt: text(expiresAt) }),
  }
  if (account !== undefined) return assignServiceAccountRole(text(account), assignment)
  return user === undefined ? assignTeamRole(text(team), assignment) : assignRole(text(user), assignment)
}

function unassign({ id }: Role, { user, team, account, within }: Values): ApiRequest {
  const limit = within === undefined ? undefined : text(within)
  if (account !== undefined) return removeServiceAccountRole(text(account), id, limit)
  return user === undefined ? removeTeamRole(text(team), id, limit) : removeRole(text(user), id, limit)
}

const messageOf = (body: unknown) => text((body as { message?: unknown }).message)

const roleResource: Resource<Role> = {
  noun: 'role',
  plural: 'roles',
  help: 'roles of the organisation, and who has them',
  columns: [
    { member: 'slug', isIdentifier: true },
    'name',
    { member: '_count', heading: 'USERS', short: ({ _count }) => String(_count.users) },
    { member: 'isDefault', heading: 'DEFAULT' },
    { member: 'permissions', short: ({ permissions }) => permissions.map(({ slug }) => slug).join(' ') },
    'description',
    { member: 'id', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ slug, name }) => [slug, name],
  list: listRoles,
  listExample: '--search support',
  filters: [
    { name: 'search', usage: '--search <text>', help: 'part of a slug, a name or a description' },
    { name: 'sort', usage: '--sort <member>', help: 'name, slug, createdAt …; descending after a hyphen' },
  ],
  get: getRole,
  show: ({ permissions, _count, organisationId: _, ...role }) => ({
    ...role,
    permissions: permissions.map(({ slug }) => slug),
    users: _count.users,
    teams: _count.teams,
  }),
  create: {
    operationId: 'createRole',
    help: 'create a role',
    example: 'support --name Support --permission users:read teams:read',
    parameters: [
      { name: 'slug', usage: '[slug]', help: 'its slug, which never changes; it can also be in --data' },
      { name: 'name', usage: '--name <name>', help: 'its name; default the slug' },
      ...settings,
      { name: 'permissions', usage: '--permission <permission...>', help: 'what it allows' },
    ],
    hasDryRun: true,
    body: (values) => ({ name: values['slug'], ...values }),
    request: createRole,
  },
  change: {
    operationId: 'updateRole',
    help: 'change a role; without an option, in your editor',
    example: 'support --name "Customer support"',
    parameters: [{ name: 'name', usage: '--name <name>', help: 'its name' }, ...settings],
    hasDryRun: true,
    request: updateRole,
  },
  acts: [
    {
      verb: 'delete',
      help: 'delete a role that no user and no team has',
      example: 'support --dry-run',
      hasDryRun: true,
      question: (title) => `Delete the role ${title}?`,
      request: ({ id }) => deleteRole(id),
      done: (title) => `Deleted the role ${title}.`,
    },
    {
      verb: 'grant',
      help: 'give a role a permission',
      example: 'support users:read',
      parameters: [{ name: 'permission', usage: '<permission>', help: 'its slug or an alias' }],
      hasDryRun: true,
      request: ({ id }, { permission }) => grantPermission(id, { permission: text(permission) }),
      done: (title, { permission }) => `The role ${title} has ${text(permission)}.`,
    },
    {
      verb: 'revoke',
      help: 'revoke a permission from a role',
      example: 'support users:read',
      parameters: [{ name: 'permission', usage: '<permission>', help: 'its slug', refersTo: 'permission' }],
      hasDryRun: true,
      question: (title) => `Revoke the permission from the role ${title}? Users lose it immediately.`,
      request: ({ id }, { permission }) => revokePermission(id, text(permission)),
      done: (title) => `Revoked the permission from the role ${title}.`,
    },
    {
      verb: 'assign',
      help: 'give a user, a team or a service account a role, also limited to a team or until a time',
      example: 'support --user ada@acme.example --until 2027-12-31T00:00:00Z',
      parameters: [...holder, until],
      problem: holderProblem,
      request: assign,
      done: (_title, _values, body) => messageOf(body),
    },
    {
      verb: 'unassign',
      help: 'take a role from a user, a team or a service account',
      example: 'support --user ada@acme.example',
      parameters: holder,
      problem: holderProblem,
      question: (title, { user, team }) =>
        `Take the role ${title} from the ${user ? 'user' : team ? 'team' : 'service account'}?`,
      request: unassign,
      done: (_title, _values, body) => messageOf(body),
    },
  ],
}

const permissionResource: Resource<Permission> = {
  noun: 'permission',
  plural: 'permissions',
  help: 'permissions that roles can have',
  columns: [{ member: 'slug', isIdentifier: true }, 'name', 'category', 'description'],
  idOf: ({ id }) => id,
  namesOf: ({ slug, name }) => [slug, name],
  list: listPermissions,
  listExample: '--all',
  filters: [],
  get: getPermission,
  lookup: () => ({}),
}

export const roles = anyResource(roleResource)
export const permissions = anyResource(permissionResource)
