import type { OpenAPIV3_1 } from 'openapi-types'
import { problems } from './schemas.ts'
import { ref, type Operation, type OperationKey } from './operation.ts'

/** What the schemas of routes do not say of an operation. */
export interface Description {
  operationId: string
  security: NonNullable<Operation['security']>
  /** The problems that it answers with, besides 429 and 503. */
  refuses: readonly number[]
  /** A body that makes sense. */
  example?: unknown
  /** What the body may be besides JSON. */
  alternatives?: Readonly<Record<string, OpenAPIV3_1.MediaTypeObject>>
  /** Whether it honours `If-Match`. */
  conditional?: true
}

const nobody: Description['security'] = []
const session: Description['security'] = [{ session: [] }]
const sessionOrToken: Description['security'] = [{ session: [] }, { accessToken: [] }]

/** The operations that have a route schema. */
export const describedOperations: Readonly<Record<OperationKey, Description>> = {
  'POST /v1/auth/login': {
    operationId: 'signIn',
    security: nobody,
    refuses: [400, 401, 403],
    example: { email: 'admin@acme.test', password: 'YOUR-PASSWORD' },
  },
  'POST /v1/auth/logout': { operationId: 'signOut', security: session, refuses: [403] },
  'DELETE /v1/auth/session': { operationId: 'endSession', security: session, refuses: [403] },

  'GET /v1/me/profile': { operationId: 'getProfile', security: sessionOrToken, refuses: [401] },
  'PATCH /v1/me/profile': {
    operationId: 'updateProfile',
    security: sessionOrToken,
    refuses: [400, 401, 403],
    example: { firstName: 'Ada', lastName: 'Lovelace', phone: '+49 30 1234567' },
  },
  'GET /v1/me/sessions': { operationId: 'listSessions', security: sessionOrToken, refuses: [401, 403] },
  'DELETE /v1/me/sessions/{id}': { operationId: 'deleteSession', security: sessionOrToken, refuses: [401, 403] },

  'GET /v1/admin/registration-policy': {
    operationId: 'getRegistrationPolicy',
    security: sessionOrToken,
    refuses: [401, 403],
  },
  'PUT /v1/admin/registration-policy': {
    operationId: 'setRegistrationPolicy',
    security: sessionOrToken,
    refuses: [400, 401, 403],
    example: { policy: 'token', profile: 'openid', softwareStatementRequired: false },
  },
  'GET /v1/admin/initial-access-tokens': {
    operationId: 'listInitialAccessTokens',
    security: sessionOrToken,
    refuses: [401, 403],
  },
  'POST /v1/admin/initial-access-tokens': {
    operationId: 'createInitialAccessToken',
    security: sessionOrToken,
    refuses: [400, 401, 403],
    example: { name: 'Build server', uses: 10, expiresIn: 3600, scopes: ['openid', 'profile', 'email'] },
  },
  'DELETE /v1/admin/initial-access-tokens/{id}': {
    operationId: 'deleteInitialAccessToken',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404],
  },

  'GET /v1/admin/software-statement-issuers': {
    operationId: 'listSoftwareStatementIssuers',
    security: sessionOrToken,
    refuses: [401, 403],
  },
  'POST /v1/admin/software-statement-issuers': {
    operationId: 'addSoftwareStatementIssuer',
    security: sessionOrToken,
    refuses: [400, 401, 403, 409],
    example: { issuer: 'https://directory.example.com', jwksUri: 'https://directory.example.com/jwks.json' },
  },
  'PUT /v1/admin/software-statement-issuers/{id}': {
    operationId: 'replaceSoftwareStatementIssuer',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404],
    example: { jwksUri: 'https://directory.example.com/jwks.json', scopes: ['openid', 'email'] },
  },
  'DELETE /v1/admin/software-statement-issuers/{id}': {
    operationId: 'removeSoftwareStatementIssuer',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404],
  },

  'GET /v1/admin/signing-keys': { operationId: 'listSigningKeys', security: sessionOrToken, refuses: [401, 403] },
  'POST /v1/admin/signing-keys/rotate': {
    operationId: 'rotateSigningKeys',
    security: sessionOrToken,
    refuses: [400, 401, 403],
    example: { algorithms: ['RS256'], when: 'now' },
  },

  'GET /v1/admin/traces/{reference}': {
    operationId: 'getAuthorizationTrace',
    security: sessionOrToken,
    refuses: [401, 403, 404],
  },

  'GET /v1/admin/clients': { operationId: 'listClients', security: sessionOrToken, refuses: [400, 401, 403] },
  'POST /v1/admin/clients': {
    operationId: 'createClient',
    security: sessionOrToken,
    refuses: [400, 401, 403],
    example: {
      name: 'My Application',
      clientType: 'public',
      redirectUris: ['https://myapp.example.com/callback'],
      allowedOrigins: ['https://myapp.example.com'],
      grantTypes: ['authorization_code', 'refresh_token'],
      scopes: ['openid', 'profile', 'email'],
    },
  },
  'GET /v1/admin/clients/{id}': { operationId: 'getClient', security: sessionOrToken, refuses: [401, 403, 404] },
  'PATCH /v1/admin/clients/{id}': {
    operationId: 'updateClient',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404, 409, 412, 415],
    example: { name: 'My Renamed Application', accessTokenLifetime: 900 },
    alternatives: {
      'application/merge-patch+json': { schema: { type: 'object' }, example: { logoUri: null } },
      'application/json-patch+json': {
        schema: ref('JsonPatch'),
        example: [{ op: 'add', path: '/redirectUris/-', value: 'https://myapp.example.com/second' }],
      },
    },
    conditional: true,
  },
  'PUT /v1/admin/clients/{id}': {
    operationId: 'replaceClient',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404, 409, 412],
    example: { name: 'My Application', redirectUris: ['https://myapp.example.com/callback'] },
    conditional: true,
  },
  'DELETE /v1/admin/clients/{id}': {
    operationId: 'deleteClient',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404, 409, 412],
    conditional: true,
  },
  'GET /v1/admin/clients/{id}/lint': { operationId: 'lintClient', security: sessionOrToken, refuses: [401, 403, 404] },
  'POST /v1/admin/clients/{id}/test': {
    operationId: 'testClient',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404],
    example: { parameters: { scope: 'openid email', response_type: 'code' } },
  },
  'POST /v1/admin/clients/{id}/enable': {
    operationId: 'enableClient',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404, 409, 412],
    conditional: true,
  },
  'POST /v1/admin/clients/{id}/disable': {
    operationId: 'disableClient',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404, 409, 412],
    conditional: true,
  },
  'POST /v1/admin/clients/{id}/clone': {
    operationId: 'cloneClient',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404],
    example: { name: 'My Second Application' },
  },
  'GET /v1/admin/clients/{id}/events': {
    operationId: 'listClientEvents',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404],
  },
  'GET /v1/admin/clients/{id}/consents': {
    operationId: 'listClientConsents',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404],
  },
  'DELETE /v1/admin/clients/{id}/consents': {
    operationId: 'revokeClientConsents',
    security: sessionOrToken,
    refuses: [401, 403, 404],
  },
  'DELETE /v1/admin/clients/{id}/consents/{userId}': {
    operationId: 'revokeClientConsent',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404],
  },
  'GET /v1/admin/clients/{id}/grants': {
    operationId: 'listClientGrants',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404],
  },
  'DELETE /v1/admin/clients/{id}/grants': {
    operationId: 'revokeClientGrants',
    security: sessionOrToken,
    refuses: [401, 403, 404],
  },
  'DELETE /v1/admin/clients/{id}/grants/{grantId}': {
    operationId: 'revokeClientGrant',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404],
  },
  'GET /v1/admin/clients/{id}/secrets': {
    operationId: 'listClientSecrets',
    security: sessionOrToken,
    refuses: [401, 403, 404],
  },
  'POST /v1/admin/clients/{id}/secrets': {
    operationId: 'addClientSecret',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404, 409],
    example: { label: 'Second data centre', expiresAt: '2030-01-31T12:00:00Z' },
  },
  'DELETE /v1/admin/clients/{id}/secrets/{secretId}': {
    operationId: 'deleteClientSecret',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404],
  },
  'POST /v1/admin/clients/{id}/rotate-secret': {
    operationId: 'rotateClientSecret',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404, 409],
    example: { overlapSeconds: 86_400 },
  },
  'POST /v1/admin/clients/{id}/regenerate-secret': {
    operationId: 'regenerateClientSecret',
    security: sessionOrToken,
    refuses: [400, 401, 403, 404, 409],
    example: { overlapSeconds: 86_400 },
  },
  'POST /v1/admin/clients/{id}/revoke': {
    operationId: 'revokeClient',
    security: sessionOrToken,
    refuses: [401, 403, 404],
  },
}

/** Requests of the administration API name the organisation they mean. */
const organisation = {
  in: 'header',
  name: 'X-Org-Domain',
  required: false,
  description:
    'The slug of the organisation that you mean. Left out, it is the one of the session; another one’s is refused.',
  schema: { type: 'string' },
  example: 'acme',
} as const

const stateMeant = {
  in: 'header',
  name: 'If-Match',
  required: false,
  description: 'The ETag of the state that you have read: the request is refused with 412 if there is another by now.',
  schema: { type: 'string' },
} as const

/** A collected operation with its description. */
export function describe(key: OperationKey, collected: Operation, description: Description): Operation {
  const { operationId, security, refuses, example, alternatives, conditional } = description
  const body = collected.requestBody
  const json = body && 'content' in body ? body.content['application/json'] : undefined
  return {
    ...collected,
    operationId,
    security,
    ...(key.includes(' /v1/admin/') && {
      parameters: [...(collected.parameters ?? []), organisation, ...(conditional ? [stateMeant] : [])],
    }),
    ...(json && { requestBody: { ...body, content: { 'application/json': { ...json, example }, ...alternatives } } }),
    responses: { ...collected.responses, ...problems(...refuses) },
  }
}
