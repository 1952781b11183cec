import type { AdminClient } from '../admin-client.ts'
import { lintClient, type Warning } from '../resources/clients/clients.ts'
import { asDryRun, type Change, requireDryRun } from '../resources/dry-run.ts'
import { ApiError, type Issue } from '../transport/api-error.ts'
import { type Draft, isChanged, saveDraft } from './draft.ts'

/** What the server says about a draft. */
export interface DraftEvaluation {
  changes: readonly Change[]
  /** By member; problems of no member stand under the empty name. */
  problems: Readonly<Record<string, readonly string[]>>
  warnings: readonly Warning[]
}

/** Has the server evaluate a draft, by a dry run. Throws where the server rejects it for another reason than its content. */
export async function evaluateDraft(client: AdminClient, draft: Draft): Promise<DraftEvaluation> {
  if (draft.etag !== undefined && !isChanged(draft)) {
    const { body } = await client.send(lintClient(String(draft.base['id'])))
    return { changes: [], problems: {}, warnings: body.data }
  }
  try {
    const { changes, warnings } = requireDryRun(await client.send(asDryRun(saveDraft(draft))))
    return { changes, problems: {}, warnings }
  } catch (error) {
    if (!(error instanceof ApiError) || error.kind !== 'invalid') throw error
    return { changes: [], problems: problemsOf(error), warnings: [] }
  }
}

/** The problems in an error by the member that they are about: `redirectUris.0` is about `redirectUris`. */
export function problemsOf({ message, issues }: ApiError): Record<string, string[]> {
  const all: readonly Issue[] = issues.length > 0 ? issues : [{ path: [], message }]
  const problems: Record<string, string[]> = {}
  for (const { path, message: problem } of all) {
    const [member = '', ...rest] = path.map(String)
    problems[member] = [...(problems[member] ?? []), rest.length === 0 ? problem : `${rest.join('.')}: ${problem}`]
  }
  return problems
}
