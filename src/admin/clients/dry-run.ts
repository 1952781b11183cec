import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { ClientSettings } from '../../model/clients/client.ts'
import { lint, warningSchema } from '../../clients/settings/lint.ts'
import { settableProperties } from '../../clients/settings/schema.ts'

/** The query of a request that may be rehearsed. */
export const dryRunQuerySchema = z.object({
  dryRun: z
    .enum(['true', 'false'], { error: 'must be true or false, sent once' })
    .optional()
    .describe('true: everything is checked, nothing is written, and the answer says what would change.'),
})

/** What a request would do. */
export const dryRunSchema = z.object({
  dryRun: z.literal(true),
  changes: z
    .array(
      z.object({
        member: z.string(),
        from: z.unknown().optional().describe('Left out where the client is new.'),
        to: z.unknown().optional().describe('Left out where the client goes.'),
      }),
    )
    .describe('The members that would change, in the order of the metadata.'),
  warnings: z.array(warningSchema).describe('What is risky in the client as it would be.'),
})
export type DryRunResult = z.output<typeof dryRunSchema>

/** What leads from one state of a client to another; undefined: there is no client. */
export function dryRunResult(from: ClientSettings | undefined, to: ClientSettings | undefined): DryRunResult {
  const changes = settableProperties.flatMap((member) => {
    const before = toJsonValue(from, member)
    const after = toJsonValue(to, member)
    if (member === 'pkceRequired' || isDeepStrictEqual(before, after)) return []
    return [{ member, ...(from && { from: before }), ...(to && { to: after }) }]
  })
  return { dryRun: true, changes, warnings: to ? lint(to) : [] }
}

function toJsonValue(settings: ClientSettings | undefined, member: string): unknown {
  const value = (settings as Readonly<Record<string, unknown>> | undefined)?.[member]
  return value instanceof Date ? value.toISOString() : value
}
