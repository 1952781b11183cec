import {
  createUser,
  getUser,
  listSignInMethods,
  listUserConsents,
  listUserGrants,
  listUserRoles,
  listUsers,
  listUserSessions,
  updateUser,
  type User,
} from 'cerberus-idp-admin-client'
import { anyResource, type Parameter, type RelatedList, type Resource } from './resource.ts'
import { assignmentColumns, showAssignment } from './role-assignments.ts'
import { userActs } from './user-acts.ts'

const details: readonly Parameter[] = [
  { name: 'firstName', usage: '--first-name <name>', help: 'the first name' },
  { name: 'lastName', usage: '--last-name <name>', help: 'the last name' },
  { name: 'phone', usage: '--phone <number>', help: 'the phone number, with country code' },
  { name: 'locale', usage: '--locale <tag>', help: 'the language, such as de or en-GB' },
  { name: 'externalId', usage: '--external-id <id>', help: 'the id in another system' },
]

const sessions: RelatedList<User> = {
  verb: 'sessions',
  help: 'list the sessions of a user',
  example: 'ada@acme.example',
  plural: 'sessions',
  columns: [{ member: 'id', isIdentifier: true }, 'ipAddress', 'lastActivityAt', 'authenticatedAt', 'userAgent'],
  list: ({ id }) => listUserSessions(id),
}
const grants: RelatedList<User> = {
  verb: 'grants',
  help: 'list what a user has granted to clients',
  example: 'ada@acme.example',
  plural: 'grants',
  columns: [{ member: 'id', isIdentifier: true }, 'client', 'scopes', 'createdAt', 'offline'],
  paged: true,
  list: ({ id }, query) => listUserGrants(id, query),
  show: showClient,
}
const consents: RelatedList<User> = {
  verb: 'consents',
  help: 'list the scopes that a user is not asked for again',
  example: 'ada@acme.example',
  plural: 'consents',
  columns: [{ member: 'client', isIdentifier: true }, 'scopes', 'grantedAt'],
  paged: true,
  list: ({ id }, query) => listUserConsents(id, query),
  show: showClient,
}
/** A client by its clientId. */
function showClient(item: object): object {
  const { client } = item as { client?: { clientId?: string } }
  return { ...item, client: client?.clientId }
}

const resource: Resource<User> = {
  noun: 'user',
  plural: 'users',
  help: 'users of the organisation',
  columns: [
    { member: 'email', isIdentifier: true },
    'name',
    'status',
    { member: 'roles', short: ({ roles }) => roles.map(({ slug }) => slug).join(' ') },
    { member: 'lastLoginAt', heading: 'LAST_SIGN_IN' },
    { member: 'mfaEnabled', heading: 'MFA' },
    { member: 'teams', short: ({ teams }) => teams.map(({ slug }) => slug).join(' ') },
    { member: 'id', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ email, name }) => [email, name],
  list: listUsers,
  listExample: '--role support --status blocked --sort -lastLoginAt',
  filters: [
    { name: 'search', usage: '--search <text>', help: 'part of an e-mail address, a name, a phone number or an id' },
    { name: 'role', usage: '--role <role>', help: 'only users with this role' },
    { name: 'team', usage: '--team <team>', help: 'only members of this team' },
    {
      name: 'status',
      usage: '--status <status>',
      help: 'only users with this status',
      choices: ['active', 'blocked', 'suspended', 'deleted'],
    },
    {
      name: 'mfaEnabled',
      usage: '--mfa <enabled>',
      help: 'only users with a second factor, or without one',
      choices: ['true', 'false'],
    },
    {
      name: 'sort',
      usage: '--sort <member>',
      help: 'email, name, createdAt, lastLoginAt …; descending after a hyphen',
    },
  ],
  get: getUser,
  lookup: (name) => ({ email: name }),
  show: ({ roles, teams, membership, ...user }) => ({
    ...user,
    membership: membership.state,
    roles: roles.map(({ slug }) => slug),
    teams: teams.map(({ slug }) => slug),
  }),
  create: {
    operationId: 'createUser',
    help: 'create a user, who has no password until one is set',
    example: 'ada@acme.example --first-name Ada --role support',
    parameters: [
      { name: 'email', usage: '[email]', help: 'the e-mail address; it can also be in --data' },
      ...details,
      { name: 'emailVerified', usage: '--email-verified', help: 'the address is known to be right', type: 'boolean' },
      { name: 'roleIds', usage: '--role <role...>', help: 'roles; default the default role', refersTo: 'role' },
      { name: 'teamIds', usage: '--team <team...>', help: 'teams that the user joins', refersTo: 'team' },
    ],
    request: createUser,
  },
  change: {
    operationId: 'updateUser',
    help: 'change a user; without an option, in your editor',
    example: 'ada@acme.example --last-name Lovelace --set locale=en-GB',
    parameters: details,
    request: updateUser,
    except: ['blockedAt', 'blockedReason'],
  },
  related: [
    {
      verb: 'roles',
      help: 'list the roles of a user, also those through teams',
      example: 'ada@acme.example',
      plural: 'roles',
      columns: assignmentColumns,
      list: ({ id }) => listUserRoles(id),
      show: showAssignment,
    },
    sessions,
    grants,
    consents,
    {
      verb: 'sign-in-methods',
      help: 'list the ways in which a user can sign in',
      example: 'ada@acme.example',
      plural: 'sign-in methods',
      columns: ['type', 'id', 'name', 'lastUsedAt'],
      list: ({ id }) => listSignInMethods(id),
    },
  ],
  acts: userActs,
}

export const users = anyResource(resource)
