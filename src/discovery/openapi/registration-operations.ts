import { json, nothing, ref, shared, type Operation, type OperationKey } from './operation.ts'

const EXAMPLE = {
  client_name: 'My Application',
  redirect_uris: ['https://myapp.example.com/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'client_secret_basic',
}

const own = {
  tags: ['Registration'],
  security: [{ registrationToken: [] }],
  parameters: [
    { in: 'path', name: 'clientId', required: true, schema: { type: 'string' }, description: 'The client_id.' },
  ],
} satisfies Partial<Operation>

const refused = { 401: shared('BearerRefusal'), 503: shared('OAuthUnavailable') }
const metadata = (example: object) => ({
  required: true,
  content: {
    'application/json': { schema: ref('ClientMetadata'), example },
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
    requestBody: metadata(EXAMPLE),
    responses: {
      201: json('The client. Secret and registration access token are shown here only.', ref('RegisteredClient')),
      400: shared('OAuthRefusal'),
      401: shared('BearerRefusal'),
      403: shared('OAuthRefusal'),
      429: shared('OAuthTooManyRequests'),
      503: shared('OAuthUnavailable'),
    },
  },
  'GET /oauth2/register/{clientId}': {
    ...own,
    operationId: 'readRegistration',
    summary: 'Read what is registered',
    description:
      'RFC 7592 §2.1. The answer has a new registration access token; the old one is good until that is used.',
    responses: { 200: json('The client.', ref('RegisteredClient')), ...refused },
  },
  'PUT /oauth2/register/{clientId}': {
    ...own,
    operationId: 'replaceRegistration',
    summary: 'Replace what is registered',
    description: 'RFC 7592 §2.2. What is left out goes back to its default. The scopes may become fewer, never more.',
    requestBody: metadata({ client_id: 'client_abc123xyz', ...EXAMPLE }),
    responses: { 200: json('The client.', ref('RegisteredClient')), 400: shared('OAuthRefusal'), ...refused },
  },
  'DELETE /oauth2/register/{clientId}': {
    ...own,
    operationId: 'deleteRegistration',
    summary: 'Delete a client by itself',
    description: 'RFC 7592 §2.3. All that was issued to it is void.',
    responses: { 204: nothing('Deleted.'), ...refused },
  },
}
