import type { FastifyRequest } from 'fastify'
import { entityTag, ifMatch } from '../http/caching/preconditions.ts'
import type { UpdateConditions } from '../lib/concurrency/optimistic-update.ts'
import { isDryRun } from './dry-run.ts'

/** The entry of `If-Match` in the OpenAPI document. */
export const ifMatchHeader = {
  in: 'header',
  name: 'If-Match',
  required: false,
  description:
    'The ETag of the version that you have read. If the object has another version by now, the request is rejected with 412.',
  schema: { type: 'string' },
} as const

/** The conditions of a change: `If-Match` (RFC 9110 §13.1.1) and the query parameter `dryRun`. */
export function readUpdateConditions(request: FastifyRequest): UpdateConditions {
  const matches = ifMatch(request)
  return { acceptsVersion: (version) => matches(entityTag(version)), dryRun: isDryRun(request) }
}
