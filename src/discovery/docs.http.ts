import type { FastifyInstance } from 'fastify'
import { createCachedResponse, sendCachedResponse, type CachedResponse } from '../http/caching/cached-response.ts'
import { handlePreflight } from '../http/security/cors.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import { pageContentSecurityPolicy } from '../http/errors/page-error-handler.ts'
import { docsPage } from '../pages/docs/docs-page.tsx'
import { docsStyleHash } from '../pages/docs/style.ts'
import { buildApiDocument, type DocumentOptions } from './openapi/document.ts'
import { nameRouteSchemas } from './openapi/schemas/route-schemas.ts'
import type { Document } from './openapi/operations/operation.ts'
import { oauthErrors, problemTypes } from './openapi/error-reference.ts'

export interface ApiDescriptionOptions extends Omit<DocumentOptions, 'routeDocument'> {
  /** What the routes say of themselves; called when the server is ready. */
  collectRoutes: () => Document
}

/** The description of the interface, for programs and for people. Made when it is first asked for, then kept. */
export interface ApiDescription {
  document: () => CachedResponse
  page: () => CachedResponse
}

const MAX_AGE_SECONDS = 300

export function createApiDescription({ collectRoutes, ...options }: ApiDescriptionOptions): ApiDescription {
  nameRouteSchemas()
  let document: CachedResponse | undefined
  let page: CachedResponse | undefined
  const getDocument = () =>
    (document ??= createCachedResponse(
      JSON.stringify(buildApiDocument({ ...options, routeDocument: collectRoutes() })),
    ))
  const renderPage = () => {
    const content = { document: JSON.parse(getDocument().body) as Document, problemTypes, oauthErrors }
    return createCachedResponse(docsPage(content))
  }
  return { document: getDocument, page: () => (page ??= renderPage()) }
}

/** For programs. */
export function openapiRoutes(scope: FastifyInstance, { document }: ApiDescription): void {
  scope.get('/openapi.json', (request, reply) =>
    sendCachedResponse(request, reply, document(), { maxAge: MAX_AGE_SECONDS }),
  )
  handlePreflight(scope, '/openapi.json')
  rejectOtherMethods(scope, '/openapi.json', ['GET'])
}

/** For people. */
export function docsRoutes(scope: FastifyInstance, { page }: ApiDescription): void {
  scope.get('/docs', (request, reply) => {
    void reply.header('content-security-policy', pageContentSecurityPolicy({ style: docsStyleHash }))
    return sendCachedResponse(request, reply, page(), { maxAge: MAX_AGE_SECONDS, type: 'text/html; charset=utf-8' })
  })
  rejectOtherMethods(scope, '/docs', ['GET'])
}
