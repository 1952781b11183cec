import type { OperationKey } from './operation.ts'
import type { RouteDescription } from './describe-route.ts'
import { schemaRef } from './operation.ts'

const noSecurity: RouteDescription['security'] = []
const sessionSecurity: RouteDescription['security'] = [{ session: [] }]
const sessionOrTokenSecurity: RouteDescription['security'] = [{ session: [] }, { accessToken: [] }]

/** The operations that have a route schema. */
export const routeDescriptions: Readonly<Record<OperationKey, RouteDescription>> = {
  'POST /v1/auth/login': {
    operationId: 'signIn',
    security: noSecurity,
    errorStatuses: [400, 401, 403],
    example: { email: 'admin@acme.test', password: 'YOUR-PASSWORD' },
  },
  'POST /v1/auth/logout': { operationId: 'signOut', security: sessionSecurity, errorStatuses: [403] },
  'DELETE /v1/auth/session': { operationId: 'endSession', security: sessionSecurity, errorStatuses: [403] },

  'GET /v1/me/profile': { operationId: 'getProfile', security: sessionOrTokenSecurity, errorStatuses: [401] },
  'PATCH /v1/me/profile': {
    operationId: 'updateProfile',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403],
    example: { firstName: 'Ada', lastName: 'Lovelace', phone: '+49 30 1234567' },
  },
  'GET /v1/me/sessions': { operationId: 'listSessions', security: sessionOrTokenSecurity, errorStatuses: [401, 403] },
  'DELETE /v1/me/sessions/{id}': {
    operationId: 'deleteSession',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403],
  },

  'GET /v1/admin/registration-policy': {
    operationId: 'getRegistrationPolicy',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403],
  },
  'PUT /v1/admin/registration-policy': {
    operationId: 'setRegistrationPolicy',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403],
    example: { policy: 'token', profile: 'openid', softwareStatementRequired: false },
  },
  'GET /v1/admin/initial-access-tokens': {
    operationId: 'listInitialAccessTokens',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403],
  },
  'POST /v1/admin/initial-access-tokens': {
    operationId: 'createInitialAccessToken',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403],
    example: { name: 'Build server', uses: 10, expiresIn: 3600, scopes: ['openid', 'profile', 'email'] },
  },
  'DELETE /v1/admin/initial-access-tokens/{id}': {
    operationId: 'deleteInitialAccessToken',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404],
  },

  'GET /v1/admin/software-statement-issuers': {
    operationId: 'listSoftwareStatementIssuers',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403],
  },
  'POST /v1/admin/software-statement-issuers': {
    operationId: 'addSoftwareStatementIssuer',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 409],
    example: { issuer: 'https://directory.example.com', jwksUri: 'https://directory.example.com/jwks.json' },
  },
  'PUT /v1/admin/software-statement-issuers/{id}': {
    operationId: 'replaceSoftwareStatementIssuer',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404],
    example: { jwksUri: 'https://directory.example.com/jwks.json', scopes: ['openid', 'email'] },
  },
  'DELETE /v1/admin/software-statement-issuers/{id}': {
    operationId: 'removeSoftwareStatementIssuer',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404],
  },

  'GET /v1/admin/signing-keys': {
    operationId: 'listSigningKeys',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403],
  },
  'POST /v1/admin/signing-keys/rotate': {
    operationId: 'rotateSigningKeys',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403],
    example: { algorithms: ['RS256'], when: 'now' },
  },

  'GET /v1/admin/traces/{reference}': {
    operationId: 'getAuthorizationTrace',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403, 404],
  },

  'GET /v1/admin/clients': {
    operationId: 'listClients',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403],
  },
  'POST /v1/admin/clients': {
    operationId: 'createClient',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403],
    example: {
      name: 'My Application',
      clientType: 'public',
      redirectUris: ['https://myapp.example.com/callback'],
      allowedOrigins: ['https://myapp.example.com'],
      grantTypes: ['authorization_code', 'refresh_token'],
      scopes: ['openid', 'profile', 'email'],
    },
  },
  'GET /v1/admin/clients/{id}': {
    operationId: 'getClient',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403, 404],
  },
  'PATCH /v1/admin/clients/{id}': {
    operationId: 'updateClient',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404, 409, 412, 415],
    example: { name: 'My Renamed Application', accessTokenLifetime: 900 },
    alternatives: {
      'application/merge-patch+json': { schema: { type: 'object' }, example: { logoUri: null } },
      'application/json-patch+json': {
        schema: schemaRef('JsonPatch'),
        example: [{ op: 'add', path: '/redirectUris/-', value: 'https://myapp.example.com/second' }],
      },
    },
    acceptsIfMatch: true,
  },
  'PUT /v1/admin/clients/{id}': {
    operationId: 'replaceClient',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404, 409, 412],
    example: { name: 'My Application', redirectUris: ['https://myapp.example.com/callback'] },
    acceptsIfMatch: true,
  },
  'DELETE /v1/admin/clients/{id}': {
    operationId: 'deleteClient',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404, 409, 412],
    acceptsIfMatch: true,
  },
  'GET /v1/admin/clients/{id}/lint': {
    operationId: 'lintClient',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403, 404],
  },
  'POST /v1/admin/clients/{id}/test': {
    operationId: 'testClient',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404],
    example: { parameters: { scope: 'openid email', response_type: 'code' } },
  },
  'POST /v1/admin/clients/{id}/enable': {
    operationId: 'enableClient',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404, 409, 412],
    acceptsIfMatch: true,
  },
  'POST /v1/admin/clients/{id}/disable': {
    operationId: 'disableClient',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404, 409, 412],
    acceptsIfMatch: true,
  },
  'POST /v1/admin/clients/{id}/clone': {
    operationId: 'cloneClient',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404],
    example: { name: 'My Second Application' },
  },
  'GET /v1/admin/clients/{id}/events': {
    operationId: 'listClientEvents',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404],
  },
  'GET /v1/admin/clients/{id}/consents': {
    operationId: 'listClientConsents',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404],
  },
  'DELETE /v1/admin/clients/{id}/consents': {
    operationId: 'revokeClientConsents',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403, 404],
  },
  'DELETE /v1/admin/clients/{id}/consents/{userId}': {
    operationId: 'revokeClientConsent',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404],
  },
  'GET /v1/admin/clients/{id}/grants': {
    operationId: 'listClientGrants',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404],
  },
  'DELETE /v1/admin/clients/{id}/grants': {
    operationId: 'revokeClientGrants',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403, 404],
  },
  'DELETE /v1/admin/clients/{id}/grants/{grantId}': {
    operationId: 'revokeClientGrant',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404],
  },
  'GET /v1/admin/clients/{id}/secrets': {
    operationId: 'listClientSecrets',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403, 404],
  },
  'POST /v1/admin/clients/{id}/secrets': {
    operationId: 'addClientSecret',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404, 409],
    example: { label: 'Second data centre', expiresAt: '2030-01-31T12:00:00Z' },
  },
  'DELETE /v1/admin/clients/{id}/secrets/{secretId}': {
    operationId: 'deleteClientSecret',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404],
  },
  'POST /v1/admin/clients/{id}/rotate-secret': {
    operationId: 'rotateClientSecret',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404, 409],
    example: { overlapSeconds: 86_400 },
  },
  'POST /v1/admin/clients/{id}/regenerate-secret': {
    operationId: 'regenerateClientSecret',
    security: sessionOrTokenSecurity,
    errorStatuses: [400, 401, 403, 404, 409],
    example: { overlapSeconds: 86_400 },
  },
  'POST /v1/admin/clients/{id}/revoke': {
    operationId: 'revokeClient',
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403, 404],
  },
}
