/** @jsxImportSource react */
import { useState } from 'react'
import { useApp } from '../app-context.ts'
import { hardWrap } from '../../output/text-width.ts'
import { Frame, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'

/** A new secret and its client. */
export interface NewSecret {
  name: string
  clientId: string
  clientSecret: string
}

/** Shows a new secret once. Only one key closes the screen, so that it is not closed by accident. */
export function NewSecretScreen({ secret, onDone }: { secret: NewSecret; onDone(): void }) {
  const { copy } = useApp()
  const { width } = useContentSize()
  const [message, setMessage] = useState<Message>()
  useKeys(({ name }) => {
    if (name === 'k') onDone()
    else if (name === 'y') {
      copy(secret.clientSecret)
      setMessage({ text: 'Copied, if your terminal supports it (OSC 52).' })
    } else setMessage({ text: 'Press k when you have stored the secret.' })
  })
  return (
    <Frame
      title="New secret"
      keys={[
        ['y', 'copy the secret'],
        ['k', 'I have stored it: continue'],
      ]}
      message={message}
    >
      <Lines
        width={width}
        lines={[
          { text: '' },
          { text: ` ${secret.name}` },
          { text: '' },
          { text: ' client_id', bold: true },
          { text: `   ${secret.clientId}` },
          { text: ' client_secret', bold: true },
          ...hardWrap(secret.clientSecret, width - 4).map((text) => ({ text: `   ${text}` })),
          { text: '' },
          { text: ' The secret is shown once. The server does not show it again.', bold: true },
          { text: ' Store it where the application reads its secrets before you continue.' },
        ]}
      />
    </Frame>
  )
}
