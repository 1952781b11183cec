import type { Failure } from '../failure.ts'
import { rehearsalOf } from '../client-requests.ts'
import type { Session } from '../session.ts'
import { useAnswer, useSettled } from './answers.ts'
import { isChanged, type Change, type Draft } from './draft.ts'
import { lintCall, rehearsalCall } from './requests.ts'
import { said } from './value.ts'

/** What is risky, as the server says it. */
export interface Warning {
  member: string
  /** Completes the sentence that begins with the member. */
  message: string
  advice: string
}

/** What the server says to a draft: what would change, what it refuses, what is risky. */
export interface Judgement {
  changes: readonly Change[]
  /** By member; what is about none stands under the empty name. */
  problems: Readonly<Record<string, readonly string[]>>
  warnings: readonly Warning[]
  /** Why the server could not say. */
  failure: Failure | undefined
  /** Whether it is about the draft as it is now. */
  settled: boolean
}

const PAUSE = 250

/** Has the server judge a draft while somebody works on it: a moment after the last key, and never by an old answer. */
export function useJudgement(session: Session, draft: Draft): Judgement {
  const key = JSON.stringify([draft.etag, draft.base['id'], draft.changes])
  const asked = useSettled(key, PAUSE)
  const answer = useAnswer(asked, async () => ({ asked, ...(await judge(session, draft)) }))
  const value = answer.value
  return {
    changes: value?.changes ?? [],
    problems: value?.problems ?? {},
    warnings: value?.warnings ?? [],
    failure: answer.failure,
    settled: value?.asked === key && !answer.waiting,
  }
}

/** Asks once. What the server refuses because of the draft is a problem of it, and everything else is thrown. */
export async function judge(
  session: Session,
  draft: Draft,
): Promise<Pick<Judgement, 'changes' | 'problems' | 'warnings'>> {
  if (draft.etag !== undefined && !isChanged(draft)) {
    const { body } = await session.call(lintCall(said(draft.base['id'])).request)
    return { changes: [], problems: {}, warnings: (body as { data: Warning[] }).data }
  }
  try {
    const { changes, warnings } = rehearsalOf(await session.call(rehearsalCall(draft).request))
    return { changes, problems: {}, warnings }
  } catch (error) {
    const failure = error as Failure
    if (failure.ending !== 'invalid') throw error
    return { changes: [], problems: problemsOf(failure), warnings: [] }
  }
}

/** `redirectUris.0: must be …` is about `redirectUris`. */
export function problemsOf({ message, particulars }: Failure): Record<string, string[]> {
  const told = particulars.length > 0 ? particulars : [`: ${message}`]
  const problems: Record<string, string[]> = {}
  for (const particular of told) {
    const [, member = '', where = '', words = particular] = /^(\w*)((?:\.[^:]*)?): (.*)$/s.exec(particular) ?? []
    const place = where === '' ? '' : `${where.slice(1)}: `
    problems[member] = [...(problems[member] ?? []), `${place}${words}`]
  }
  return problems
}
