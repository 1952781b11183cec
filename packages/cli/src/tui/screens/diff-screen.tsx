/** @jsxImportSource react */
import {
  type ApiResponse,
  type ChangedClient,
  type Draft,
  type DraftEvaluation,
  evaluateDraft,
} from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { toFailure } from '../../failure.ts'
import { useApp } from '../app-context.ts'
import { saveCall } from '../calls.ts'
import { wrap } from '../../output/text-width.ts'
import { useScroll } from '../frame/cursor.ts'
import { Frame, type KeyHint, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines, type StyledLine } from '../frame/text.tsx'
import { failureText, useQuery } from '../query.ts'
import { CopyAsScreen } from './copy-as-screen.tsx'
import { diffLines } from './diff-lines.ts'

interface DiffOptions {
  draft: Draft
  onSaved(response: ApiResponse<ChangedClient>): void
  /** The client has changed since it was read. Errors are shown on this screen. */
  onConflict(): Promise<void>
  onCancel(): void
}

/** The changes by a dry run of the server, to confirm before they are saved. */
export function DiffScreen({ draft, onSaved, onConflict, onCancel }: DiffOptions) {
  const { session } = useApp()
  const { width, height } = useContentSize()
  const [saving, setSaving] = useState<Message>()
  const [isCopying, setCopying] = useState(false)
  const evaluation = useQuery(JSON.stringify([draft.etag, draft.changes]), async () => {
    try {
      return await evaluateDraft(session, draft)
    } catch (error) {
      if (toFailure(error).reason === 'conflict') await onConflict()
      throw error
    }
  })
  const result = evaluation.value
  const isRejected = Object.keys(result?.problems ?? {}).length > 0
  const lines = result ? evaluationLines(result, width) : []
  const scroll = useScroll(lines.length, height)
  const isNew = draft.etag === undefined
  const isUnchanged = result !== undefined && result.changes.length === 0 && !isRejected

  const save = async () => {
    setSaving({ text: 'Saving …' })
    try {
      onSaved(await session.send(saveCall(draft).request))
    } catch (error) {
      const failure = toFailure(error)
      const shown = failure.reason === 'conflict' ? await onConflict().catch(toFailure) : failure
      if (shown) setSaving({ text: failureText(shown), tone: 'bad' })
    }
  }
  useKeys(({ name, text }) => {
    if (saving && saving.tone !== 'bad') return
    if (name === 'escape' || name === 'n') onCancel()
    else if (name === 'c') setCopying(true)
    else if (name === 'r') evaluation.reload()
    else if (name === 'y' && result && !isRejected && !isUnchanged) void save()
    else scroll.handleKey({ name, text })
  })
  if (isCopying)
    return <CopyAsScreen calls={[{ name: 'The change', call: saveCall(draft) }]} onDone={() => setCopying(false)} />

  const keys: KeyHint[] = [
    ...(result && !isRejected && !isUnchanged ? [['y', isNew ? 'register' : 'save'] as const] : []),
    ['Esc', 'back to the form'],
    ['↑↓', 'scroll'],
    ['c', 'copy as'],
    ['r', 'retry'],
  ]
  return (
    <Frame title={isNew ? 'Register this client?' : 'Save these changes?'} keys={keys} message={currentMessage()}>
      <Lines width={width} lines={lines.slice(scroll.top, scroll.top + height)} />
    </Frame>
  )

  function currentMessage(): Message | undefined {
    if (saving) return saving
    if (evaluation.isLoading) return { text: 'Checking …' }
    if (evaluation.failure) return { text: failureText(evaluation.failure), tone: 'bad' }
    if (isRejected) return { text: 'The server rejects this. Go back to correct it.', tone: 'bad' }
    if (isUnchanged) return { text: 'Nothing would change.' }
    const more =
      lines.length > height
        ? ` Lines ${scroll.top + 1} to ${Math.min(lines.length, scroll.top + height)} of ${lines.length}.`
        : ''
    const count = result?.changes.length ?? 0
    const members = count === 1 ? 'One member' : `${count} members`
    return { text: `${members} ${isNew ? 'set' : 'changed'}.${more}` }
  }
}

function evaluationLines({ changes, problems, warnings }: DraftEvaluation, width: number) {
  const rejected = Object.entries(problems).flatMap(([member, texts]) =>
    texts.map((problem) => `x ${member} ${problem}`),
  )
  const risks = warnings.map(({ member, message, advice }) => `! ${member} ${message}. ${advice}`)
  const wrapped = (texts: readonly string[], style: Omit<StyledLine, 'text'>): StyledLine[] =>
    texts.flatMap((text) => wrap(text, width - 2).map((line) => ({ text: ` ${line}`, ...style })))
  return [
    ...wrapped(rejected, { tone: 'bad', bold: true }),
    ...diffLines(changes, width),
    ...(risks.length > 0 ? [{ text: '' }, { text: ' Warnings:', bold: true }] : []),
    ...wrapped(risks, { tone: 'risky' }),
  ]
}
