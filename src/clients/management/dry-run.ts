import { isDeepStrictEqual } from 'node:util'
import type { ClientSettings } from '../../model/clients/client.ts'
import { lint, type Warning } from '../settings/lint.ts'
import { settableProperties } from '../settings/schema.ts'

/** What a change would do to a client. `from` is absent for a new client, `to` for a client that would be deleted. */
export interface ClientDryRun {
  dryRun: true
  changes: { member: string; from?: unknown; to?: unknown }[]
  warnings: Warning[]
}

/** Compares the client before and after a change; undefined stands for no client. */
export function dryRunResult(before: ClientSettings | undefined, after: ClientSettings | undefined): ClientDryRun {
  const changes = settableProperties.flatMap((member) => {
    const from = toJsonValue(before, member)
    const to = toJsonValue(after, member)
    if (member === 'pkceRequired' || isDeepStrictEqual(from, to)) return []
    return [{ member, ...(before && { from }), ...(after && { to }) }]
  })
  return { dryRun: true, changes, warnings: after ? lint(after) : [] }
}

function toJsonValue(settings: ClientSettings | undefined, member: string): unknown {
  const value = (settings as Readonly<Record<string, unknown>> | undefined)?.[member]
  return value instanceof Date ? value.toISOString() : value
}
