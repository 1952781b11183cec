/** @jsxImportSource react */
import { type Draft, editableText, type Field, parseValue, withMember } from 'cerberus-idp-admin-client'
import { type ReactNode, useState } from 'react'
import type { Session } from '../../sign-in/session.ts'
import { useDraftEvaluation } from '../form/dry-run.ts'
import { warningLines } from '../form/warning-lines.ts'
import { wrap } from '../../output/text-width.ts'
import { FixedHeight, Frame, type KeyHint, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines, type StyledLine } from '../frame/text.tsx'
import { fieldOptions, useChoice, useSelection } from './choices.ts'
import { TextEditor, useTextEditing } from './text-editor.tsx'

interface FieldEditorOptions {
  session: Session
  draft: Draft
  field: Field
  value: unknown
  onDone(value: unknown): void
  onCancel(): void
}

const HELP_LINES = 3
const WARNING_LINES = 5

/** Edits one member of a draft. Problems and warnings of the server appear while the user types. */
export function FieldEditor(options: FieldEditorOptions) {
  const { kind } = options.field
  if (kind === 'boolean' || kind === 'choice') return <ChoiceEditor {...options} />
  return kind === 'choices' ? <SelectionEditor {...options} /> : <TextFieldEditor {...options} />
}

function ChoiceEditor(options: FieldEditorOptions) {
  const { field, value, onDone, onCancel } = options
  const { width, height } = useEditorSize()
  const choice = useChoice(fieldOptions(field), value, height)
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter' || key.name === ' ') onDone(choice.chosen?.value)
    else choice.handleKey(key)
  })
  return (
    <EditorFrame
      options={options}
      pending={{ value: choice.chosen?.value }}
      keys={[
        ['↑↓', 'choose'],
        ['Enter', 'accept'],
      ]}
    >
      <Lines lines={choice.lines} width={width} />
    </EditorFrame>
  )
}

function SelectionEditor(options: FieldEditorOptions) {
  const { field, value, onDone, onCancel } = options
  const { width, height } = useEditorSize()
  const isOpen = field.choices.length === 0
  const selection = useSelection(field, value, height - (isOpen ? 1 : 0))
  const [adding, setAdding] = useState(false)
  const other = useTextEditing('', false)
  useKeys((key) => {
    if (adding) {
      if (key.name === 'escape') setAdding(false)
      else if (key.name === 'enter') {
        if (other.text.trim() !== '') selection.add(other.text.trim())
        other.replace('')
        setAdding(false)
      } else other.handleKey(key)
    } else if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') onDone(selection.selected)
    else if (key.name === 'a' && isOpen) setAdding(true)
    else selection.handleKey(key)
  }, adding)
  const keys: KeyHint[] = adding
    ? [
        ['Enter', 'add'],
        ['Esc', 'back'],
      ]
    : [['↑↓', 'move'], ['Space', 'select'], ...(isOpen ? [['a', 'add other'] as const] : []), ['Enter', 'accept']]
  return (
    <EditorFrame
      options={options}
      pending={{ value: selection.selected }}
      keys={keys}
      isNested={adding}
      isTyping={adding}
    >
      <Lines lines={selection.lines} width={width} />
      {adding && <TextEditor buffer={other.buffer} width={width} height={1} />}
    </EditorFrame>
  )
}

function TextFieldEditor(options: FieldEditorOptions) {
  const { field, value, onDone, onCancel } = options
  const { width, height } = useEditorSize()
  const initial = editableText(field, value)
  const [isMultiline] = useState(
    field.kind === 'lines' || field.kind === 'json' || isLong(field) || initial.includes('\n'),
  )
  const editor = useTextEditing(initial, isMultiline)
  const pending = parseValue(field, editor.text)
  useKeys((key) => {
    const isAccept = key.name === 'ctrl+s' || (key.name === 'enter' && !isMultiline)
    if (key.name === 'escape') onCancel()
    else if (key.name === 'ctrl+n' && field.nullable) onDone(null)
    else if (isAccept && 'value' in pending) onDone(editor.text === initial ? value : pending.value)
    else if (!isAccept) editor.handleKey(key)
  }, true)
  const keys: KeyHint[] = [
    isMultiline ? ['Ctrl-S', 'accept'] : ['Enter', 'accept'],
    ...(isMultiline ? [['Enter', 'next line'] as const] : []),
    ...(field.nullable ? [['Ctrl-N', 'not set'] as const] : []),
    ['Ctrl-U', 'clear line'],
  ]
  return (
    <EditorFrame options={options} pending={pending} keys={keys} isTyping>
      <TextEditor buffer={editor.buffer} width={width} height={height} />
    </EditorFrame>
  )
}

/** Whether a text is usually long enough for several lines. */
function isLong({ kind, bounds }: Field): boolean {
  return kind === 'text' && Number(/^At most (\d+) char/.exec(bounds)?.[1] ?? 0) >= 1000
}

function useEditorSize(): { width: number; height: number } {
  const { width, height } = useContentSize()
  return { width, height: height - HELP_LINES - WARNING_LINES - 3 }
}

function EditorFrame({
  options: { session, draft, field, value },
  pending,
  keys,
  isNested = false,
  isTyping = false,
  children,
}: {
  options: FieldEditorOptions
  pending: { value: unknown } | { problem: string }
  keys: readonly KeyHint[]
  isNested?: boolean
  isTyping?: boolean
  children: ReactNode
}) {
  const { width, height } = useContentSize()
  const candidate = 'value' in pending ? pending.value : value
  const evaluation = useDraftEvaluation(session, withMember(draft, field.member, candidate))
  const problems = 'problem' in pending ? { [field.member]: [pending.problem] } : evaluation.problems
  const warnings = warningLines({ ...evaluation, problems }, field.member, width - 2, WARNING_LINES)
  const help = wrap(`${field.help} ${field.bounds}`.trim(), width - 2, HELP_LINES)
  const head: StyledLine[] = [
    { text: ` ${field.member}`, bold: true },
    ...Array.from({ length: HELP_LINES }, (_, index) => ({ text: ` ${help[index] ?? ''}` })),
    { text: '─'.repeat(width), dim: true },
  ]
  const waiting = 'value' in pending && !evaluation.isCurrent && !evaluation.failure
  const message: Message | undefined = waiting ? { text: 'Checking …' } : undefined
  return (
    <Frame
      title={`${field.group} › ${field.member}`}
      message={message}
      isTyping={isTyping}
      keys={isNested ? keys : [...keys, ['Esc', 'cancel']]}
    >
      <Lines lines={head} width={width} />
      <FixedHeight height={height - HELP_LINES - WARNING_LINES - 3}>{children}</FixedHeight>
      <Lines lines={[{ text: '─'.repeat(width), dim: true }, ...warnings]} width={width} />
    </Frame>
  )
}
