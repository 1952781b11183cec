import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createCachedResponse, sendCachedResponse } from '../http/caching/cached-response.ts'
import { PROTECTED_RESOURCE_METADATA_PATH } from '../http/errors/resource-challenge.ts'
import { handlePreflight } from '../http/security/cors.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import type { ProtectedResource, ResourceRepository } from '../model/resources/protected-resource.ts'
import { resourceIdentifierKey } from '../oauth/resource-identifier.ts'
import { hostedResourceMetadata, ownResourceMetadata } from './protected-resource-metadata.ts'

export interface ProtectedResourceRoutesOptions {
  issuer: string
  mtlsUrl: string | undefined
  resources: Pick<ResourceRepository, 'findHosted'>
}

const OWN_MAX_AGE_SECONDS = 3600
/** Administrators change hosted metadata. */
const HOSTED_MAX_AGE_SECONDS = 60

/**
 * The metadata of protected resources (RFC 9728 §3): of this server, of resources on its host by their path, and of all
 * others that it hosts by their id, to which the resource refers or redirects.
 */
export function protectedResourceRoutes(
  scope: FastifyInstance,
  { issuer, mtlsUrl, resources }: ProtectedResourceRoutesOptions,
): void {
  const own = createCachedResponse(JSON.stringify(ownResourceMetadata(issuer, mtlsUrl)))
  const byPath = `${PROTECTED_RESOURCE_METADATA_PATH}/*`
  const byId = '/oauth2/resources/:id/metadata'

  function send(request: FastifyRequest, reply: FastifyReply, resource: ProtectedResource | undefined) {
    if (!resource) return reply.callNotFound()
    const body = createCachedResponse(JSON.stringify(hostedResourceMetadata(resource, issuer)))
    return sendCachedResponse(request, reply, body, { maxAge: HOSTED_MAX_AGE_SECONDS })
  }

  scope.get(PROTECTED_RESOURCE_METADATA_PATH, (request, reply) =>
    sendCachedResponse(request, reply, own, { maxAge: OWN_MAX_AGE_SECONDS }),
  )
  // §3.1: the well-known path comes before path and query of the identifier.
  scope.get(byPath, async (request, reply) => {
    const {
      raw: { url = '' },
    } = request
    const identifier = `${issuer}${url.slice(PROTECTED_RESOURCE_METADATA_PATH.length)}`
    return send(request, reply, await resources.findHosted({ ownHostKey: resourceIdentifierKey(identifier) }))
  })
  scope.get<{ Params: { id: string } }>(byId, async (request, reply) =>
    send(request, reply, await resources.findHosted({ id: request.params.id })),
  )
  for (const url of [PROTECTED_RESOURCE_METADATA_PATH, byPath, byId]) {
    handlePreflight(scope, url)
    rejectOtherMethods(scope, url, ['GET'])
  }
}
