import type { OpenAPIV3_1 } from 'openapi-types'
import { z } from 'zod'
import { profileChangeSchema, profileSchema } from '../../accounts/profile.ts'
import { clientListSchema } from '../../clients/client-list.ts'
import { clientChangeSchema, newClientSchema } from '../../clients/metadata.ts'
import { warningSchema } from '../../clients/lint.ts'
import { rehearsalSchema } from '../../clients/rehearsal.ts'
import { advisedClientSchema, clientSchema, clientWithSecretSchema } from '../../clients/representation.ts'
import { metadataSchema } from './metadata-schema.ts'
import { oauthErrors, problemTypes } from './problem-types.ts'
import { shared } from './operation.ts'
import { registrationSchemas } from './registration-schemas.ts'
import { described, object, seconds, text } from './schema-parts.ts'
import { tokenSchemas } from './token-schemas.ts'

// The schemas of routes that get a name in the document; all others stand where they are used.
const named = {
  Client: clientSchema,
  AdvisedClient: advisedClientSchema,
  ClientWarning: warningSchema,
  ClientRehearsal: rehearsalSchema,
  ClientWithSecret: clientWithSecretSchema,
  ClientList: clientListSchema,
  NewClient: newClientSchema,
  ClientChange: clientChangeSchema,
  Profile: profileSchema,
  ProfileChange: profileChangeSchema,
} as const
for (const [id, schema] of Object.entries(named)) {
  z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id })
}

const tenant = object(['id', 'slug', 'name'], { id: text, slug: text, name: text })

/** The schemas of what no route schema describes. */
export const schemas: Readonly<Record<string, OpenAPIV3_1.SchemaObject>> = {
  ...registrationSchemas,
  Problem: object(
    ['type', 'title', 'status', 'detail', 'message', 'instance'],
    {
      type: described('The address of the paragraph about this type of problem.'),
      title: described('The type in words.'),
      status: { type: 'integer', description: 'The HTTP status.' },
      detail: described('What is wrong with this request, for whoever made it.'),
      message: described('The same as detail.'),
      instance: described('The id of the request, as in the header X-Request-Id.'),
      errors: {
        type: 'array',
        description: 'All that is not acceptable, for a validation-error.',
        items: object(['path', 'code', 'message'], {
          path: {
            type: 'array',
            items: { anyOf: [text, { type: 'integer' }] },
            description: 'The way to the value: names of members and positions in lists.',
          },
          code: text,
          message: described('Completes the sentence that begins with the path.'),
        }),
      },
    },
    `RFC 9457. The types: ${Object.keys(problemTypes).join(', ')}.`,
  ),
  JsonPatch: {
    type: 'array',
    maxItems: 100,
    items: object(['op', 'path'], {
      op: { type: 'string', enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
      path: described('A JSON pointer (RFC 6901).'),
      from: described('For move and copy.'),
      value: { description: 'For add, replace and test.' },
    }),
    description: 'RFC 6902.',
  },
  OAuthError: object(
    ['error', 'error_description'],
    {
      error: { type: 'string', enum: Object.keys(oauthErrors) },
      error_description: described('For whoever builds the client; not for the person who uses it.'),
    },
    'RFC 6749 §5.2.',
  ),
  DeviceAuthorizationResponse: object(
    ['device_code', 'user_code', 'verification_uri', 'verification_uri_complete', 'expires_in', 'interval'],
    {
      device_code: described('For the token endpoint. Shown to nobody.'),
      user_code: described('For the person to type.'),
      verification_uri: described('Where the person types it.'),
      verification_uri_complete: described('The same with the code filled in, for a QR code.'),
      expires_in: { type: 'integer', description: 'Seconds.' },
      interval: { type: 'integer', description: 'Seconds between two polls, at least.' },
    },
    'RFC 8628 §3.2.',
  ),
  PushedAuthorizationResponse: object(
    ['request_uri', 'expires_in'],
    {
      request_uri: described('For the authorization endpoint, with client_id. Good for one answer.'),
      expires_in: { type: 'integer', description: 'Seconds in which the browser must come.' },
    },
    'RFC 9126 §2.2.',
  ),
  ...tokenSchemas,
  UserInfo: object(
    ['sub'],
    {
      sub: described('The id of the person, the same for all clients.'),
      name: text,
      given_name: text,
      family_name: text,
      middle_name: text,
      nickname: text,
      preferred_username: text,
      profile: text,
      picture: text,
      website: text,
      gender: text,
      birthdate: text,
      zoneinfo: text,
      locale: text,
      updated_at: seconds,
      email: text,
      email_verified: { type: 'boolean' },
      phone_number: text,
      phone_number_verified: { type: 'boolean' },
      address: { type: 'object', description: 'OpenID Connect Core §5.1.1.' },
      organisation: { ...tenant, description: 'For first-party clients.' },
      roles: { type: 'array', items: {}, description: 'For first-party clients.' },
      permissions: {
        type: 'array',
        description: 'For first-party clients.',
        items: object(['name', 'slug'], { name: text, slug: text }),
      },
    },
    'The claims of the scopes that were granted, as far as they are known (OpenID Connect Core §5.1, §5.4).',
  ),
  ProviderMetadata: metadataSchema,
  JwkSet: object(
    ['keys'],
    {
      keys: {
        type: 'array',
        items: object(['kty', 'kid', 'use', 'alg'], {
          kty: text,
          kid: text,
          use: text,
          alg: text,
          n: text,
          e: text,
          crv: text,
          x: text,
          y: text,
        }),
      },
    },
    'RFC 7517: the public keys that sign now, signed lately or will sign next, and those to encrypt to (use enc).',
  ),
  Health: object(['status'], { status: text, timestamp: described('ISO 8601.') }),
}

const failure = (description: string): OpenAPIV3_1.ResponseObject => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})
const oauthFailure = (description: string): OpenAPIV3_1.ResponseObject => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/OAuthError' } } },
})
const challenge = { 'WWW-Authenticate': { schema: text } } as const

/** The answers that many operations share. */
export const responses: Readonly<Record<string, OpenAPIV3_1.ResponseObject>> = {
  Invalid: failure('Malformed, or with values that are not acceptable: errors lists all of them.'),
  Unauthorized: failure('Nobody is signed in, or the credentials are wrong.'),
  Forbidden: failure('Whoever asks may not do this.'),
  NotFound: failure('There is no such thing in the organisation.'),
  Conflict: failure('Not for this thing in its present state.'),
  PreconditionFailed: failure('Changed since it was read: If-Match names another state.'),
  UnsupportedMediaType: failure('The body is of a type that is not accepted here.'),
  TooManyRequests: failure('A limit is reached; Retry-After says for how long.'),
  Unavailable: failure('The server cannot answer right now.'),
  OAuthRefusal: oauthFailure('Refused; error says why.'),
  OAuthUnauthenticated: { ...oauthFailure('Client authentication failed.'), headers: challenge },
  OAuthTooManyRequests: oauthFailure('Too many failures from this address; Retry-After says for how long.'),
  OAuthUnavailable: oauthFailure('The server cannot answer right now.'),
  BearerRefusal: {
    ...oauthFailure('The access token does not work for this; WWW-Authenticate says why (RFC 6750 §3).'),
    headers: challenge,
  },
  ErrorPage: {
    description: 'A page that says what is wrong: nothing is redirected.',
    content: { 'text/html': { schema: text } },
  },
}

const byStatus: Readonly<Record<number, string>> = {
  400: 'Invalid',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  412: 'PreconditionFailed',
  415: 'UnsupportedMediaType',
  429: 'TooManyRequests',
  503: 'Unavailable',
}

/** The problems that an operation under /v1 answers with, by status; 429 and 503 go without saying. */
export function problems(...statuses: number[]): Record<string, ReturnType<typeof shared>> {
  return Object.fromEntries([...statuses, 429, 503].map((status) => [status, shared(byStatus[status] ?? 'Invalid')]))
}
