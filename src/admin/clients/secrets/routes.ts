// `admin/clients/secrets` owns the routes that add, list, delete and rotate client secrets.
// A secret is returned once, when it is created; the database keeps a hash of it.
// Verifying secrets belongs to `clients/authentication`.

import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { entityTag } from '../../../http/caching/preconditions.ts'
import { rejectOtherMethods } from '../../../http/server/allowed-methods.ts'
import type { ClientSecretInfo } from '../../../model/clients/client.ts'
import type { AdminAccess } from '../../context.ts'
import * as field from '../../../clients/settings/properties/fields.ts'
import { representClientWithWarnings, clientParams, clientWithSecretSchema } from '../representation.ts'
import type { SecretAdministration } from './secret-administration.ts'

const tags = ['Clients']
const SECRETS_PATH = '/v1/admin/clients/:id/secrets'

const rotateSecretSchema = z
  .strictObject(
    {
      overlapSeconds: field
        .integer(0, 2_592_000)
        .default(0)
        .describe('How long the secrets before the new one are still good; 0 ends them at once.'),
    },
    {
      error: ({ code, keys }) =>
        code === 'unrecognized_keys'
          ? `has members other than overlapSeconds: ${keys.join(', ')}`
          : 'must be a JSON object',
    },
  )
  .nullish()

const newSecretSchema = z
  .strictObject(
    {
      label: field.displayName.nullable().default(null).describe('What administrators call it.'),
      expiresAt: field.instant
        .nullable()
        .default(null)
        .describe('ISO 8601. Null: good until it is rotated or deleted.'),
      forSigning: field.boolean
        .default(false)
        .describe('Whether it can be signed with, too: before a client comes to authenticate by client_secret_jwt.'),
    },
    {
      error: ({ code, keys }) =>
        code === 'unrecognized_keys'
          ? `has members other than label, expiresAt and forSigning: ${keys.join(', ')}`
          : 'must be a JSON object',
    },
  )
  .nullish()

/** A secret of a client, without the secret. */
export const clientSecretSchema = z.object({
  id: z.string(),
  label: z.string().nullable(),
  expiresAt: z.string().nullable().describe('ISO 8601. From then on it is refused.'),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable().describe('To the hour. Null: never, as far as is known.'),
})

/** The secrets of clients: several may be good at once, each until a date of its own. */
export function clientSecretRoutes(
  scope: FastifyInstance,
  secrets: SecretAdministration,
  { requirePermission, contextOf }: AdminAccess,
): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()

  routes.post(
    SECRETS_PATH,
    {
      onRequest: requirePermission('clients:update'),
      schema: {
        tags,
        summary: 'Give a client one more secret',
        description:
          'Needs clients:update. The others stay good. The secret is in this answer and nowhere else. At most five are good at once.',
        params: clientParams,
        body: newSecretSchema,
        response: { 201: clientSecretSchema.extend({ clientSecret: z.string() }) },
      },
    },
    async (request, reply) => {
      const newSecretSettings = request.body ?? { label: null, expiresAt: null, forSigning: false }
      const { client, secret, shown } = await secrets.add(contextOf(request), request.params.id, newSecretSettings)
      void reply.header('etag', entityTag(client.version))
      return reply.status(201).send({ ...representSecret(secret), clientSecret: shown })
    },
  )

  routes.get(
    SECRETS_PATH,
    {
      onRequest: requirePermission('clients:read'),
      schema: {
        tags,
        summary: 'List the secrets of a client',
        description: 'Needs clients:read. Those that are good now, the oldest first; never the secrets themselves.',
        params: clientParams,
        response: { 200: z.object({ data: z.array(clientSecretSchema) }) },
      },
    },
    async (request) => ({ data: (await secrets.list(contextOf(request), request.params.id)).map(representSecret) }),
  )

  routes.delete(
    `${SECRETS_PATH}/:secretId`,
    {
      onRequest: requirePermission('clients:update'),
      schema: {
        tags,
        summary: 'Delete a secret of a client',
        description: 'Needs clients:update. It is refused at once. So is a client whose last secret this was.',
        params: clientParams.extend({ secretId: z.uuid({ error: 'must be the id of a secret' }) }),
        response: { 204: z.null().describe('Deleted.') },
      },
    },
    async (request, reply) => {
      await secrets.remove(contextOf(request), request.params.id, request.params.secretId)
      return reply.status(204).send(null)
    },
  )

  for (const action of ['rotate-secret', 'regenerate-secret']) {
    routes.post(
      `/v1/admin/clients/:id/${action}`,
      {
        onRequest: requirePermission('clients:update'),
        schema: {
          tags,
          summary: 'Give a client a new secret',
          description: 'Needs clients:update. For confidential clients; the secret is in this answer and nowhere else.',
          params: clientParams,
          body: rotateSecretSchema,
          response: { 200: clientWithSecretSchema },
        },
      },
      async (request, reply) => {
        const overlap = request.body?.overlapSeconds ?? 0
        const { client, secret } = await secrets.rotate(contextOf(request), request.params.id, overlap)
        void reply.header('etag', entityTag(client.version))
        return { ...representClientWithWarnings(client), clientSecret: secret ?? null }
      },
    )
    rejectOtherMethods(scope, `/v1/admin/clients/:id/${action}`, ['POST'])
  }

  rejectOtherMethods(scope, SECRETS_PATH, ['GET', 'POST'])
  rejectOtherMethods(scope, `${SECRETS_PATH}/:secretId`, ['DELETE'])
}

function representSecret(secret: ClientSecretInfo): z.output<typeof clientSecretSchema> {
  return {
    id: secret.id,
    label: secret.label,
    expiresAt: secret.expiresAt?.toISOString() ?? null,
    createdAt: secret.createdAt.toISOString(),
    lastUsedAt: secret.lastUsedAt?.toISOString() ?? null,
  }
}
