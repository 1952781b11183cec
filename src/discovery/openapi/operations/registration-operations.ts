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

const errorResponses = { 401: responseRef('BearerRefusal'), 503: responseRef('OAuthUnavailable') }
const metadataBody = (example: object) => ({
  required: true,
  content: {
    'application/json': { schema: schemaRef('ClientMetadata'), example },
    'application/jwt': {
      schema: {
        type: 'string' as const,
        description:
          'The metadata as the claims of a JWT, signed by a key of its jwks or jwks_uri, with iss, aud (the issuer or the endpoint), exp (an hour from now at most) and a jti that is good once.',
      },
    },
  },
})

/** Dynamic client registration: RFC 7591, RFC 7592. */
export const registrationOperations: Readonly<Record<OperationKey, Operation>> = {
  'POST /oauth2/register': {
    tags: ['Registration'],
    operationId: 'registerClient',
    summary: 'Register a client by itself',
    description:
      'RFC 7591. Where the policy of the organisation asks for one, with an initial access token as a bearer token. X-Org-Domain names the organisation; otherwise it is the one that runs the server.',
    security: [{}, { registrationToken: [] }],
    requestBody: metadataBody(EXAMPLE_METADATA),
    responses: {
      201: jsonResponse(
        'The client. Secret and registration access token are shown here only.',
        schemaRef('RegisteredClient'),
      ),
      400: responseRef('OAuthRefusal'),
      401: responseRef('BearerRefusal'),
      403: responseRef('OAuthRefusal'),
      429: responseRef('OAuthTooManyRequests'),
      503: responseRef('OAuthUnavailable'),
    },
  },
  'GET /oauth2/register/{clientId}': {
    ...ownRegistration,
    operationId: 'readRegistration',
    summary: 'Read what is registered',
    description:
      'RFC 7592 §2.1. The answer has a new registration access token; the old one is good until that is used.',
    responses: { 200: jsonResponse('The client.', schemaRef('RegisteredClient')), ...errorResponses },
  },
  'PUT /oauth2/register/{clientId}': {
    ...ownRegistration,
    operationId: 'replaceRegistration',
    summary: 'Replace what is registered',
    description: 'RFC 7592 §2.2. What is left out goes back to its default. The scopes may become fewer, never more.',
    requestBody: metadataBody({ client_id: 'client_abc123xyz', ...EXAMPLE_METADATA }),
    responses: {
      200: jsonResponse('The client.', schemaRef('RegisteredClient')),
      400: responseRef('OAuthRefusal'),
      ...errorResponses,
    },
  },
  'DELETE /oauth2/register/{clientId}': {
    ...ownRegistration,
    operationId: 'deleteRegistration',
    summary: 'Delete a client by itself',
    description: 'RFC 7592 §2.3. All that was issued to it is void.',
    responses: { 204: emptyResponse('Deleted.'), ...errorResponses },
  },
}
