/** @jsxImportSource react */
import { useState } from 'react'
import { asFailure, inWords } from './answers.ts'
import { Frame, useRoom, type Message } from './frame.tsx'
import { useKeys } from './keys.tsx'
import { cloneCall } from './requests.ts'
import { TextEditor, useTextEditing } from './text-editor.tsx'
import { Lines } from './text.tsx'
import { useWork } from './work.ts'

interface CloneOptions {
  id: string
  name: string
  onCloned(body: unknown, etag: string | null): void
  onCancel(): void
}

/** Registers a client like another, under a name of its own. */
export function CloneScreen({ id, name, onCloned, onCancel }: CloneOptions) {
  const { session } = useWork()
  const { width } = useRoom()
  const editor = useTextEditing(`${name} (copy)`, false)
  const [message, setMessage] = useState<Message>()
  const clone = async () => {
    setMessage({ text: 'Asking the server …' })
    try {
      const { body, headers } = await session.call(cloneCall(id, editor.text).request)
      onCloned(body, headers.get('etag'))
    } catch (error) {
      setMessage({ text: inWords(asFailure(error)), tone: 'bad' })
    }
  }
  useKeys((key) => {
    if (message && message.tone !== 'bad') return
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') void clone()
    else editor.hears(key)
  }, true)
  return (
    <Frame
      isTyping
      title={`Clients › ${name} › Clone`}
      keys={[
        ['Enter', 'register it'],
        ['Esc', 'leave it'],
      ]}
      message={message}
    >
      <Lines
        width={width}
        lines={[
          { text: '' },
          { text: ' A client with the same settings, and a clientId and a secret of its own.' },
          { text: ' It is on and has no end. Grants and secrets stay with the other.' },
          { text: '' },
          { text: ' Its name:', bold: true },
        ]}
      />
      <TextEditor buffer={editor.buffer} width={width} height={2} />
    </Frame>
  )
}
