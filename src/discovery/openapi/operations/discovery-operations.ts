import {
  jsonResponse,
  emptyResponse,
  htmlResponse,
  schemaRef,
  responseRef,
  type Operation,
  type OperationKey,
} from './operation.ts'

const metadataOperation: Operation = {
  tags: ['Discovery'],
  security: [],
  responses: {
    200: jsonResponse('The metadata.', schemaRef('ProviderMetadata')),
    304: emptyResponse('Not modified.'),
  },
}
const resourceMetadataOperation: Operation = {
  tags: ['Discovery'],
  security: [],
  responses: {
    200: jsonResponse('The metadata.', schemaRef('ProtectedResourceMetadata')),
    304: emptyResponse('Not modified.'),
  },
}
const jwksOperation: Operation = {
  tags: ['Discovery'],
  security: [],
  responses: { 200: jsonResponse('The public keys.', schemaRef('JwkSet')), 304: emptyResponse('Not modified.') },
}
const healthOperation = (ready: boolean): Operation => ({
  tags: ['Health'],
  security: [],
  responses: {
    200: jsonResponse('The process is running.', schemaRef('Health'), {
      status: 'ok',
      timestamp: '2026-01-15T10:00:00.000Z',
    }),
    ...(ready && {
      503: jsonResponse('The server is shutting down, or its database is not ready.', schemaRef('Health'), {
        status: 'draining',
      }),
    }),
  },
})

/** Metadata, keys, this description, and health. */
export const discoveryOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /.well-known/openid-configuration': {
    ...metadataOperation,
    operationId: 'getOpenIdConfiguration',
    summary: 'Get the metadata (OpenID Connect Discovery)',
  },
  'GET /.well-known/oauth-authorization-server': {
    ...metadataOperation,
    operationId: 'getAuthorizationServerMetadata',
    summary: 'Get the metadata (RFC 8414)',
  },
  'GET /.well-known/oauth-protected-resource': {
    ...resourceMetadataOperation,
    operationId: 'getProtectedResourceMetadata',
    summary: 'Get the metadata of this API as a protected resource (RFC 9728)',
  },
  'GET /.well-known/oauth-protected-resource/{*}': {
    ...resourceMetadataOperation,
    parameters: [
      {
        in: 'path',
        name: '*',
        required: true,
        description: 'The path of the identifier.',
        schema: { type: 'string' },
        example: 'tools/mcp',
      },
    ],
    operationId: 'getOwnHostResourceMetadata',
    summary: 'Get the metadata of a resource on the host of this server (RFC 9728)',
    responses: { ...resourceMetadataOperation.responses, 404: responseRef('NotFound') },
  },
  'GET /oauth2/resources/{id}/metadata': {
    ...resourceMetadataOperation,
    parameters: [
      { in: 'path', name: 'id', required: true, description: 'The id of the resource.', schema: { type: 'string' } },
    ],
    operationId: 'getHostedResourceMetadata',
    summary: 'Get the metadata of a registered resource (RFC 9728)',
    responses: { ...resourceMetadataOperation.responses, 404: responseRef('NotFound') },
  },
  'GET /oauth2/jwks.json': { ...jwksOperation, operationId: 'getJwks', summary: 'Get the public keys' },
  'GET /.well-known/jwks.json': {
    ...jwksOperation,
    operationId: 'getWellKnownJwks',
    summary: 'Get the public keys at the well-known URL',
  },
  'GET /openapi.json': {
    tags: ['Discovery'],
    operationId: 'getOpenApiDocument',
    summary: 'Get the OpenAPI document',
    security: [],
    responses: {
      200: jsonResponse('The OpenAPI 3.1 document.', { type: 'object' }),
      304: emptyResponse('Not modified.'),
    },
  },
  'GET /': {
    tags: ['Discovery'],
    operationId: 'getHomePage',
    summary: 'Show links to the sign-in page, this reference and the metadata',
    security: [],
    responses: { 200: htmlResponse('The page.') },
  },
  'GET /favicon.ico': {
    tags: ['Discovery'],
    operationId: 'getIcon',
    summary: 'Get the icon of the pages',
    security: [],
    responses: {
      200: { description: 'The icon.', content: { 'image/svg+xml': { schema: { type: 'string' } } } },
      304: emptyResponse('Not modified.'),
    },
  },
  'GET /docs': {
    tags: ['Discovery'],
    operationId: 'getDocumentation',
    summary: 'Show the API reference',
    security: [],
    responses: { 200: htmlResponse('The API reference.'), 304: emptyResponse('Not modified.') },
  },
  'GET /docs/assets/{file}': {
    tags: ['Discovery'],
    operationId: 'getDocumentationAsset',
    summary: 'Get a static file of the API reference',
    description: 'The names are those that the API reference refers to. They contain a hash of the content.',
    security: [],
    parameters: [
      { in: 'path', name: 'file', required: true, schema: { type: 'string' }, description: 'The name of the file.' },
    ],
    responses: {
      200: {
        description: 'The file.',
        content: { 'text/javascript': { schema: { type: 'string' } }, 'text/css': { schema: { type: 'string' } } },
      },
      404: responseRef('NotFound'),
    },
  },
  'GET /health': { ...healthOperation(false), operationId: 'getHealth', summary: 'Check that the process is running' },
  'GET /health/live': {
    ...healthOperation(false),
    operationId: 'getLiveness',
    summary: 'Check that the process is running',
  },
  'GET /health/ready': {
    ...healthOperation(true),
    operationId: 'getReadiness',
    summary: 'Check that the server accepts requests',
  },
}
