/** @jsxImportSource react */
import { useState } from 'react'
import { toFailure } from '../../failure.ts'
import type { Call } from '../calls.ts'
import { Frame, type KeyHint, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'
import { failureText } from '../query.ts'
import { CopyAsScreen } from '../screens/copy-as-screen.tsx'
import { TextEditor, useTextEditing } from './text-editor.tsx'

interface PromptOptions {
  title: string
  /** The prompt. */
  lines: readonly string[]
  initial: string
  /** The action of Enter. */
  action: string
  /** The request; the user can copy it instead. */
  callOf?: (text: string) => Call
  /** Errors are shown on this screen. */
  onSubmit(text: string): Promise<void>
  onCancel(): void
}

/** Prompts for one line of text. */
export function PromptScreen({ title, lines, initial, action, callOf, onSubmit, onCancel }: PromptOptions) {
  const { width } = useContentSize()
  const editor = useTextEditing(initial, false)
  const [message, setMessage] = useState<Message>()
  const [isBusy, setBusy] = useState(false)
  const [isCopying, setCopying] = useState(false)
  const submit = async () => {
    setBusy(true)
    setMessage({ text: 'Waiting for the server …' })
    try {
      await onSubmit(editor.text)
    } catch (error) {
      setBusy(false)
      setMessage({ text: failureText(toFailure(error)), tone: 'bad' })
    }
  }
  useKeys((key) => {
    if (isBusy) return
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') void submit()
    else if (key.name === 'ctrl+o' && callOf) setCopying(true)
    else editor.handleKey(key)
  }, true)
  if (isCopying && callOf) {
    return <CopyAsScreen calls={[{ name: title, call: callOf(editor.text) }]} onDone={() => setCopying(false)} />
  }
  const keys: KeyHint[] = [['Enter', action], ...(callOf ? [['Ctrl-O', 'copy as'] as const] : []), ['Esc', 'cancel']]
  return (
    <Frame isTyping title={title} keys={keys} message={message}>
      <Lines width={width} lines={[{ text: '' }, ...lines.map((text) => ({ text: ` ${text}` })), { text: '' }]} />
      <TextEditor buffer={editor.buffer} width={width} height={2} />
    </Frame>
  )
}
