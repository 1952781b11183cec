import { findClient, type ClientFinder } from '../../clients/management/find-client.ts'
import { entityTag, sendWithEtag } from '../../http/caching/preconditions.ts'
import { adminOperation } from '../operation.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from './client-path.ts'
import { clientSchema, representClient } from './client-representation.ts'

export const getClientOperation = (services: ClientFinder) =>
  adminOperation({
    method: 'GET',
    path: CLIENT_PATH,
    operationId: 'getClient',
    tag: CLIENTS_TAG,
    permission: 'clients:read',
    summary: 'Get a client',
    description: 'The ETag identifies the version of the client.',
    schema: { params: clientParams, response: { 200: clientSchema } },
    errors: [404],
    async handle({ context, request, reply }) {
      const client = await findClient(services, context, request.params.id)
      return sendWithEtag(request, reply, entityTag(client.version), representClient(client))
    },
  })
