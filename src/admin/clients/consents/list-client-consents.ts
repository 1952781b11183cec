// `admin/clients/consents` owns the operations that list and revoke the consents that users gave to a client.
// Asking users for consent belongs to `authorize`.

import { z } from 'zod'
import { listConsents } from '../../../clients/management/consents.ts'
import { adminOperation } from '../../operation.ts'
import { cappedEnvelopeSchema, listEnvelope, pageQuerySchema, readPage } from '../../paging.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from '../client-path.ts'

export const CONSENTS_PATH = `${CLIENT_PATH}/consents`

const consentSchema = z.object({
  userId: z.string(),
  email: z.string(),
  scopes: z.array(z.string()),
  grantedAt: z.string().describe('ISO 8601. When the user last consented to a scope.'),
})

export const listClientConsentsOperation = (services: Parameters<typeof listConsents>[0]) =>
  adminOperation({
    method: 'GET',
    path: CONSENTS_PATH,
    operationId: 'listClientConsents',
    tag: CLIENTS_TAG,
    permission: 'clients:read',
    summary: 'List the consents of users to a client',
    description: 'The newest first. The users are not asked again for these scopes.',
    schema: {
      params: clientParams,
      querystring: pageQuerySchema,
      response: { 200: cappedEnvelopeSchema(consentSchema) },
    },
    errors: [400, 404],
    async handle({ context, request }) {
      const page = readPage(request.query)
      const { consents, total, moreThanTotal } = await listConsents(services, context, request.params.id, page)
      const data = consents.map((consent) => ({ ...consent, grantedAt: consent.grantedAt.toISOString() }))
      return { ...listEnvelope(data, total, page), moreThanTotal }
    },
  })
