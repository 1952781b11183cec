/** @jsxImportSource react */
import { useState } from 'react'
import { chop } from './columns.ts'
import { Frame, useRoom, type Message } from './frame.tsx'
import { useKeys } from './keys.tsx'
import { Lines } from './text.tsx'
import { useWork } from './work.ts'

/** A secret that was just made, and whose it is. */
export interface ShownSecret {
  name: string
  clientId: string
  clientSecret: string
}

/** Shows a secret, this once. It is left by one key alone, so that nobody leaves it by chance. */
export function SecretShown({ secret, onDone }: { secret: ShownSecret; onDone(): void }) {
  const { copy } = useWork()
  const { width } = useRoom()
  const [message, setMessage] = useState<Message>()
  useKeys(({ name }) => {
    if (name === 'k') onDone()
    else if (name === 'y') {
      copy(secret.clientSecret)
      setMessage({ text: 'Copied, if your terminal lets programs copy (OSC 52). It stands here in any case.' })
    } else setMessage({ text: 'Press k when you have kept the secret.' })
  })
  return (
    <Frame
      title="The secret"
      keys={[
        ['y', 'copy the secret'],
        ['k', 'I have kept it: go on'],
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
          ...chop(secret.clientSecret, width - 4).map((text) => ({ text: `   ${text}` })),
          { text: '' },
          { text: ' It is shown this once. The server keeps nothing that it could be read from.', bold: true },
          { text: ' Put it where the application reads its secrets, before you go on.' },
        ]}
      />
    </Frame>
  )
}
