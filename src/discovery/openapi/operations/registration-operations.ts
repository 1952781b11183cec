import { jsonResponse, emptyResponse, schemaRef, responseRef, type Operation, type OperationKey } from './operation.ts'

const EXAMPLE_METADATA = {
  client_name: 'My Application',
  redirect_uris: ['https://myapp.example.com/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'client_secret_basic',
}

const ownRegistration = {
  tags: ['Registration'],
  security: [{ registrationToken: [] }],
  parameters: [
    { in: 'path', name: 'clientId', required: true, schema: { type: 'string' }, description: 'The client_id.' },
  ],
} satisfies Partial<Operation>

const errorResponses = { 401: responseRef('BearerError'), 503: responseRef('OAuthUnavailable') }
const metadataBody = (example: object) => ({
  required: true,
  content: {
    'application/json': { schema: schemaRef('ClientMetadata'), example },
    'application/jwt': {
      schema: {
        type: 'string' as const,
        description:
          'The metadata as the claims of a JWT that is signed with a key of its jwks or jwks_uri. It needs iss, aud (the issuer or this endpoint), exp (at most one hour from now) and a jti that was not used before.',
      },
    },
  },
})

/** Dynamic client registration: RFC 7591, RFC 7592. */
export const registrationOperations: Readonly<Record<OperationKey, Operation>> = {
  'POST /oauth2/register': {
    tags: ['Registration'],
    operationId: 'registerClient',
    summary: 'Register a client',
    description:
      'RFC 7591. If the registration policy of the organisation requires it, send an initial access token as a bearer token. X-Org-Domain names the organisation; the default is the organisation that runs the server.',
    security: [{}, { registrationToken: [] }],
    requestBody: metadataBody(EXAMPLE_METADATA),
    responses: {
      201: jsonResponse('The client. The client secret is returned only once.', schemaRef('RegisteredClient')),
      400: responseRef('OAuthBadRequest'),
      401: responseRef('BearerError'),
      403: responseRef('OAuthBadRequest'),
      429: responseRef('OAuthTooManyRequests'),
      503: responseRef('OAuthUnavailable'),
    },
  },
  'GET /oauth2/register/{clientId}': {
    ...ownRegistration,
    operationId: 'readRegistration',
    summary: 'Get a registration',
    description:
      'RFC 7592 section 2.1. The response has a new registration access token. The old one is valid until the new one is used.',
    responses: { 200: jsonResponse('The client.', schemaRef('RegisteredClient')), ...errorResponses },
  },
  'PUT /oauth2/register/{clientId}': {
    ...ownRegistration,
    operationId: 'replaceRegistration',
    summary: 'Replace a registration',
    description:
      'RFC 7592 section 2.2. Members that are left out are reset to their defaults. Scopes can be removed, but not added.',
    requestBody: metadataBody({ client_id: 'client_abc123xyz', ...EXAMPLE_METADATA }),
    responses: {
      200: jsonResponse('The client.', schemaRef('RegisteredClient')),
      400: responseRef('OAuthBadRequest'),
      ...errorResponses,
    },
  },
  'DELETE /oauth2/register/{clientId}': {
    ...ownRegistration,
    operationId: 'deleteRegistration',
    summary: 'Delete a registration',
    description: 'RFC 7592 section 2.3. Everything issued to the client is revoked.',
    responses: { 204: emptyResponse('The client is deleted.'), ...errorResponses },
  },
}
