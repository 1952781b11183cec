import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchemaCompiler } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { entityTag, ifMatch } from '../http/conditional.ts'
import type { Client } from '../model/client.ts'
import type { ClientWithSecret, RequestConditions } from './administration.ts'
import { rehearsalSchema, type Rehearsal, type rehearsalQuerySchema } from './rehearsal.ts'
import { adviseOn, advisedClientSchema } from './representation.ts'
import { merging, patching, settingMembers, type Revision } from './revision.ts'

/** What a PATCH of a client may be. */
export const patchTypes = ['application/json', 'application/merge-patch+json', 'application/json-patch+json'] as const

const revisions: Readonly<Record<string, (body: unknown) => Revision>> = {
  'application/json': settingMembers,
  'application/merge-patch+json': merging,
  'application/json-patch+json': patching,
}

/** Lets a scope read the two kinds of patches as JSON. */
export function acceptPatches(scope: FastifyInstance): void {
  const [, ...patches] = patchTypes
  scope.addContentTypeParser(patches, { parseAs: 'string' }, scope.getDefaultJsonParser('error', 'error'))
}

/** Leaves the body as it is: what it may be follows from its type and from the client, and all problems are told at once. */
export const bodyReadLater: FastifySchemaCompiler<unknown> = (route) =>
  route.httpPart === 'body'
    ? (value: unknown) => ({ value })
    : validatorCompiler(route as Parameters<typeof validatorCompiler>[0])

/** The revision that the body of a PATCH asks for, by its media type (RFC 5789 §2). */
export function revisionOf(request: FastifyRequest): Revision {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
  return (revisions[type] ?? settingMembers)(request.body)
}

/** The answer to a request that changes a client, or rehearses it. */
export const changedSchema = z.union([advisedClientSchema, rehearsalSchema])

/** On which state a request is to act, and whether it is to act at all. */
export function conditionsOf(request: FastifyRequest): RequestConditions {
  const { dryRun } = request.query as z.output<typeof rehearsalQuerySchema>
  return { holds: ifMatch(request), dryRun: dryRun === 'true' }
}

/** The client that came of a change, or what would come of it. */
export function sendChanged(reply: FastifyReply, changed: Client | Rehearsal) {
  if ('dryRun' in changed) return changed
  void reply.header('etag', entityTag(changed.version))
  return adviseOn(changed)
}

/** The client that was just made, with its secret, or what would come of making it. */
export function sendCreated(reply: FastifyReply, created: ClientWithSecret | Rehearsal) {
  if ('dryRun' in created) return created
  const { client, secret } = created
  return reply
    .status(201)
    .headers({ location: `/v1/admin/clients/${client.id}`, etag: entityTag(client.version) })
    .send({ ...adviseOn(client), clientSecret: secret ?? null })
}
