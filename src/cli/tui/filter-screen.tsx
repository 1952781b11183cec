/** @jsxImportSource react */
import { useState } from 'react'
import { optionsOf, useChoice } from './choices.ts'
import { fit, wrap } from './columns.ts'
import { useCursor } from './cursor.ts'
import type { Field } from './field.ts'
import { Frame, useRoom } from './frame.tsx'
import { useKeys } from './keys.tsx'
import type { ListState } from './list-state.ts'
import type { ListQuery } from './requests.ts'
import { TextEditor, useTextEditing } from './text-editor.tsx'
import { Lines } from './text.tsx'
import { useWork } from './work.ts'

interface FilterOptions {
  list: ListState
  onDone(filters: ListQuery): void
  onCancel(): void
}

/** What the list is narrowed to: what the server can narrow it to. */
export function FilterScreen({ list, onDone, onCancel }: FilterOptions) {
  const { filters: fields } = useWork()
  const { width, height } = useRoom()
  const [filters, setFilters] = useState(list.filters)
  const [editing, setEditing] = useState<Field>()
  const cursor = useCursor(fields.length, height - 4)
  const here = fields[cursor.index]
  const set = (member: string, value: string | undefined) => {
    const { [member]: _, ...others } = filters
    setFilters(value === undefined ? others : { ...others, [member]: value })
    setEditing(undefined)
  }
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'f') onDone(filters)
    else if (key.name === 'x' && here) set(here.member, undefined)
    else if (key.name === 'X') setFilters({})
    else if (key.name === 'enter') setEditing(here)
    else cursor.hears(key)
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
  const help = here ? wrap(`${here.help} ${here.bounds}`.trim(), width - 2, 2) : []
  return (
    <Frame
      title="Clients › Filter"
      keys={[
        ['↑↓', 'move'],
        ['Enter', 'change'],
        ['x', 'clear'],
        ['X', 'clear all'],
        ['f', 'use them'],
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

interface FilterEditing {
  field: Field
  value: string | undefined
  onDone(value: string | undefined): void
  onCancel(): void
}

function FilterChoice({ field, value, onDone, onCancel }: FilterEditing) {
  const { width, height } = useRoom()
  const named = optionsOf({ ...field, kind: 'one', nullable: false })
  const choice = useChoice([{ value: undefined, label: '(any)', note: '' }, ...named], value, height - 2)
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') onDone(choice.chosen?.value as string | undefined)
    else choice.hears(key)
  })
  return (
    <Frame
      title={`Clients › Filter › ${field.member}`}
      keys={[
        ['↑↓', 'choose'],
        ['Enter', 'take it'],
        ['Esc', 'back'],
      ]}
    >
      <Lines width={width} lines={[{ text: ` ${field.help}` }, ...choice.lines]} />
    </Frame>
  )
}

function FilterText({ field, value, onDone, onCancel }: FilterEditing) {
  const { width } = useRoom()
  const editor = useTextEditing(value ?? '', false)
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') onDone(editor.text.trim() === '' ? undefined : editor.text.trim())
    else editor.hears(key)
  }, true)
  return (
    <Frame
      isTyping
      title={`Clients › Filter › ${field.member}`}
      keys={[
        ['Enter', 'take it'],
        ['Esc', 'back'],
      ]}
    >
      <Lines width={width} lines={[{ text: ` ${`${field.help} ${field.bounds}`.trim()}` }, { text: '' }]} />
      <TextEditor buffer={editor.buffer} width={width} height={1} />
    </Frame>
  )
}
