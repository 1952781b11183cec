import { type Draft, type DraftEvaluation, evaluateDraft } from 'cerberus-idp-admin-client'
import type { Failure } from '../../failure.ts'
import type { Session } from '../../sign-in/session.ts'
import { useDebounced, useQuery } from '../query.ts'

/** What the server says about a draft that is being edited. */
export interface LiveEvaluation extends DraftEvaluation {
  /** Why the server could not evaluate it. */
  failure: Failure | undefined
  /** Whether it is about the draft as it is now. */
  isCurrent: boolean
}

const DRY_RUN_DELAY_MS = 250

/** Evaluates a draft on the server while it is edited, a moment after the last change. */
export function useDraftEvaluation(session: Session, draft: Draft): LiveEvaluation {
  const key = JSON.stringify([draft.etag, draft.base['id'], draft.changes])
  const debouncedKey = useDebounced(key, DRY_RUN_DELAY_MS)
  const { value, failure, isLoading } = useQuery(debouncedKey, async () => ({
    key: debouncedKey,
    ...(await evaluateDraft(session, draft)),
  }))
  return {
    changes: value?.changes ?? [],
    problems: value?.problems ?? {},
    warnings: value?.warnings ?? [],
    failure,
    isCurrent: value?.key === key && !isLoading,
  }
}
