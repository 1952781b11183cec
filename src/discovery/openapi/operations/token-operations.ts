import { z } from 'zod'
import { clientCredentials } from '../../../oauth/messages/client-credentials.ts'
import { introspectionRequest } from '../../../oauth/messages/introspection-request.ts'
import { revocationRequest } from '../../../oauth/messages/revocation-request.ts'
import {
  authorizationCodeRequest,
  clientCredentialsRequest,
  deviceCodeRequest,
  refreshTokenRequest,
  tokenRequest,
} from '../../../oauth/messages/token-request.ts'
import { authorizationRequest } from '../../../oauth/messages/authorization-request.ts'
import { userinfoRequest } from '../../../oauth/messages/userinfo-request.ts'
import { clientSecurity, oauthErrorResponses } from './client-endpoints.ts'
import { formBody, jsonResponse, schemaRef, responseRef, type Operation, type OperationKey } from './operation.ts'

/** The credentials of a public client, which has nothing but its `client_id`. */
const publicClientCredentials = {
  ...clientCredentials,
  client_id: authorizationRequest.shape.client_id.optional(),
}

const bearerSecurity: NonNullable<Operation['security']> = [{ accessToken: [] }]
const dpopProofParameter: NonNullable<Operation['parameters']> = [
  {
    in: 'header',
    name: 'DPoP',
    description: 'A DPoP proof (RFC 9449). It binds issued tokens to its key, or proves possession of that key.',
    schema: { type: 'string' },
  },
]
const userinfo: Operation = {
  parameters: dpopProofParameter,
  tags: ['Tokens'],
  description: 'OpenID Connect Core section 5.3. The access token needs the scope openid.',
  security: bearerSecurity,
  responses: {
    200: jsonResponse('The claims.', schemaRef('UserInfo'), {
      sub: '019aa2f0-5c1e-7d3b-9a52-0e7c6f1d2b34',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      email_verified: true,
    }),
    400: responseRef('OAuthBadRequest'),
    401: responseRef('BearerError'),
    403: responseRef('BearerError'),
    503: responseRef('OAuthUnavailable'),
  },
}

/** The endpoints that issue tokens and accept them. */
export const tokenOperations: Readonly<Record<OperationKey, Operation>> = {
  'POST /oauth2/token': {
    tags: ['Tokens'],
    operationId: 'exchangeToken',
    summary: 'Exchange a code, a refresh token or client credentials for tokens',
    description:
      'RFC 6749 sections 4.1.3, 4.4 and 6, RFC 8628 section 3.4. A code can be used once; if it is used again, all tokens issued for it are revoked. A refresh token is replaced at each use. If a replaced one is used again after the grace period of the client, the grant is revoked.',
    security: clientSecurity,
    parameters: dpopProofParameter,
    requestBody: formBody(
      z.object({
        ...tokenRequest.shape,
        ...authorizationCodeRequest.partial().shape,
        ...clientCredentialsRequest.partial().shape,
        ...refreshTokenRequest.partial().shape,
        ...deviceCodeRequest.partial().shape,
        ...publicClientCredentials,
      }),
    ),
    responses: { 200: jsonResponse('The tokens.', schemaRef('TokenResponse')), ...oauthErrorResponses },
  },
  'GET /oauth2/userinfo': {
    ...userinfo,
    operationId: 'getUserInfo',
    summary: 'Get the claims of the user',
  },
  'POST /oauth2/userinfo': {
    ...userinfo,
    operationId: 'postUserInfo',
    summary: 'Get the claims of the user by POST',
    security: [...bearerSecurity, {}],
    requestBody: formBody(userinfoRequest),
  },
  'POST /oauth2/introspect': {
    tags: ['Tokens'],
    operationId: 'introspectToken',
    summary: 'Introspect a token',
    description:
      'RFC 7662. For resource servers, which are confidential clients of the same organisation. Only the client that holds a refresh token can introspect it. With Accept: application/token-introspection+jwt the response is a JWT with the same members in token_introspection (RFC 9701).',
    security: clientSecurity,
    requestBody: formBody(z.object({ ...introspectionRequest.shape, ...clientCredentials })),
    responses: {
      200: {
        description: 'The state of the token.',
        content: {
          'application/json': { schema: schemaRef('Introspection'), example: { active: false } },
          'application/token-introspection+jwt': { schema: { type: 'string' } },
        },
      },
      ...oauthErrorResponses,
    },
  },
  'POST /oauth2/revoke': {
    tags: ['Tokens'],
    operationId: 'revokeToken',
    summary: 'Revoke a token',
    description:
      'RFC 7009. Revoking a refresh token revokes its whole grant; revoking an access token revokes that token only. The response is the same for unknown tokens and tokens of other clients.',
    security: clientSecurity,
    requestBody: formBody(z.object({ ...revocationRequest.shape, ...publicClientCredentials })),
    responses: {
      200: jsonResponse('The token is revoked, or was not valid.', { type: 'object' }, {}),
      ...oauthErrorResponses,
    },
  },
}
