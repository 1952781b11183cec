/** @jsxImportSource react */
import { useState } from 'react'
import { asFailure, inWords } from './answers.ts'
import { wrap } from './columns.ts'
import { CopyScreen } from './copy-screen.tsx'
import { Frame, useRoom, type KeyHint, type Message } from './frame.tsx'
import { useKeys } from './keys.tsx'
import type { Call } from './requests.ts'
import { TextEditor, useTextEditing } from './text-editor.tsx'
import { Lines } from './text.tsx'

interface ConfirmOptions {
  title: string
  /** What will be. */
  question: string
  /** What it asks the server for; may be copied instead. */
  calls: readonly Call[]
  /** What must be typed: any of these. Left out: y is enough. */
  typed?: readonly string[]
  /** Does it; what it throws is told here. */
  onDone(calls: readonly Call[]): Promise<void>
  onCancel(): void
}

/** Asks before something is done that is not a matter of course. */
export function Confirm({ title, question, calls, typed = [], onDone, onCancel }: ConfirmOptions) {
  const { width } = useRoom()
  const [message, setMessage] = useState<Message>()
  const [isBusy, setBusy] = useState(false)
  const [isCopying, setCopying] = useState(false)
  const answer = useTextEditing('', false)
  const mustType = typed.length > 0
  const agrees = !mustType || typed.includes(answer.text.trim())

  const act = () => {
    setBusy(true)
    setMessage({ text: 'Asking the server …' })
    onDone(calls).catch((error: unknown) => {
      setBusy(false)
      setMessage({ text: inWords(asFailure(error)), tone: 'bad' })
    })
  }
  useKeys((key) => {
    if (isBusy) return
    if (key.name === 'escape' || (!mustType && key.name === 'n')) onCancel()
    else if (!mustType && key.name === 'c' && calls.length > 0) setCopying(true)
    else if (key.name === 'ctrl+o' && calls.length > 0) setCopying(true)
    else if (mustType ? key.name === 'enter' : key.name === 'y') {
      if (agrees) act()
      else setMessage({ text: 'That is not it.', tone: 'bad' })
    } else if (mustType) answer.hears(key)
  }, mustType)

  if (isCopying) {
    return <CopyScreen calls={calls.map((call) => ({ name: title, call }))} onDone={() => setCopying(false)} />
  }
  const keys: KeyHint[] = mustType
    ? [
        ['Enter', 'do it'],
        ['Ctrl-O', 'copy as'],
        ['Esc', 'leave it'],
      ]
    : [['y', 'do it'], ['n', 'leave it'], ...(calls.length > 0 ? [['c', 'copy as'] as const] : [])]
  const demand = mustType
    ? [
        { text: '' },
        { text: ' To do it, type:', bold: true },
        ...typed.flatMap((one) => wrap(one, width - 4)).map((text) => ({ text: `   ${text}` })),
        { text: '' },
      ]
    : []
  return (
    <Frame isTyping={mustType} title={title} keys={keys} message={message}>
      <Lines
        width={width}
        lines={[{ text: '' }, ...wrap(question, width - 2).map((text) => ({ text: ` ${text}` })), ...demand]}
      />
      {mustType && <TextEditor buffer={answer.buffer} width={width} height={3} />}
    </Frame>
  )
}
