import { jsonResponse, emptyResponse, htmlResponse, schemaRef, type Operation, type OperationKey } from './operation.ts'

const metadataOperation: Operation = {
  tags: ['Discovery'],
  security: [],
  responses: {
    200: jsonResponse('What this server can do.', schemaRef('ProviderMetadata')),
    304: emptyResponse('Nothing new.'),
  },
}
const jwksOperation: Operation = {
  tags: ['Discovery'],
  security: [],
  responses: { 200: jsonResponse('The public keys.', schemaRef('JwkSet')), 304: emptyResponse('Nothing new.') },
}
const healthOperation = (ready: boolean): Operation => ({
  tags: ['Health'],
  security: [],
  responses: {
    200: jsonResponse('Yes.', schemaRef('Health'), { status: 'ok', timestamp: '2026-01-15T10:00:00.000Z' }),
    ...(ready && {
      503: jsonResponse('Not now: draining, or without its database.', schemaRef('Health'), { status: 'draining' }),
    }),
  },
})

/** What the server says of itself. */
export const discoveryOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /.well-known/openid-configuration': {
    ...metadataOperation,
    operationId: 'getOpenIdConfiguration',
    summary: 'Read the metadata (OpenID Connect Discovery §4)',
  },
  'GET /.well-known/oauth-authorization-server': {
    ...metadataOperation,
    operationId: 'getAuthorizationServerMetadata',
    summary: 'Read the metadata (RFC 8414 §3)',
  },
  'GET /oauth2/jwks.json': { ...jwksOperation, operationId: 'getJwks', summary: 'Read the keys that verify tokens' },
  'GET /.well-known/jwks.json': {
    ...jwksOperation,
    operationId: 'getWellKnownJwks',
    summary: 'The same, at another address',
  },
  'GET /openapi.json': {
    tags: ['Discovery'],
    operationId: 'getOpenApiDocument',
    summary: 'Read this description for programs',
    security: [],
    responses: { 200: jsonResponse('OpenAPI 3.1.', { type: 'object' }), 304: emptyResponse('Nothing new.') },
  },
  'GET /docs': {
    tags: ['Discovery'],
    operationId: 'getDocumentation',
    summary: 'Read this description as a page',
    security: [],
    responses: { 200: htmlResponse('This page.'), 304: emptyResponse('Nothing new.') },
  },
  'GET /health': { ...healthOperation(false), operationId: 'getHealth', summary: 'Does the process answer?' },
  'GET /health/live': { ...healthOperation(false), operationId: 'getLiveness', summary: 'Does the process answer?' },
  'GET /health/ready': { ...healthOperation(true), operationId: 'getReadiness', summary: 'Are requests welcome?' },
}
