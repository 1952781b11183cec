/** @jsxImportSource react */
import { useState } from 'react'
import { chop } from './columns.ts'
import { useScroll } from './cursor.ts'
import { asCommand, asCurl } from './equivalents.ts'
import { Frame, useRoom, type Message } from './frame.tsx'
import { useKeys } from './keys.tsx'
import type { Call } from './requests.ts'
import { Lines } from './text.tsx'
import { useWork } from './work.ts'

/** What is copied, and what it is. */
export interface Copied {
  name: string
  call: Call
}

/** The same by curl and by the command line, to be copied. */
export function CopyScreen({ calls, onDone }: { calls: readonly Copied[]; onDone(): void }) {
  const { copy, whereabouts } = useWork()
  const { width, height } = useRoom()
  const [form, setForm] = useState<'curl' | 'cerberus'>('curl')
  const [message, setMessage] = useState<Message>()
  const text = calls
    .map(({ call }) => (form === 'curl' ? asCurl(call, whereabouts) : asCommand(call, whereabouts)))
    .join('\n')
  const lines = text.split('\n').flatMap((line) => chop(line, width - 1))
  const scroll = useScroll(lines.length, height - 3)
  useKeys((key) => {
    if (key.name === 'escape' || key.name === 'q') onDone()
    else if (key.name === 'tab') setForm(form === 'curl' ? 'cerberus' : 'curl')
    else if (key.name === 'y') {
      copy(`${text}\n`)
      setMessage({ text: 'Copied, if your terminal lets programs copy (OSC 52). It stands here in any case.' })
    } else scroll.hears(key)
  })
  const [first] = calls
  return (
    <Frame
      title={`Copy as ${form}`}
      keys={[
        ['Tab', form === 'curl' ? 'as cerberus' : 'as curl'],
        ['y', 'copy'],
        ['↑↓', 'scroll'],
        ['Esc', 'back'],
      ]}
      message={message}
    >
      <Lines
        width={width}
        lines={[
          { text: ` ${first?.name ?? ''}${calls.length > 1 ? `, ${calls.length} times` : ''}`, bold: true },
          {
            text: form === 'curl' ? ' CERBERUS_TOKEN is an access token of yours.' : ' Signed in as you are here.',
            dim: true,
          },
          { text: '' },
          ...lines.slice(scroll.top, scroll.top + height - 3).map((line) => ({ text: line })),
        ]}
      />
    </Frame>
  )
}
