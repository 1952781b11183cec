import { z } from 'zod'
import { rotateSecret } from '../../../clients/management/secrets.ts'
import * as field from '../../../clients/settings/properties/fields.ts'
import { entityTag } from '../../../http/caching/preconditions.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from '../client-path.ts'
import { clientWithSecretSchema, representClientWithWarnings } from '../client-representation.ts'

const rotateSecretSchema = z
  .strictObject(
    {
      overlapSeconds: field
        .integer(0, 2_592_000)
        .default(0)
        .describe('Seconds for which the previous secrets stay valid; 0: they stop working immediately.'),
    },
    {
      error: field.memberError('has members other than overlapSeconds'),
    },
  )
  .nullish()

/** The operation, under one of its two paths. */
const rotateOperation = (
  operationId: 'rotateClientSecret' | 'regenerateClientSecret',
  action: 'rotate-secret' | 'regenerate-secret',
  services: Parameters<typeof rotateSecret>[0],
) =>
  adminOperation({
    method: 'POST',
    path: `${CLIENT_PATH}/${action}`,
    operationId,
    tag: CLIENTS_TAG,
    permission: 'clients:update',
    summary: 'Rotate the secret of a client',
    description: 'For confidential clients. The new secret is in this response only.',
    schema: { params: clientParams, body: rotateSecretSchema, response: { 200: clientWithSecretSchema } },
    errors: [400, 404, 409],
    example: { overlapSeconds: 86_400 },
    async handle({ context, request, reply }) {
      const overlap = request.body?.overlapSeconds ?? 0
      const { client, secret } = await rotateSecret(services, context, request.params.id, overlap)
      void reply.header('etag', entityTag(client.version))
      return { ...representClientWithWarnings(client), clientSecret: secret ?? null }
    },
  })

export const rotateClientSecretOperation = (services: Parameters<typeof rotateSecret>[0]) =>
  rotateOperation('rotateClientSecret', 'rotate-secret', services)

export const regenerateClientSecretOperation = (services: Parameters<typeof rotateSecret>[0]) =>
  rotateOperation('regenerateClientSecret', 'regenerate-secret', services)
