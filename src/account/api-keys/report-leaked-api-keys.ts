// `account/api-keys` owns what anybody may say about API keys: that one was published.
// Revoking it belongs to `users/api-keys`.

import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { defineOperation, noSecurity } from '../../http/json-api/operation.ts'
import type { AttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { reportLeakedApiKeys, type LeakedApiKeyServices } from '../../users/api-keys/report-leaked-api-keys.ts'

export interface LeakReportServices extends LeakedApiKeyServices {
  /** Limits reports, by address. */
  leakReports: Pick<AttemptRateLimiter, 'consume'>
}

const MAX_KEYS = 100

const reportSchema = z.strictObject(
  {
    keys: z
      .array(z.string().max(200, { error: 'must have at most 200 characters' }), { error: 'must be a list of keys' })
      .min(1, { error: 'must name at least one key' })
      .max(MAX_KEYS, { error: `must have at most ${MAX_KEYS} entries` }),
    foundAt: field.text(2_000).optional().describe('Where they were found, for the audit log.'),
  },
  { error: 'must be a JSON object' },
)

/** For anybody who finds keys of this server, such as scanners of source code. */
export const reportLeakedApiKeysOperation = (services: LeakReportServices) =>
  defineOperation({
    method: 'POST',
    path: '/v1/api-keys/report-leak',
    operationId: 'reportLeakedApiKeys',
    tag: 'API keys',
    security: noSecurity,
    summary: 'Report API keys that were published',
    description:
      'Revokes them at once. Keys begin with ck_live_. The response does not say which of them are keys of this server.',
    schema: {
      body: reportSchema,
      response: { 202: z.object({ message: z.string() }) },
    },
    errorStatuses: [],
    example: { keys: ['ck_live_a1b2c3d4e5_REDACTED'], foundAt: 'https://git.example.com/project/file' },
    async handle({ request, reply }) {
      await services.leakReports.consume(request.clientAddress.network)
      const { keys, foundAt } = request.body
      await reportLeakedApiKeys(services, { keys, foundAt }, requestMetadata(request))
      return reply.status(202).send({ message: 'Thank you. Keys of this server are revoked.' })
    },
  })
