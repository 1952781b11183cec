import { json, nothing, page, ref, type Operation, type OperationKey } from './operation.ts'

const metadata: Operation = {
  tags: ['Discovery'],
  security: [],
  responses: { 200: json('What this server can do.', ref('ProviderMetadata')), 304: nothing('Nothing new.') },
}
const keys: Operation = {
  tags: ['Discovery'],
  security: [],
  responses: { 200: json('The public keys.', ref('JwkSet')), 304: nothing('Nothing new.') },
}
const health = (ready: boolean): Operation => ({
  tags: ['Health'],
  security: [],
  responses: {
    200: json('Yes.', ref('Health'), { status: 'ok', timestamp: '2026-01-15T10:00:00.000Z' }),
    ...(ready && { 503: json('Not now: draining, or without its database.', ref('Health'), { status: 'draining' }) }),
  },
})

/** What the server says of itself. */
export const discoveryOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /.well-known/openid-configuration': {
    ...metadata,
    operationId: 'getOpenIdConfiguration',
    summary: 'Read the metadata (OpenID Connect Discovery §4)',
  },
  'GET /.well-known/oauth-authorization-server': {
    ...metadata,
    operationId: 'getAuthorizationServerMetadata',
    summary: 'Read the metadata (RFC 8414 §3)',
  },
  'GET /oauth2/jwks.json': { ...keys, operationId: 'getJwks', summary: 'Read the keys that verify tokens' },
  'GET /.well-known/jwks.json': { ...keys, operationId: 'getWellKnownJwks', summary: 'The same, at another address' },
  'GET /openapi.json': {
    tags: ['Discovery'],
    operationId: 'getOpenApiDocument',
    summary: 'Read this description for programs',
    security: [],
    responses: { 200: json('OpenAPI 3.1.', { type: 'object' }), 304: nothing('Nothing new.') },
  },
  'GET /docs': {
    tags: ['Discovery'],
    operationId: 'getDocumentation',
    summary: 'Read this description as a page',
    security: [],
    responses: { 200: page('This page.'), 304: nothing('Nothing new.') },
  },
  'GET /health': { ...health(false), operationId: 'getHealth', summary: 'Does the process answer?' },
  'GET /health/live': { ...health(false), operationId: 'getLiveness', summary: 'Does the process answer?' },
  'GET /health/ready': { ...health(true), operationId: 'getReadiness', summary: 'Are requests welcome?' },
}
