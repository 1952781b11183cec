import { z } from 'zod'
import type { WebhookManagement } from '../../webhooks/find-webhook.ts'
import { adminOperation } from '../operation.ts'
import { enumParameter, envelopeSchema, listEnvelope, pageParameters, readPage, searchParameter } from '../paging.ts'
import { representWebhook, WEBHOOKS_PATH, WEBHOOKS_TAG, webhookSchema } from './webhook.ts'

const querySchema = z.object({
  ...pageParameters,
  search: searchParameter.describe('Part of the URL or the description. Case is ignored.'),
  active: enumParameter(['true', 'false']),
})

export const listWebhooksOperation = ({ webhooks, clock }: WebhookManagement) =>
  adminOperation({
    method: 'GET',
    path: WEBHOOKS_PATH,
    operationId: 'listWebhooks',
    tag: WEBHOOKS_TAG,
    permission: 'webhooks:read',
    summary: 'List webhooks',
    description: 'Newest first, without their secrets.',
    schema: { querystring: querySchema, response: { 200: envelopeSchema(webhookSchema) } },
    errors: [400],
    async handle({ context: { organisationId }, request: { query } }) {
      const page = readPage(query)
      const isActive = query.active === undefined ? undefined : query.active === 'true'
      const search = query.search?.trim() || undefined
      const found = await webhooks.list({ organisationId, ...page, search, isActive })
      const now = clock.now()
      return listEnvelope(
        found.endpoints.map((endpoint) => representWebhook(endpoint, now)),
        found.total,
        page,
      )
    },
  })
