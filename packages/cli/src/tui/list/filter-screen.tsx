/** @jsxImportSource react */
import type { Field } from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { useApp } from '../app-context.ts'
import type { ListQuery } from '../calls.ts'
import { fit, wrap } from '../../output/text-width.ts'
import { useCursor } from '../frame/cursor.ts'
import { Frame, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'
import { fieldOptions, useChoice } from '../input/choices.ts'
import { TextEditor, useTextEditing } from '../input/text-editor.tsx'
import type { ListState } from './list-state.ts'

interface FilterOptions {
  list: ListState
  onDone(filters: ListQuery): void
  onCancel(): void
}

/** The filters of the client list, as the server has them. */
export function FilterScreen({ list, onDone, onCancel }: FilterOptions) {
  const { filters: fields } = useApp()
  const { width, height } = useContentSize()
  const [filters, setFilters] = useState(list.filters)
  const [editing, setEditing] = useState<Field>()
  const cursor = useCursor(fields.length, height - 4)
  const selected = fields[cursor.index]
  const set = (member: string, value: string | undefined) => {
    const { [member]: _, ...others } = filters
    setFilters(value === undefined ? others : { ...others, [member]: value })
    setEditing(undefined)
  }
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'f') onDone(filters)
    else if (key.name === 'x' && selected) set(selected.member, undefined)
    else if (key.name === 'X') setFilters({})
    else if (key.name === 'enter') setEditing(selected)
    else cursor.handleKey(key)
  })
  if (editing) {
    const props = { field: editing, value: filters[editing.member] }
    const done = (value: string | undefined) => set(editing.member, value)
    const cancel = () => setEditing(undefined)
    return editing.choices.length > 0 ? (
      <FilterChoice {...props} onDone={done} onCancel={cancel} />
    ) : (
      <FilterText {...props} onDone={done} onCancel={cancel} />
    )
  }
  const help = selected ? wrap(`${selected.help} ${selected.bounds}`.trim(), width - 2, 2) : []
  return (
    <Frame
      title="Clients › Filter"
      keys={[
        ['↑↓', 'move'],
        ['Enter', 'change'],
        ['x', 'clear'],
        ['X', 'clear all'],
        ['f', 'apply'],
        ['Esc', 'back'],
      ]}
    >
      <Lines
        width={width}
        lines={[
          { text: '' },
          ...fields.map(({ member }, index) => ({
            text: ` ${index === cursor.index ? '>' : ' '} ${fit(member, 28)} ${filters[member] ?? '(any)'}`,
            inverse: index === cursor.index,
          })),
          { text: '─'.repeat(width), dim: true },
          ...help.map((text) => ({ text: ` ${text}` })),
        ]}
      />
    </Frame>
  )
}

interface FilterEditorOptions {
  field: Field
  value: string | undefined
  onDone(value: string | undefined): void
  onCancel(): void
}

function FilterChoice({ field, value, onDone, onCancel }: FilterEditorOptions) {
  const { width, height } = useContentSize()
  const named = fieldOptions({ ...field, kind: 'choice', nullable: false })
  const choice = useChoice([{ value: undefined, label: '(any)', note: '' }, ...named], value, height - 2)
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') onDone(choice.chosen?.value as string | undefined)
    else choice.handleKey(key)
  })
  return (
    <Frame
      title={`Clients › Filter › ${field.member}`}
      keys={[
        ['↑↓', 'choose'],
        ['Enter', 'accept'],
        ['Esc', 'back'],
      ]}
    >
      <Lines width={width} lines={[{ text: ` ${field.help}` }, ...choice.lines]} />
    </Frame>
  )
}

function FilterText({ field, value, onDone, onCancel }: FilterEditorOptions) {
  const { width } = useContentSize()
  const editor = useTextEditing(value ?? '', false)
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') onDone(editor.text.trim() === '' ? undefined : editor.text.trim())
    else editor.handleKey(key)
  }, true)
  return (
    <Frame
      isTyping
      title={`Clients › Filter › ${field.member}`}
      keys={[
        ['Enter', 'accept'],
        ['Esc', 'back'],
      ]}
    >
      <Lines width={width} lines={[{ text: ` ${`${field.help} ${field.bounds}`.trim()}` }, { text: '' }]} />
      <TextEditor buffer={editor.buffer} width={width} height={1} />
    </Frame>
  )
}
