import { z } from 'zod'
import { addSecret } from '../../../clients/management/secrets.ts'
import * as field from '../../../clients/settings/properties/fields.ts'
import { entityTag } from '../../../http/caching/preconditions.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENTS_TAG, clientParams } from '../client-path.ts'
import { clientSecretSchema, representSecret, SECRETS_PATH } from './client-secret.ts'

const newSecretSchema = z
  .strictObject(
    {
      label: field.displayName.nullable().default(null).describe('The name that administrators give it.'),
      expiresAt: field.instant
        .nullable()
        .default(null)
        .describe('ISO 8601. Null: valid until it is rotated or deleted.'),
      forSigning: field.boolean
        .default(false)
        .describe('Whether the client can sign with it. Needed before the client changes to client_secret_jwt.'),
    },
    {
      error: field.memberError('has members other than label, expiresAt and forSigning'),
    },
  )
  .nullish()

export const addClientSecretOperation = (services: Parameters<typeof addSecret>[0]) =>
  adminOperation({
    method: 'POST',
    path: SECRETS_PATH,
    operationId: 'addClientSecret',
    tag: CLIENTS_TAG,
    permission: 'clients:update',
    summary: 'Add a secret to a client',
    description:
      'The other secrets stay valid. The secret is in this response only. A client has at most five valid secrets.',
    schema: {
      params: clientParams,
      body: newSecretSchema,
      response: { 201: clientSecretSchema.extend({ clientSecret: z.string() }) },
    },
    errors: [400, 404, 409],
    example: { label: 'Second data centre', expiresAt: '2030-01-31T12:00:00Z' },
    async handle({ context, request, reply }) {
      const settings = request.body ?? { label: null, expiresAt: null, forSigning: false }
      const { client, secret, shown } = await addSecret(services, context, request.params.id, settings)
      void reply.header('etag', entityTag(client.version))
      return reply.status(201).send({ ...representSecret(secret), clientSecret: shown })
    },
  })
