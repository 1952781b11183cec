import type { Clock } from '../../lib/time/clock.ts'
import type { ClientRepository } from '../../model/clients/client-repository.ts'
import { adminOperation } from '../operation.ts'
import { envelopeSchema, listEnvelope } from '../paging.ts'
import { clientListQuerySchema, readClientListQuery } from './client-list-query.ts'
import { CLIENTS_PATH, CLIENTS_TAG } from './client-path.ts'
import { clientSchema, representClient } from './client-representation.ts'

export const clientListSchema = envelopeSchema(clientSchema)

export const listClientsOperation = ({ clients, clock }: { clients: Pick<ClientRepository, 'list'>; clock: Clock }) =>
  adminOperation({
    method: 'GET',
    path: CLIENTS_PATH,
    operationId: 'listClients',
    tag: CLIENTS_TAG,
    permission: 'clients:read',
    summary: 'List clients',
    description: 'The newest first, unless sorted otherwise.',
    schema: { querystring: clientListQuerySchema, response: { 200: clientListSchema } },
    errors: [400],
    async handle({ context: { organisationId }, request }) {
      const query = readClientListQuery(request.query, clock.now())
      const { clients: found, total } = await clients.list({ ...query, organisationId })
      return listEnvelope(found.map(representClient), total, query)
    },
  })
