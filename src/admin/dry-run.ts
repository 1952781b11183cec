import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { warningSchema } from '../clients/settings/lint.ts'

/** The query string of an operation that can be tried without effect. */
export const dryRunQuerySchema = z.object({
  dryRun: z
    .enum(['true', 'false'], { error: 'must be true or false, sent once' })
    .optional()
    .describe('true: the request is checked, nothing is written, and the response lists what would change.'),
})

/** The response of a dry run. */
export const dryRunSchema = z.object({
  dryRun: z.literal(true),
  changes: z
    .array(
      z.object({
        member: z.string(),
        from: z.unknown().optional().describe('Left out where the object would be new.'),
        to: z.unknown().optional().describe('Left out where the object would be deleted.'),
      }),
    )
    .describe('The members that would change, in the order of the metadata.'),
  warnings: z.array(warningSchema).describe('The risky settings that the object would have.'),
})

/** Whether the request, whose query string has passed `dryRunQuerySchema`, is a dry run. */
export function isDryRun({ query }: FastifyRequest): boolean {
  return (query as z.output<typeof dryRunQuerySchema>).dryRun === 'true'
}
