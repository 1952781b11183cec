// `applications` describes what belongs to clients: the APIs that they request access tokens for.

import {
  createResource,
  deleteResource,
  getResource,
  listResources,
  type ProtectedResource,
  updateResource,
} from 'cerberus-idp-admin-client'
import { anyResource, type Parameter, type Resource } from '../resource.ts'

const settings: readonly Parameter[] = [
  {
    name: 'clientKinds',
    usage: '--client-kind <kind...>',
    help: 'which clients may request it',
    choices: ['all', 'first_party', 'managed', 'dcr', 'cimd'],
  },
  { name: 'clients', usage: '--client <client_id...>', help: 'clients that may request it besides these' },
  { name: 'accessTokenLifetime', usage: '--lifetime <seconds>', help: 'of its access tokens', type: 'number' },
  { name: 'accessTokenTyp', usage: '--typ <typ>', help: 'of JWT access tokens', choices: ['at+jwt', 'JWT'] },
  { name: 'accessTokenFormat', usage: '--format <format>', help: 'of access tokens', choices: ['jwt', 'opaque'] },
]

const resource: Resource<ProtectedResource> = {
  noun: 'resource',
  plural: 'resources',
  help: 'APIs that access tokens are issued for (RFC 8707)',
  columns: [
    'name',
    { member: 'identifier', isIdentifier: true },
    { member: 'scopes', short: ({ scopes }) => scopes.map(({ name }) => name).join(' ') },
    { member: 'clientKinds', heading: 'CLIENTS' },
    { member: 'isActive', heading: 'ACTIVE' },
    { member: 'id', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ identifier, name }) => [identifier, name],
  list: listResources,
  listExample: '--search example.com',
  filters: [
    { name: 'search', usage: '--search <text>', help: 'part of a name or an identifier' },
    { name: 'sort', usage: '--sort <member>', help: 'name, createdAt …; descending after a hyphen' },
  ],
  get: getResource,
  show: ({ organisationId: _, ...shown }) => shown,
  create: {
    operationId: 'createResource',
    help: 'create a resource',
    example: 'https://files.example.com/api --name Files --client-kind managed cimd',
    parameters: [
      {
        name: 'identifier',
        usage: '[identifier]',
        help: 'the URI that clients request it by; it can also be in --data',
      },
      { name: 'name', usage: '--name <name>', help: 'the consent page shows it' },
      ...settings,
    ],
    hasDryRun: true,
    request: createResource,
  },
  change: {
    operationId: 'updateResource',
    help: 'change a resource and its scopes; without an option, in your editor',
    example: 'https://files.example.com/api --lifetime 600',
    parameters: [{ name: 'name', usage: '--name <name>', help: 'the consent page shows it' }, ...settings],
    hasDryRun: true,
    request: updateResource,
  },
  acts: [
    {
      verb: 'delete',
      help: 'delete a resource: no token is issued for it any more',
      example: 'https://files.example.com/api --dry-run',
      hasDryRun: true,
      question: (title) => `Delete the resource ${title}? No token is issued for it any more.`,
      request: ({ id }) => deleteResource(id),
      done: (title) => `Deleted the resource ${title}.`,
    },
  ],
}

export const protectedResources = anyResource(resource)
