/** @jsxImportSource react */
import { useState } from 'react'
import type { ServerAnswer } from '../server.ts'
import { asFailure, inWords, useAnswer } from './answers.ts'
import { wrap } from './columns.ts'
import { CopyScreen } from './copy-screen.tsx'
import { useScroll } from './cursor.ts'
import { diffLines } from './diff-lines.ts'
import type { Draft } from './draft.ts'
import { Frame, useRoom, type KeyHint, type Message } from './frame.tsx'
import { useKeys } from './keys.tsx'
import { judge, type Judgement } from './rehearsal.ts'
import { saveCall } from './requests.ts'
import { Lines, type StyledLine } from './text.tsx'
import { useWork } from './work.ts'

interface DiffOptions {
  draft: Draft
  onSaved(answer: ServerAnswer): void
  /** Somebody else has changed the client since it was read. What it throws is told here. */
  onConflict(): Promise<void>
  onCancel(): void
}

/** What would change, as the server says it, before it is asked to do it. */
export function DiffScreen({ draft, onSaved, onConflict, onCancel }: DiffOptions) {
  const { session } = useWork()
  const { width, height } = useRoom()
  const [saving, setSaving] = useState<Message>()
  const [isCopying, setCopying] = useState(false)
  const answer = useAnswer(JSON.stringify([draft.etag, draft.changes]), async () => {
    try {
      return await judge(session, draft)
    } catch (error) {
      if (asFailure(error).ending === 'conflict') await onConflict()
      throw error
    }
  })
  const judged = answer.value
  const refused = Object.keys(judged?.problems ?? {}).length > 0
  const lines = judged ? judgedLines(judged, width) : []
  const scroll = useScroll(lines.length, height)
  const isNew = draft.etag === undefined
  const nothing = judged !== undefined && judged.changes.length === 0 && !refused

  const save = async () => {
    setSaving({ text: 'Asking the server …' })
    try {
      onSaved(await session.call(saveCall(draft).request))
    } catch (error) {
      const failure = asFailure(error)
      const refusal = failure.ending === 'conflict' ? await onConflict().catch(asFailure) : failure
      if (refusal) setSaving({ text: inWords(refusal), tone: 'bad' })
    }
  }
  useKeys(({ name, text }) => {
    if (saving && saving.tone !== 'bad') return
    if (name === 'escape' || name === 'n') onCancel()
    else if (name === 'c') setCopying(true)
    else if (name === 'r') answer.again()
    else if (name === 'y' && judged && !refused && !nothing) void save()
    else scroll.hears({ name, text })
  })
  if (isCopying)
    return <CopyScreen calls={[{ name: 'The change', call: saveCall(draft) }]} onDone={() => setCopying(false)} />

  const keys: KeyHint[] = [
    ...(judged && !refused && !nothing ? [['y', isNew ? 'register it' : 'save'] as const] : []),
    ['Esc', 'back to the form'],
    ['↑↓', 'scroll'],
    ['c', 'copy as'],
    ['r', 'again'],
  ]
  return (
    <Frame title={isNew ? 'Register this client?' : 'Save these changes?'} keys={keys} message={messageNow()}>
      <Lines width={width} lines={lines.slice(scroll.top, scroll.top + height)} />
    </Frame>
  )

  function messageNow(): Message | undefined {
    if (saving) return saving
    if (answer.waiting) return { text: 'Asking the server …' }
    if (answer.failure) return { text: inWords(answer.failure), tone: 'bad' }
    if (refused) return { text: 'The server refuses this. Go back and put it right.', tone: 'bad' }
    if (nothing) return { text: 'Nothing would change.' }
    const more =
      lines.length > height
        ? ` Lines ${scroll.top + 1} to ${Math.min(lines.length, scroll.top + height)} of ${lines.length}.`
        : ''
    const count = judged?.changes.length ?? 0
    const members = count === 1 ? 'One member' : `${count} members`
    return { text: `${members} ${isNew ? 'set' : 'changed'}.${more}` }
  }
}

function judgedLines(
  { changes, problems, warnings }: Pick<Judgement, 'changes' | 'problems' | 'warnings'>,
  width: number,
) {
  const refusals = Object.entries(problems).flatMap(([member, said]) => said.map((problem) => `x ${member} ${problem}`))
  const risks = warnings.map(({ member, message, advice }) => `! ${member} ${message}. ${advice}`)
  const wrapped = (texts: readonly string[], style: Omit<StyledLine, 'text'>): StyledLine[] =>
    texts.flatMap((text) => wrap(text, width - 2).map((line) => ({ text: ` ${line}`, ...style })))
  return [
    ...wrapped(refusals, { tone: 'bad', bold: true }),
    ...diffLines(changes, width),
    ...(risks.length > 0 ? [{ text: '' }, { text: ' Risky:', bold: true }] : []),
    ...wrapped(risks, { tone: 'risky' }),
  ]
}
