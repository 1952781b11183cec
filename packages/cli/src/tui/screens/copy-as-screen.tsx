/** @jsxImportSource react */
import { useState } from 'react'
import { useApp } from '../app-context.ts'
import type { Call } from '../calls.ts'
import { asCommand, asCurl } from '../copy-as.ts'
import { hardWrap } from '../../output/text-width.ts'
import { useScroll } from '../frame/cursor.ts'
import { Frame, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'

/** A call and its title. */
export interface CopyableCall {
  name: string
  call: Call
}

/** Calls as curl or cerberus commands, to copy. */
export function CopyAsScreen({ calls, onDone }: { calls: readonly CopyableCall[]; onDone(): void }) {
  const { copy, target } = useApp()
  const { width, height } = useContentSize()
  const [form, setForm] = useState<'curl' | 'cerberus'>('curl')
  const [message, setMessage] = useState<Message>()
  const text = calls.map(({ call }) => (form === 'curl' ? asCurl(call, target) : asCommand(call, target))).join('\n')
  const lines = text.split('\n').flatMap((line) => hardWrap(line, width - 1))
  const scroll = useScroll(lines.length, height - 3)
  useKeys((key) => {
    if (key.name === 'escape' || key.name === 'q') onDone()
    else if (key.name === 'tab') setForm(form === 'curl' ? 'cerberus' : 'curl')
    else if (key.name === 'y') {
      copy(`${text}\n`)
      setMessage({ text: 'Copied, if your terminal supports it (OSC 52).' })
    } else scroll.handleKey(key)
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
            text: form === 'curl' ? ' CERBERUS_TOKEN must be your access token.' : ' Uses your sign-in.',
            dim: true,
          },
          { text: '' },
          ...lines.slice(scroll.top, scroll.top + height - 3).map((line) => ({ text: line })),
        ]}
      />
    </Frame>
  )
}
