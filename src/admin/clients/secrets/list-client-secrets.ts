import { z } from 'zod'
import { listSecrets } from '../../../clients/management/secrets.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENTS_TAG, clientParams } from '../client-path.ts'
import { clientSecretSchema, representSecret, SECRETS_PATH } from './client-secret.ts'

export const listClientSecretsOperation = (services: Parameters<typeof listSecrets>[0]) =>
  adminOperation({
    method: 'GET',
    path: SECRETS_PATH,
    operationId: 'listClientSecrets',
    tag: CLIENTS_TAG,
    permission: 'clients:read',
    summary: 'List the secrets of a client',
    description: 'The valid secrets, the oldest first, without their values.',
    schema: { params: clientParams, response: { 200: z.object({ data: z.array(clientSecretSchema) }) } },
    errors: [404],
    async handle({ context, request }) {
      const secrets = await listSecrets(services, context, request.params.id)
      return { data: secrets.map(representSecret) }
    },
  })
