/** @jsxImportSource react */
import { useState } from 'react'
import { asFailure, inWords } from './answers.ts'
import { CopyScreen } from './copy-screen.tsx'
import { Frame, useRoom, type KeyHint, type Message } from './frame.tsx'
import { useKeys } from './keys.tsx'
import type { Call } from './requests.ts'
import { TextEditor, useTextEditing } from './text-editor.tsx'
import { Lines } from './text.tsx'

interface PromptOptions {
  title: string
  /** What is asked for. */
  lines: readonly string[]
  initial: string
  /** What Enter does. */
  does: string
  /** What the server would be asked, to be copied instead. */
  callOf?: (text: string) => Call
  /** What it throws is told here. */
  onGiven(text: string): Promise<void>
  onCancel(): void
}

/** Asks for one line. */
export function PromptScreen({ title, lines, initial, does, callOf, onGiven, onCancel }: PromptOptions) {
  const { width } = useRoom()
  const editor = useTextEditing(initial, false)
  const [message, setMessage] = useState<Message>()
  const [isBusy, setBusy] = useState(false)
  const [isCopying, setCopying] = useState(false)
  const give = async () => {
    setBusy(true)
    setMessage({ text: 'Asking the server …' })
    try {
      await onGiven(editor.text)
    } catch (error) {
      setBusy(false)
      setMessage({ text: inWords(asFailure(error)), tone: 'bad' })
    }
  }
  useKeys((key) => {
    if (isBusy) return
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') void give()
    else if (key.name === 'ctrl+o' && callOf) setCopying(true)
    else editor.hears(key)
  }, true)
  if (isCopying && callOf) {
    return <CopyScreen calls={[{ name: title, call: callOf(editor.text) }]} onDone={() => setCopying(false)} />
  }
  const keys: KeyHint[] = [['Enter', does], ...(callOf ? [['Ctrl-O', 'copy as'] as const] : []), ['Esc', 'leave it']]
  return (
    <Frame isTyping title={title} keys={keys} message={message}>
      <Lines width={width} lines={[{ text: '' }, ...lines.map((text) => ({ text: ` ${text}` })), { text: '' }]} />
      <TextEditor buffer={editor.buffer} width={width} height={2} />
    </Frame>
  )
}
