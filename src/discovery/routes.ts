import type { FastifyInstance } from 'fastify'
import { cacheable, sendCacheable, type CacheableBody } from '../http/cacheable.ts'
import { answerPreflight } from '../http/cors.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { metadata, type Offer } from './metadata.ts'

export interface DiscoveryRoutesOptions extends Omit<Offer, 'takesMetadataDocuments'> {
  /** As it is now: organisations decide. */
  takesMetadataDocuments: () => boolean
  jwks: () => CacheableBody
  /** Seconds that a JWKS may be kept: less than a key is published before it signs. */
  jwksMaxAge: number
}

const METADATA_MAX_AGE = 3600

/** Metadata and keys: prepared once, answered from memory. */
export function discoveryRoutes(scope: FastifyInstance, options: DiscoveryRoutesOptions): void {
  const prepared = (takesMetadataDocuments: boolean) =>
    cacheable(JSON.stringify(metadata({ ...options, takesMetadataDocuments })))
  const documents = { with: prepared(true), without: prepared(false) }
  const document = () => (options.takesMetadataDocuments() ? documents.with : documents.without)

  for (const url of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
    scope.get(url, (request, reply) => sendCacheable(request, reply, document(), { maxAge: METADATA_MAX_AGE }))
    answerPreflight(scope, url)
    refuseOtherMethods(scope, url, ['GET'])
  }
  for (const url of ['/oauth2/jwks.json', '/.well-known/jwks.json']) {
    scope.get(url, (request, reply) => sendCacheable(request, reply, options.jwks(), { maxAge: options.jwksMaxAge }))
    answerPreflight(scope, url)
    refuseOtherMethods(scope, url, ['GET'])
  }
}
