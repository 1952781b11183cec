/** @jsxImportSource react */
import { useState, type ReactNode } from 'react'
import type { Session } from '../session.ts'
import { optionsOf, useChoice, useSelection } from './choices.ts'
import { wrap } from './columns.ts'
import { withMember, type Draft } from './draft.ts'
import type { Field } from './field.ts'
import { Fixed, Frame, useRoom, type KeyHint, type Message } from './frame.tsx'
import { useKeys } from './keys.tsx'
import { remarksOn } from './remarks.ts'
import { useJudgement } from './rehearsal.ts'
import { TextEditor, useTextEditing } from './text-editor.tsx'
import { Lines, type StyledLine } from './text.tsx'
import { parsed, textOf } from './value.ts'

/** Edits one member of a draft. What the server says to it is told while it is typed. */
export interface FieldEditing {
  session: Session
  draft: Draft
  field: Field
  value: unknown
  onDone(value: unknown): void
  onCancel(): void
}

const HELP_LINES = 3
const REMARK_LINES = 5

/** The editor that a field wants. */
export function FieldEditor(editing: FieldEditing) {
  const { kind } = editing.field
  if (kind === 'flag' || kind === 'one') return <ChoiceEditor {...editing} />
  return kind === 'several' ? <SelectionEditor {...editing} /> : <TextFieldEditor {...editing} />
}

function ChoiceEditor(editing: FieldEditing) {
  const { field, value, onDone, onCancel } = editing
  const { width, height } = useEditorRoom()
  const choice = useChoice(optionsOf(field), value, height)
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter' || key.name === ' ') onDone(choice.chosen?.value)
    else choice.hears(key)
  })
  return (
    <EditorFrame
      editing={editing}
      pending={{ value: choice.chosen?.value }}
      keys={[
        ['↑↓', 'choose'],
        ['Enter', 'take it'],
      ]}
    >
      <Lines lines={choice.lines} width={width} />
    </EditorFrame>
  )
}

function SelectionEditor(editing: FieldEditing) {
  const { field, value, onDone, onCancel } = editing
  const { width, height } = useEditorRoom()
  const open = field.choices.length === 0
  const selection = useSelection(field, value, height - (open ? 1 : 0))
  const [adding, setAdding] = useState(false)
  const other = useTextEditing('', false)
  useKeys((key) => {
    if (adding) {
      if (key.name === 'escape') setAdding(false)
      else if (key.name === 'enter') {
        if (other.text.trim() !== '') selection.add(other.text.trim())
        other.replace('')
        setAdding(false)
      } else other.hears(key)
    } else if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') onDone(selection.selected)
    else if (key.name === 'a' && open) setAdding(true)
    else selection.hears(key)
  }, adding)
  const keys: KeyHint[] = adding
    ? [
        ['Enter', 'add it'],
        ['Esc', 'back'],
      ]
    : [['↑↓', 'move'], ['Space', 'mark'], ...(open ? [['a', 'another'] as const] : []), ['Enter', 'take it']]
  return (
    <EditorFrame
      editing={editing}
      pending={{ value: selection.selected }}
      keys={keys}
      isInside={adding}
      isTyping={adding}
    >
      <Lines lines={selection.lines} width={width} />
      {adding && <TextEditor buffer={other.buffer} width={width} height={1} />}
    </EditorFrame>
  )
}

function TextFieldEditor(editing: FieldEditing) {
  const { field, value, onDone, onCancel } = editing
  const { width, height } = useEditorRoom()
  const initial = textOf(field, value)
  const [many] = useState(field.kind === 'lines' || field.kind === 'json' || isLong(field) || initial.includes('\n'))
  const editor = useTextEditing(initial, many)
  const pending = parsed(field, editor.text)
  useKeys((key) => {
    const takes = key.name === 'ctrl+s' || (key.name === 'enter' && !many)
    if (key.name === 'escape') onCancel()
    else if (key.name === 'ctrl+n' && field.nullable) onDone(null)
    else if (takes && 'value' in pending) onDone(editor.text === initial ? value : pending.value)
    else if (!takes) editor.hears(key)
  }, true)
  const keys: KeyHint[] = [
    many ? ['Ctrl-S', 'take it'] : ['Enter', 'take it'],
    ...(many ? [['Enter', 'next line'] as const] : []),
    ...(field.nullable ? [['Ctrl-N', 'not set'] as const] : []),
    ['Ctrl-U', 'clear line'],
  ]
  return (
    <EditorFrame editing={editing} pending={pending} keys={keys} isTyping>
      <TextEditor buffer={editor.buffer} width={width} height={height} />
    </EditorFrame>
  )
}

/** Text that wants several lines. */
function isLong({ kind, bounds }: Field): boolean {
  return kind === 'text' && Number(/^At most (\d+) char/.exec(bounds)?.[1] ?? 0) >= 1000
}

function useEditorRoom(): { width: number; height: number } {
  const { width, height } = useRoom()
  return { width, height: height - HELP_LINES - REMARK_LINES - 3 }
}

function EditorFrame({
  editing: { session, draft, field, value },
  pending,
  keys,
  isInside = false,
  isTyping = false,
  children,
}: {
  editing: FieldEditing
  pending: { value: unknown } | { problem: string }
  keys: readonly KeyHint[]
  isInside?: boolean
  isTyping?: boolean
  children: ReactNode
}) {
  const { width, height } = useRoom()
  const wanted = 'value' in pending ? pending.value : value
  const judgement = useJudgement(session, withMember(draft, field.member, wanted))
  const refused = 'problem' in pending ? { [field.member]: [pending.problem] } : judgement.problems
  const remarks = remarksOn({ ...judgement, problems: refused }, field.member, width - 2, REMARK_LINES)
  const help = wrap(`${field.help} ${field.bounds}`.trim(), width - 2, HELP_LINES)
  const head: StyledLine[] = [
    { text: ` ${field.member}`, bold: true },
    ...Array.from({ length: HELP_LINES }, (_, index) => ({ text: ` ${help[index] ?? ''}` })),
    { text: '─'.repeat(width), dim: true },
  ]
  const waiting = 'value' in pending && !judgement.settled && !judgement.failure
  const message: Message | undefined = waiting ? { text: 'Asking the server …' } : undefined
  return (
    <Frame
      title={`${field.group} › ${field.member}`}
      message={message}
      isTyping={isTyping}
      keys={isInside ? keys : [...keys, ['Esc', 'leave it as it was']]}
    >
      <Lines lines={head} width={width} />
      <Fixed height={height - HELP_LINES - REMARK_LINES - 3}>{children}</Fixed>
      <Lines lines={[{ text: '─'.repeat(width), dim: true }, ...remarks]} width={width} />
    </Frame>
  )
}
