import type { FastifyInstance } from 'fastify'
import { cacheable, sendCacheable, type CacheableBody } from '../http/cacheable.ts'
import { answerPreflight } from '../http/cors.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { pagePolicy } from '../http/page-dialect.ts'
import { docsPage } from '../pages/docs.tsx'
import { docsStyleHash } from '../pages/docs-style.ts'
import { apiDocument, type DocumentOptions } from './openapi/document.ts'
import type { Document } from './openapi/operation.ts'
import { oauthErrors, problemTypes } from './openapi/problem-types.ts'

export interface ApiDescriptionOptions extends Omit<DocumentOptions, 'collected'> {
  /** What the routes say of themselves; called when the server is ready. */
  collect: () => Document
}

/** The description of the interface, for programs and for people. Made when it is first asked for, then kept. */
export interface ApiDescription {
  document: () => CacheableBody
  page: () => CacheableBody
}

const MAX_AGE = 300

export function createApiDescription({ collect, ...options }: ApiDescriptionOptions): ApiDescription {
  let document: CacheableBody | undefined
  let page: CacheableBody | undefined
  const makeDocument = () => (document ??= cacheable(JSON.stringify(apiDocument({ ...options, collected: collect() }))))
  const makePage = () => {
    const content = { document: JSON.parse(makeDocument().body) as Document, problemTypes, oauthErrors }
    return cacheable(docsPage(content))
  }
  return { document: makeDocument, page: () => (page ??= makePage()) }
}

/** For programs. */
export function openapiRoutes(scope: FastifyInstance, { document }: ApiDescription): void {
  scope.get('/openapi.json', (request, reply) => sendCacheable(request, reply, document(), { maxAge: MAX_AGE }))
  answerPreflight(scope, '/openapi.json')
  refuseOtherMethods(scope, '/openapi.json', ['GET'])
}

/** For people. */
export function docsRoutes(scope: FastifyInstance, { page }: ApiDescription): void {
  scope.get('/docs', (request, reply) => {
    void reply.header('content-security-policy', pagePolicy({ style: docsStyleHash }))
    return sendCacheable(request, reply, page(), { maxAge: MAX_AGE, type: 'text/html; charset=utf-8' })
  })
  refuseOtherMethods(scope, '/docs', ['GET'])
}
