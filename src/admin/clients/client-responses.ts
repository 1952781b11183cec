import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { ClientWithSecret } from '../../clients/management/create-client.ts'
import type { ClientDryRun } from '../../clients/management/dry-run.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import type { Client } from '../../model/clients/client.ts'
import { dryRunSchema } from '../dry-run.ts'
import { CLIENTS_PATH } from './client-path.ts'
import {
  clientWithSecretSchema,
  clientWithWarningsSchema,
  representClientWithWarnings,
} from './client-representation.ts'

/** The responses of an operation that changes a client. */
export const updatedResponses = { 200: z.union([clientWithWarningsSchema, dryRunSchema]) }

/** The responses of an operation that creates a client. */
export const createdResponses = { 200: dryRunSchema.describe('With dryRun.'), 201: clientWithSecretSchema }

/** The body of the response about a changed client, or of a dry run. Sets the ETag. */
export function updatedBody(reply: FastifyReply, updated: Client | ClientDryRun) {
  if ('dryRun' in updated) return updated
  void reply.header('etag', entityTag(updated.version))
  return representClientWithWarnings(updated)
}

/** Sends a new client with its secret, or the result of a dry run. */
export function sendCreated(reply: FastifyReply, created: ClientWithSecret | ClientDryRun) {
  if ('dryRun' in created) return created
  const { client, secret } = created
  return reply
    .status(201)
    .headers({ location: `${CLIENTS_PATH}/${client.id}`, etag: entityTag(client.version) })
    .send({ ...representClientWithWarnings(client), clientSecret: secret ?? null })
}
