import type { Field } from 'cerberus-idp-admin-client'
import { useState } from 'react'
import type { KeyHint, Message } from '../frame/frame.tsx'
import type { Key } from '../frame/keyboard.tsx'
import { useTextEditing } from '../input/text-editor.tsx'
import type { FormPlace } from './form.ts'

const keys: readonly KeyHint[] = [
  ['Enter', 'go to it'],
  ['↑↓', 'previous, next'],
  ['Esc', 'close'],
]

/** Finds fields of a form by a part of their name or help, while the user types. */
export function useMemberSearch(fields: readonly Field[], goTo: (place: FormPlace) => void) {
  const [isOpen, setOpen] = useState(false)
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
  const message: Message | undefined = isOpen
    ? {
        text: `Find: ${editor.text}█   ${found(editor.text).length === 0 ? 'no match' : `${at + 1} of ${found(editor.text).length}`}`,
      }
    : undefined
  return {
    isOpen,
    keys,
    message,
    open() {
      editor.replace('')
      setOpen(true)
    },
    handleKey(key: Key): void {
      if (key.name === 'enter' || key.name === 'escape') setOpen(false)
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
