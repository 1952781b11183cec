import {
  type ApiKey,
  createApiKey,
  getApiKey,
  issueApiKeyToken,
  listApiKeys,
  reportLeakedApiKeys,
  revokeApiKey,
  rotateApiKey,
} from 'cerberus-idp-admin-client'
import { anyResource, type Parameter, type Resource, text, texts } from './resource.ts'

/** How long the old value of what is rotated still works. */
export const overlap: Parameter = {
  name: 'overlapSeconds',
  usage: '--overlap <seconds>',
  help: 'how long the old one still works; default a day',
  type: 'number',
}

export const DAY_SECONDS = 86_400

const resource: Resource<ApiKey> = {
  noun: 'api-key',
  plural: 'API keys',
  help: 'API keys of users and service accounts',
  columns: [
    'name',
    { member: 'prefix', isIdentifier: true },
    'status',
    'scopes',
    { member: 'expiresAt', heading: 'EXPIRES' },
    { member: 'lastUsedAt', heading: 'LAST_USED' },
    { member: 'id', isIdentifier: true },
    { member: 'userId', isIdentifier: true },
    { member: 'serviceAccountId', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ prefix, name }) => [prefix, name],
  list: listApiKeys,
  listExample: '--status active',
  filters: [
    { name: 'search', usage: '--search <text>', help: 'part of a name or a prefix' },
    { name: 'userId', usage: '--user <user>', help: 'only keys of this user', refersTo: 'user' },
    {
      name: 'serviceAccountId',
      usage: '--service-account <service-account>',
      help: 'only keys of this service account',
      refersTo: 'service-account',
    },
    {
      name: 'status',
      usage: '--status <status>',
      help: 'only keys with this status',
      choices: ['active', 'expired', 'revoked'],
    },
  ],
  get: getApiKey,
  show: (key) => {
    // Other names of the same values.
    const { keyPrefix, active, organisationId, warning, ...shown } = key as ApiKey & Record<string, unknown>
    return shown
  },
  create: {
    operationId: 'createApiKey',
    help: 'create an API key, of your own or of a service account, which is shown once',
    example: "'Nightly report' --scope users:read --expires-in-days 30",
    parameters: [
      { name: 'name', usage: '[name]', help: 'its name; it can also be in --data' },
      { name: 'scopes', usage: '--scope <permission...>', help: 'permissions that you hold' },
      { name: 'expiresInDays', usage: '--expires-in-days <days>', help: 'at most 365; default 90', type: 'number' },
      {
        name: 'serviceAccountId',
        usage: '--service-account <service-account>',
        help: 'a key of this service account instead',
        refersTo: 'service-account',
      },
      { name: 'allowedAddresses', usage: '--allow <address...>', help: 'addresses and networks that may use it' },
    ],
    request: createApiKey,
  },
  acts: [
    {
      verb: 'rotate',
      help: 'replace an API key by a new one, which is shown once',
      example: "'Nightly report' --overlap 3600",
      lookup: { status: 'active' },
      parameters: [overlap],
      question: (title) => `Rotate the API key ${title}?`,
      request: ({ id }, { overlapSeconds }) => rotateApiKey(id, Number(overlapSeconds ?? DAY_SECONDS)),
      result: (body) => body,
    },
    {
      verb: 'revoke',
      help: 'revoke an API key: it is rejected immediately',
      example: "'Nightly report'",
      lookup: { status: 'active' },
      question: (title) => `Revoke the API key ${title}?`,
      request: ({ id }) => revokeApiKey(id),
      done: (title) => `Revoked the API key ${title}.`,
    },
  ],
  ownActs: [
    {
      verb: 'exchange',
      help: 'exchange the API key of this context, or in CERBERUS_TOKEN, for a short token of another API',
      example: 'https://api.example.com --scope users:read',
      parameters: [
        { name: 'audience', usage: '<audience>', help: 'the API that reads the token' },
        { name: 'scopes', usage: '--scope <permission...>', help: 'what the token may do; default all' },
      ],
      request: ({ audience, scopes }) =>
        issueApiKeyToken({ audience: text(audience), ...(scopes !== undefined && { scopes: texts(scopes) }) }),
    },
    {
      verb: 'report-leak',
      help: 'revoke API keys that were published',
      example: 'keys.txt --found-at https://git.example.com/project/file',
      parameters: [
        { name: 'keys', usage: '<file>', help: 'a file with one key per line, or - for standard input', type: 'file' },
        { name: 'foundAt', usage: '--found-at <address>', help: 'where they were found' },
      ],
      question: () => 'Report these API keys? Those of this server are revoked.',
      request: ({ keys, foundAt }) =>
        reportLeakedApiKeys({
          keys: text(keys).split(/\s+/).filter(Boolean),
          ...(foundAt !== undefined && { foundAt: text(foundAt) }),
        }),
      done: (body) => (body as { message: string }).message,
    },
  ],
}

export const apiKeys = anyResource(resource)
