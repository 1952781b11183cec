import type { FastifyInstance } from 'fastify'
import { createCachedResponse, sendCachedResponse, type CachedResponse } from '../http/caching/cached-response.ts'
import { handlePreflight } from '../http/security/cors.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import { apiReferencePage } from '../pages/api-reference/page.tsx'
import { apiReferenceStyleHash } from '../pages/api-reference/style.ts'
import { chooseContentCoding, loadDocsAssets, type DocsAssets } from './docs-assets.ts'
import type { DocumentOptions } from './openapi/document.ts'
import { oauthErrors, problemTypes } from './openapi/error-reference.ts'
import type { Document } from './openapi/operations/operation.ts'

export interface ApiDescriptionOptions extends Omit<DocumentOptions, 'routeDocument'> {
  /** The routes with their schemas, as an OpenAPI document. Called when the server is ready. */
  collectRoutes: () => Document
}

const MAX_AGE_SECONDS = 300
const ASSET_MAX_AGE_SECONDS = 31_536_000

/**
 * The OpenAPI document as a response. It is built at the first request, then kept. Until then, none of the modules that
 * build it are loaded.
 */
export function createApiDescription({
  collectRoutes,
  ...options
}: ApiDescriptionOptions): () => Promise<CachedResponse> {
  let document: Promise<CachedResponse> | undefined
  async function build(): Promise<CachedResponse> {
    const [{ buildApiDocument }, { nameRouteSchemas }] = await Promise.all([
      import('./openapi/document.ts'),
      import('./openapi/schemas/route-schemas.ts'),
    ])
    nameRouteSchemas()
    return createCachedResponse(JSON.stringify(buildApiDocument({ ...options, routeDocument: collectRoutes() })))
  }
  return () =>
    (document ??= build().catch((error: unknown) => {
      document = undefined
      throw error
    }))
}

/** The OpenAPI document. */
export function openapiRoutes(scope: FastifyInstance, document: () => Promise<CachedResponse>): void {
  scope.get('/openapi.json', async (request, reply) =>
    sendCachedResponse(request, reply, await document(), { maxAge: MAX_AGE_SECONDS }),
  )
  handlePreflight(scope, '/openapi.json')
  rejectOtherMethods(scope, '/openapi.json', ['GET'])
}

/**
 * The policy of the API reference: scripts, styles and requests of this origin only, no inline script and no `eval`.
 * Swagger UI has images in its stylesheet, as data URLs.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' '${apiReferenceStyleHash}'`,
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The API reference and its static files. Nothing is read or kept in memory before the first request. */
export function docsRoutes(scope: FastifyInstance): void {
  let loading: Promise<{ page: CachedResponse; assets: DocsAssets }> | undefined
  async function load() {
    const assets = await loadDocsAssets()
    const urls = (...list: { fileName: string }[]) => list.map(({ fileName }) => `/docs/assets/${fileName}`)
    const page = apiReferencePage({
      stylesheets: urls(assets.stylesheet),
      scripts: urls(assets.swaggerUi, assets.script),
      problemTypes,
      oauthErrors,
    })
    return { page: createCachedResponse(page), assets }
  }
  const loaded = () =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    }))

  scope.get('/docs', async (request, reply) => {
    const { page } = await loaded()
    void reply.header('content-security-policy', contentSecurityPolicy)
    return sendCachedResponse(request, reply, page, { maxAge: MAX_AGE_SECONDS, type: 'text/html; charset=utf-8' })
  })
  scope.get<{ Params: { file: string } }>('/docs/assets/:file', async (request, reply) => {
    const { assets } = await loaded()
    const asset = Object.values(assets).find(({ fileName }) => fileName === request.params.file)
    if (!asset) return reply.callNotFound()
    const coding = chooseContentCoding(request.headers['accept-encoding'])
    return reply
      .headers({
        'cache-control': `public, max-age=${ASSET_MAX_AGE_SECONDS}, immutable`,
        'content-type': asset.type,
        vary: 'accept-encoding',
        ...(coding !== 'identity' && { 'content-encoding': coding }),
      })
      .send(await asset.encode(coding))
  })
  rejectOtherMethods(scope, '/docs', ['GET'])
  rejectOtherMethods(scope, '/docs/assets/:file', ['GET'])
}
