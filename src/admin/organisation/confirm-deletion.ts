import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isObject } from '../../lib/object.ts'

/** OpenAPI has no body for DELETE (§4.8.14), so the confirmation may come in the query string. */
export const confirmationQuerySchema = z.object({
  confirmDomain: z
    .string({ error: 'must be text, sent once' })
    .optional()
    .describe('The slug of the organisation. It may also be a member of a JSON body.'),
})

/** The confirmation in the body, or else in the query string. */
export function readConfirmation({ body, query }: FastifyRequest): string | undefined {
  const inBody = isObject(body) ? body['confirmDomain'] : undefined
  if (typeof inBody === 'string') return inBody
  return (query as z.output<typeof confirmationQuerySchema>).confirmDomain
}
