import { useState } from 'react'
import { fit } from './columns.ts'
import { useCursor } from './cursor.ts'
import type { Field } from './field.ts'
import type { Key } from './keys.tsx'
import type { StyledLine } from './text.tsx'

/** Something to choose, and what is told beside it. */
export interface Option<Value = unknown> {
  value: Value
  label: string
  note: string
}

const UNSUPPORTED = 'this server does not say that it supports it'

/** What a member may be, one of several. */
export function optionsOf({ kind, choices, supported, nullable }: Field): Option[] {
  const notSet = nullable ? [{ value: null, label: '(not set)', note: '' }] : []
  if (kind === 'flag') {
    return [{ value: true, label: 'yes', note: 'true' }, { value: false, label: 'no', note: 'false' }, ...notSet]
  }
  const options = choices.map((value) => ({
    value,
    label: value,
    note: supported.includes(value) ? '' : UNSUPPORTED,
  }))
  return [...options, ...notSet]
}

/** One of several: the cursor is the choice. */
export function useChoice<Value>(options: readonly Option<Value>[], value: Value, height: number) {
  const start = Math.max(
    0,
    options.findIndex((option) => option.value === value),
  )
  const cursor = useCursor(options.length, height, start)
  const labels = Math.max(0, ...options.map(({ label }) => label.length))
  const lines = options.slice(cursor.top, cursor.top + height).map(({ label, note }, index): StyledLine => {
    const here = cursor.top + index === cursor.index
    return { text: ` ${here ? '>' : ' '} ${fit(label, Math.min(labels, 50))}  ${note}`, inverse: here }
  })
  return { chosen: options[cursor.index], lines, hears: cursor.hears }
}

/** Any of several: what is in the list, in the order in which it came there. */
export function useSelection({ choices, supported }: Field, value: unknown, height: number) {
  const given = Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
  const [selected, setSelected] = useState<readonly string[]>(given)
  const [known, setKnown] = useState<readonly string[]>([...new Set([...choices, ...supported, ...given])])
  const cursor = useCursor(known.length, height)
  const lines = known.slice(cursor.top, cursor.top + height).map((name, index): StyledLine => {
    const here = cursor.top + index === cursor.index
    const note = choices.includes(name) && !supported.includes(name) ? `  ${UNSUPPORTED}` : ''
    const box = selected.includes(name) ? '[x]' : '[ ]'
    return { text: ` ${here ? '>' : ' '} ${box} ${name}${note}`, inverse: here }
  })
  return {
    selected,
    lines,
    add(name: string) {
      if (!known.includes(name)) setKnown([...known, name])
      cursor.move(known.includes(name) ? known.indexOf(name) : known.length)
      if (!selected.includes(name)) setSelected([...selected, name])
    },
    hears(key: Key): boolean {
      const here = known[cursor.index]
      if (key.name !== ' ' || here === undefined) return cursor.hears(key)
      setSelected(selected.includes(here) ? selected.filter((name) => name !== here) : [...selected, here])
      return true
    },
  }
}
