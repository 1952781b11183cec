import type { FastifyInstance } from 'fastify'
import { createCachedResponse, sendCachedResponse, type CachedResponse } from '../http/caching/cached-response.ts'
import { handlePreflight } from '../http/security/cors.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import { serverMetadata, type ServerCapabilities } from './metadata.ts'

export interface DiscoveryRoutesOptions extends Omit<ServerCapabilities, 'supportsCimd'> {
  /** Whether an organisation accepts client ID metadata documents now. */
  supportsCimd: () => boolean
  jwks: () => CachedResponse
  /** Seconds for which clients may cache the JWKS. New keys are published longer than this before they sign. */
  jwksMaxAge: number
}

const METADATA_MAX_AGE_SECONDS = 3600

/** The metadata and the JWKS, serialised once and served from memory. */
export function discoveryRoutes(scope: FastifyInstance, options: DiscoveryRoutesOptions): void {
  const serializeMetadata = (supportsCimd: boolean) =>
    createCachedResponse(JSON.stringify(serverMetadata({ ...options, supportsCimd })))
  const documents = { with: serializeMetadata(true), without: serializeMetadata(false) }
  const document = () => (options.supportsCimd() ? documents.with : documents.without)

  for (const url of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
    scope.get(url, (request, reply) =>
      sendCachedResponse(request, reply, document(), { maxAge: METADATA_MAX_AGE_SECONDS }),
    )
    handlePreflight(scope, url)
    rejectOtherMethods(scope, url, ['GET'])
  }
  for (const url of ['/oauth2/jwks.json', '/.well-known/jwks.json']) {
    scope.get(url, (request, reply) =>
      sendCachedResponse(request, reply, options.jwks(), { maxAge: options.jwksMaxAge }),
    )
    handlePreflight(scope, url)
    rejectOtherMethods(scope, url, ['GET'])
  }
}
