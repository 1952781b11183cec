// `admin/clients/grants` owns the operations that list and revoke the grants of a client.
// Revoking a grant invalidates its codes, refresh tokens and access tokens immediately.
// Creating grants belongs to `authorize` and `grants`.

import { z } from 'zod'
import { listGrants } from '../../../clients/management/grants.ts'
import { adminOperation } from '../../operation.ts'
import { cappedEnvelopeSchema, listEnvelope, pageQuerySchema, readPage } from '../../paging.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from '../client-path.ts'

export const GRANTS_PATH = `${CLIENT_PATH}/grants`

/** What a user has granted the client. */
const grantSchema = z.object({
  id: z.string(),
  userId: z.string(),
  email: z.string(),
  scopes: z.array(z.string()),
  offline: z.boolean().describe('Whether it stays active after the session in which it was given.'),
  createdAt: z.string(),
})

export const listClientGrantsOperation = (services: Parameters<typeof listGrants>[0]) =>
  adminOperation({
    method: 'GET',
    path: GRANTS_PATH,
    operationId: 'listClientGrants',
    tag: CLIENTS_TAG,
    permission: 'clients:read',
    summary: 'List the grants of a client',
    description: 'The active grants, the newest first. Each is what a user has granted the client.',
    schema: {
      params: clientParams,
      querystring: pageQuerySchema,
      response: { 200: cappedEnvelopeSchema(grantSchema) },
    },
    errors: [400, 404],
    async handle({ context, request }) {
      const page = readPage(request.query)
      const { grants, total, moreThanTotal } = await listGrants(services, context, request.params.id, page)
      const data = grants.map((grant) => ({ ...grant, createdAt: grant.createdAt.toISOString() }))
      return { ...listEnvelope(data, total, page), moreThanTotal }
    },
  })
