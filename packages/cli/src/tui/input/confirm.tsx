/** @jsxImportSource react */
import { useState } from 'react'
import { toFailure } from '../../failure.ts'
import type { Call } from '../calls.ts'
import { wrap } from '../../output/text-width.ts'
import { Frame, type KeyHint, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'
import { failureText } from '../query.ts'
import { CopyAsScreen } from '../screens/copy-as-screen.tsx'
import { TextEditor, useTextEditing } from './text-editor.tsx'

interface ConfirmOptions {
  title: string
  /** What will happen. */
  question: string
  /** The requests; the user can copy them instead. */
  calls: readonly Call[]
  /** Texts, one of which the user must type; without them, y confirms. */
  typed?: readonly string[]
  /** Does it. Errors are shown on this screen. */
  onConfirm(calls: readonly Call[]): Promise<void>
  onCancel(): void
}

/** Asks for confirmation. */
export function Confirm({ title, question, calls, typed = [], onConfirm, onCancel }: ConfirmOptions) {
  const { width } = useContentSize()
  const [message, setMessage] = useState<Message>()
  const [isBusy, setBusy] = useState(false)
  const [isCopying, setCopying] = useState(false)
  const answer = useTextEditing('', false)
  const mustType = typed.length > 0
  const isConfirmed = !mustType || typed.includes(answer.text.trim())

  const act = () => {
    setBusy(true)
    setMessage({ text: 'Waiting for the server …' })
    onConfirm(calls).catch((error: unknown) => {
      setBusy(false)
      setMessage({ text: failureText(toFailure(error)), tone: 'bad' })
    })
  }
  useKeys((key) => {
    if (isBusy) return
    if (key.name === 'escape' || (!mustType && key.name === 'n')) onCancel()
    else if (!mustType && key.name === 'c' && calls.length > 0) setCopying(true)
    else if (key.name === 'ctrl+o' && calls.length > 0) setCopying(true)
    else if (mustType ? key.name === 'enter' : key.name === 'y') {
      if (isConfirmed) act()
      else setMessage({ text: 'The text does not match.', tone: 'bad' })
    } else if (mustType) answer.handleKey(key)
  }, mustType)

  if (isCopying) {
    return <CopyAsScreen calls={calls.map((call) => ({ name: title, call }))} onDone={() => setCopying(false)} />
  }
  const keys: KeyHint[] = mustType
    ? [
        ['Enter', 'confirm'],
        ['Ctrl-O', 'copy as'],
        ['Esc', 'cancel'],
      ]
    : [['y', 'confirm'], ['n', 'cancel'], ...(calls.length > 0 ? [['c', 'copy as'] as const] : [])]
  const prompt = mustType
    ? [
        { text: '' },
        { text: ' To confirm, type:', bold: true },
        ...typed.flatMap((one) => wrap(one, width - 4)).map((text) => ({ text: `   ${text}` })),
        { text: '' },
      ]
    : []
  return (
    <Frame isTyping={mustType} title={title} keys={keys} message={message}>
      <Lines
        width={width}
        lines={[{ text: '' }, ...wrap(question, width - 2).map((text) => ({ text: ` ${text}` })), ...prompt]}
      />
      {mustType && <TextEditor buffer={answer.buffer} width={width} height={3} />}
    </Frame>
  )
}
