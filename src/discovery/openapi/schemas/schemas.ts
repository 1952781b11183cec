// `discovery/openapi/schemas` holds the JSON schemas that several operations of the OpenAPI document use.
// They describe the OAuth messages and the problem responses.
// The operations belong to `discovery/openapi/operations`.

import type { OpenAPIV3_1 } from 'openapi-types'
import { z } from 'zod'
import { profileChangeSchema, profileSchema } from '../../../account/me/profile.ts'
import { clientListSchema } from '../../../admin/clients/list-query.ts'
import { clientChangeSchema, newClientSchema } from '../../../clients/settings/schema.ts'
import { warningSchema } from '../../../clients/settings/lint.ts'
import { dryRunSchema } from '../../../admin/clients/dry-run.ts'
import {
  clientWithWarningsSchema,
  clientSchema,
  clientWithSecretSchema,
} from '../../../admin/clients/representation.ts'
import { metadataSchema } from './metadata-schema.ts'
import { oauthErrors, problemTypes } from '../error-reference.ts'
import { responseRef } from '../operations/operation.ts'
import { registrationSchemas } from './registration-schemas.ts'
import { stringWithDescription, objectSchema, epochSecondsSchema, string } from './schema-parts.ts'
import { tokenSchemas } from './token-schemas.ts'

// The schemas of routes that get a name in the document; all others stand where they are used.
const namedSchemas = {
  Client: clientSchema,
  AdvisedClient: clientWithWarningsSchema,
  ClientWarning: warningSchema,
  ClientRehearsal: dryRunSchema,
  ClientWithSecret: clientWithSecretSchema,
  ClientList: clientListSchema,
  NewClient: newClientSchema,
  ClientChange: clientChangeSchema,
  Profile: profileSchema,
  ProfileChange: profileChangeSchema,
} as const
for (const [id, schema] of Object.entries(namedSchemas)) {
  z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id })
}

const tenantSchema = objectSchema(['id', 'slug', 'name'], { id: string, slug: string, name: string })

/** The schemas of what no route schema describes. */
export const componentSchemas: Readonly<Record<string, OpenAPIV3_1.SchemaObject>> = {
  ...registrationSchemas,
  Problem: objectSchema(
    ['type', 'title', 'status', 'detail', 'message', 'instance'],
    {
      type: stringWithDescription('The address of the paragraph about this type of problem.'),
      title: stringWithDescription('The type in words.'),
      status: { type: 'integer', description: 'The HTTP status.' },
      detail: stringWithDescription('What is wrong with this request, for whoever made it.'),
      message: stringWithDescription('The same as detail.'),
      instance: stringWithDescription('The id of the request, as in the header X-Request-Id.'),
      errors: {
        type: 'array',
        description: 'All that is not acceptable, for a validation-error.',
        items: objectSchema(['path', 'code', 'message'], {
          path: {
            type: 'array',
            items: { anyOf: [string, { type: 'integer' }] },
            description: 'The way to the value: names of members and positions in lists.',
          },
          code: string,
          message: stringWithDescription('Completes the sentence that begins with the path.'),
        }),
      },
    },
    `RFC 9457. The types: ${Object.keys(problemTypes).join(', ')}.`,
  ),
  JsonPatch: {
    type: 'array',
    maxItems: 100,
    items: objectSchema(['op', 'path'], {
      op: { type: 'string', enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
      path: stringWithDescription('A JSON pointer (RFC 6901).'),
      from: stringWithDescription('For move and copy.'),
      value: { description: 'For add, replace and test.' },
    }),
    description: 'RFC 6902.',
  },
  OAuthError: objectSchema(
    ['error', 'error_description'],
    {
      error: { type: 'string', enum: Object.keys(oauthErrors) },
      error_description: stringWithDescription('For whoever builds the client; not for the person who uses it.'),
    },
    'RFC 6749 §5.2.',
  ),
  DeviceAuthorizationResponse: objectSchema(
    ['device_code', 'user_code', 'verification_uri', 'verification_uri_complete', 'expires_in', 'interval'],
    {
      device_code: stringWithDescription('For the token endpoint. Shown to nobody.'),
      user_code: stringWithDescription('For the person to type.'),
      verification_uri: stringWithDescription('Where the person types it.'),
      verification_uri_complete: stringWithDescription('The same with the code filled in, for a QR code.'),
      expires_in: { type: 'integer', description: 'Seconds.' },
      interval: { type: 'integer', description: 'Seconds between two polls, at least.' },
    },
    'RFC 8628 §3.2.',
  ),
  PushedAuthorizationResponse: objectSchema(
    ['request_uri', 'expires_in'],
    {
      request_uri: stringWithDescription('For the authorization endpoint, with client_id. Good for one answer.'),
      expires_in: { type: 'integer', description: 'Seconds in which the browser must come.' },
    },
    'RFC 9126 §2.2.',
  ),
  ...tokenSchemas,
  UserInfo: objectSchema(
    ['sub'],
    {
      sub: stringWithDescription('The id of the person, the same for all clients.'),
      name: string,
      given_name: string,
      family_name: string,
      middle_name: string,
      nickname: string,
      preferred_username: string,
      profile: string,
      picture: string,
      website: string,
      gender: string,
      birthdate: string,
      zoneinfo: string,
      locale: string,
      updated_at: epochSecondsSchema,
      email: string,
      email_verified: { type: 'boolean' },
      phone_number: string,
      phone_number_verified: { type: 'boolean' },
      address: { type: 'object', description: 'OpenID Connect Core §5.1.1.' },
      organisation: { ...tenantSchema, description: 'For first-party clients.' },
      roles: { type: 'array', items: {}, description: 'For first-party clients.' },
      permissions: {
        type: 'array',
        description: 'For first-party clients.',
        items: objectSchema(['name', 'slug'], { name: string, slug: string }),
      },
    },
    'The claims of the scopes that were granted, as far as they are known (OpenID Connect Core §5.1, §5.4).',
  ),
  ProviderMetadata: metadataSchema,
  JwkSet: objectSchema(
    ['keys'],
    {
      keys: {
        type: 'array',
        items: objectSchema(['kty', 'kid', 'use', 'alg'], {
          kty: string,
          kid: string,
          use: string,
          alg: string,
          n: string,
          e: string,
          crv: string,
          x: string,
          y: string,
        }),
      },
    },
    'RFC 7517: the public keys that sign now, signed lately or will sign next, and those to encrypt to (use enc).',
  ),
  Health: objectSchema(['status'], { status: string, timestamp: stringWithDescription('ISO 8601.') }),
}

const problemResponse = (description: string): OpenAPIV3_1.ResponseObject => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})
const oauthErrorResponse = (description: string): OpenAPIV3_1.ResponseObject => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/OAuthError' } } },
})
const challengeHeader = { 'WWW-Authenticate': { schema: string } } as const

/** The answers that many operations share. */
export const sharedResponses: Readonly<Record<string, OpenAPIV3_1.ResponseObject>> = {
  Invalid: problemResponse('Malformed, or with values that are not acceptable: errors lists all of them.'),
  Unauthorized: problemResponse('Nobody is signed in, or the credentials are wrong.'),
  Forbidden: problemResponse('Whoever asks may not do this.'),
  NotFound: problemResponse('There is no such thing in the organisation.'),
  Conflict: problemResponse('Not for this thing in its present state.'),
  PreconditionFailed: problemResponse('Changed since it was read: If-Match names another state.'),
  UnsupportedMediaType: problemResponse('The body is of a type that is not accepted here.'),
  TooManyRequests: problemResponse('A limit is reached; Retry-After says for how long.'),
  Unavailable: problemResponse('The server cannot answer right now.'),
  OAuthRefusal: oauthErrorResponse('Refused; error says why.'),
  OAuthUnauthenticated: { ...oauthErrorResponse('Client authentication failed.'), headers: challengeHeader },
  OAuthTooManyRequests: oauthErrorResponse('Too many failures from this address; Retry-After says for how long.'),
  OAuthUnavailable: oauthErrorResponse('The server cannot answer right now.'),
  BearerRefusal: {
    ...oauthErrorResponse('The access token does not work for this; WWW-Authenticate says why (RFC 6750 §3).'),
    headers: challengeHeader,
  },
  ErrorPage: {
    description: 'A page that says what is wrong: nothing is redirected.',
    content: { 'text/html': { schema: string } },
  },
}

const problemResponseByStatus: Readonly<Record<number, string>> = {
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
export function problemResponses(...statuses: number[]): Record<string, ReturnType<typeof responseRef>> {
  return Object.fromEntries(
    [...statuses, 429, 503].map((status) => [status, responseRef(problemResponseByStatus[status] ?? 'Invalid')]),
  )
}
