import { useState } from 'react'
import type { Field } from './field.ts'
import type { FormPlace } from './form.ts'
import type { KeyHint, Message } from './frame.tsx'
import type { Key } from './keys.tsx'
import { useTextEditing } from './text-editor.tsx'

const keys: readonly KeyHint[] = [
  ['Enter', 'go there'],
  ['↑↓', 'the one before, the next'],
  ['Esc', 'stay there'],
]

/** Finds members of a form by a part of their name or their help, as it is typed. */
export function useMemberSearch(fields: readonly Field[], goTo: (place: FormPlace) => void) {
  const [isOn, setOn] = useState(false)
  const [at, setAt] = useState(0)
  const editor = useTextEditing('', false)
  const found = (text: string) => {
    const part = text.trim().toLowerCase()
    const byName = fields.filter(({ member }) => member.toLowerCase().includes(part))
    const byHelp = fields.filter((field) => !byName.includes(field) && field.help.toLowerCase().includes(part))
    return part === '' ? [] : [...byName, ...byHelp]
  }
  const show = (text: string, index: number) => {
    const all = found(text)
    const next = all.length === 0 ? 0 : (index + all.length) % all.length
    const field = all[next]
    setAt(next)
    if (field) goTo({ group: field.group, member: field.member })
  }
  const message: Message | undefined = isOn
    ? {
        text: `Find: ${editor.text}█   ${found(editor.text).length === 0 ? 'nothing' : `${at + 1} of ${found(editor.text).length}`}`,
      }
    : undefined
  return {
    isOn,
    keys,
    message,
    begin() {
      editor.replace('')
      setOn(true)
    },
    hears(key: Key): void {
      if (key.name === 'enter' || key.name === 'escape') setOn(false)
      else if (key.name === 'up') show(editor.text, at - 1)
      else if (key.name === 'down') show(editor.text, at + 1)
      else {
        const next = key.text === '' ? editor.text.slice(0, -1) : editor.text + key.text
        editor.replace(next)
        show(next, 0)
      }
    },
  }
}
