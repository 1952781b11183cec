import type { Field } from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { fit } from '../../output/text-width.ts'
import { useCursor } from '../frame/cursor.ts'
import type { Key } from '../frame/keyboard.tsx'
import type { StyledLine } from '../frame/text.tsx'

/** A choice with a note beside it. */
export interface Option<Value = unknown> {
  value: Value
  label: string
  note: string
}

const UNSUPPORTED = 'not listed as supported by this server'

/** The options of a field with one value. */
export function fieldOptions({ kind, choices, supported, nullable }: Field): Option[] {
  const notSet = nullable ? [{ value: null, label: '(not set)', note: '' }] : []
  if (kind === 'boolean') {
    return [{ value: true, label: 'yes', note: 'true' }, { value: false, label: 'no', note: 'false' }, ...notSet]
  }
  const options = choices.map((value) => ({
    value,
    label: value,
    note: supported.includes(value) ? '' : UNSUPPORTED,
  }))
  return [...options, ...notSet]
}

/** A list with one choice: the cursor. */
export function useChoice<Value>(options: readonly Option<Value>[], value: Value | undefined, height: number) {
  const start = Math.max(
    0,
    options.findIndex((option) => option.value === value),
  )
  const cursor = useCursor(options.length, height, start)
  const labels = Math.max(0, ...options.map(({ label }) => label.length))
  const lines = options.slice(cursor.top, cursor.top + height).map(({ label, note }, index): StyledLine => {
    const isSelected = cursor.top + index === cursor.index
    return { text: ` ${isSelected ? '>' : ' '} ${fit(label, Math.min(labels, 50))}  ${note}`, inverse: isSelected }
  })
  return { chosen: options[cursor.index], lines, handleKey: cursor.handleKey }
}

/** A list with any number of choices, in the order in which they were selected. */
export function useSelection({ choices, supported }: Field, value: unknown, height: number) {
  const given = Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
  const [selected, setSelected] = useState<readonly string[]>(given)
  const [known, setKnown] = useState<readonly string[]>([...new Set([...choices, ...supported, ...given])])
  const cursor = useCursor(known.length, height)
  const lines = known.slice(cursor.top, cursor.top + height).map((name, index): StyledLine => {
    const atCursor = cursor.top + index === cursor.index
    const note = choices.includes(name) && !supported.includes(name) ? `  ${UNSUPPORTED}` : ''
    const box = selected.includes(name) ? '[x]' : '[ ]'
    return { text: ` ${atCursor ? '>' : ' '} ${box} ${name}${note}`, inverse: atCursor }
  })
  return {
    selected,
    lines,
    add(name: string) {
      if (!known.includes(name)) setKnown([...known, name])
      cursor.move(known.includes(name) ? known.indexOf(name) : known.length)
      if (!selected.includes(name)) setSelected([...selected, name])
    },
    handleKey(key: Key): boolean {
      const current = known[cursor.index]
      if (key.name !== ' ' || current === undefined) return cursor.handleKey(key)
      setSelected(selected.includes(current) ? selected.filter((name) => name !== current) : [...selected, current])
      return true
    },
  }
}
