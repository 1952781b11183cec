/** @jsxImportSource react */
import type { ChangedClient } from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { toFailure } from '../../failure.ts'
import { useApp } from '../app-context.ts'
import { cloneCall } from '../calls.ts'
import { Frame, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'
import { TextEditor, useTextEditing } from '../input/text-editor.tsx'
import { failureText } from '../query.ts'

interface CloneOptions {
  id: string
  name: string
  onCloned(body: ChangedClient, etag: string | null): void
  onCancel(): void
}

/** Registers a client with the settings of another, under a new name. */
export function CloneScreen({ id, name, onCloned, onCancel }: CloneOptions) {
  const { session } = useApp()
  const { width } = useContentSize()
  const editor = useTextEditing(`${name} (copy)`, false)
  const [message, setMessage] = useState<Message>()
  const clone = async () => {
    setMessage({ text: 'Waiting for the server …' })
    try {
      const { body, headers } = await session.send(cloneCall(id, editor.text).request)
      onCloned(body, headers.get('etag'))
    } catch (error) {
      setMessage({ text: failureText(toFailure(error)), tone: 'bad' })
    }
  }
  useKeys((key) => {
    if (message && message.tone !== 'bad') return
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') void clone()
    else editor.handleKey(key)
  }, true)
  return (
    <Frame
      isTyping
      title={`Clients › ${name} › Clone`}
      keys={[
        ['Enter', 'register'],
        ['Esc', 'cancel'],
      ]}
      message={message}
    >
      <Lines
        width={width}
        lines={[
          { text: '' },
          { text: ' Registers a client with the same settings, a new clientId and a new secret.' },
          { text: ' It is active and has no expiry. Grants and secrets are not copied.' },
          { text: '' },
          { text: ' Name:', bold: true },
        ]}
      />
      <TextEditor buffer={editor.buffer} width={width} height={2} />
    </Frame>
  )
}
