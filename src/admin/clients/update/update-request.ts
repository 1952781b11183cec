import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchemaCompiler } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { entityTag, ifMatch } from '../../../http/caching/preconditions.ts'
import type { Client } from '../../../model/clients/client.ts'
import type { RequestConditions } from '../../preconditions.ts'
import type { ClientWithSecret } from '../client-administration.ts'
import { dryRunSchema, type DryRunResult, type dryRunQuerySchema } from '../dry-run.ts'
import { representClientWithWarnings, clientWithWarningsSchema } from '../representation.ts'
import { mergePatchUpdate, jsonPatchUpdate, propertyUpdate, type ClientUpdate } from './client-update.ts'

/** What a PATCH of a client may be. */
export const patchMediaTypes = [
  'application/json',
  'application/merge-patch+json',
  'application/json-patch+json',
] as const

const updateReaders: Readonly<Record<string, (body: unknown) => ClientUpdate>> = {
  'application/json': propertyUpdate,
  'application/merge-patch+json': mergePatchUpdate,
  'application/json-patch+json': jsonPatchUpdate,
}

/** Lets a scope read the two kinds of patches as JSON. */
export function acceptPatchBodies(scope: FastifyInstance): void {
  const [, ...patches] = patchMediaTypes
  scope.addContentTypeParser(patches, { parseAs: 'string' }, scope.getDefaultJsonParser('error', 'error'))
}

/** Leaves the body as it is: what it may be follows from its type and from the client, and all problems are told at once. */
export const deferBodyValidation: FastifySchemaCompiler<unknown> = (route) =>
  route.httpPart === 'body'
    ? (value: unknown) => ({ value })
    : validatorCompiler(route as Parameters<typeof validatorCompiler>[0])

/** The revision that the body of a PATCH asks for, by its media type (RFC 5789 §2). */
export function readClientUpdate(request: FastifyRequest): ClientUpdate {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
  return (updateReaders[type] ?? propertyUpdate)(request.body)
}

/** The answer to a request that changes a client, or rehearses it. */
export const updateResponseSchema = z.union([clientWithWarningsSchema, dryRunSchema])

/** On which state a request is to act, and whether it is to act at all. */
export function readConditions(request: FastifyRequest): RequestConditions {
  const { dryRun } = request.query as z.output<typeof dryRunQuerySchema>
  return { precondition: ifMatch(request), dryRun: dryRun === 'true' }
}

/** The client that came of a change, or what would come of it. */
export function sendUpdated(reply: FastifyReply, updated: Client | DryRunResult) {
  if ('dryRun' in updated) return updated
  void reply.header('etag', entityTag(updated.version))
  return representClientWithWarnings(updated)
}

/** The client that was just made, with its secret, or what would come of making it. */
export function sendCreated(reply: FastifyReply, created: ClientWithSecret | DryRunResult) {
  if ('dryRun' in created) return created
  const { client, secret } = created
  return reply
    .status(201)
    .headers({ location: `/v1/admin/clients/${client.id}`, etag: entityTag(client.version) })
    .send({ ...representClientWithWarnings(client), clientSecret: secret ?? null })
}
