/** @jsxImportSource react */
import { useState } from 'react'
import { cell } from '../../output/printable.ts'
import { labelledLines } from '../../output/record.ts'
import { hardWrap } from '../../output/text-width.ts'
import { useApp } from '../app-context.ts'
import { useScroll } from '../frame/cursor.ts'
import { Frame, type KeyHint, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'

/** Members of a response that the server shows once. */
const secretMembers = ['link', 'key', 'secret', 'token', 'ownerPassword']

/** The result of an act, member by member. With a secret only one key closes it, so that it is not closed by accident. */
export function ResultScreen({ title, value, onDone }: { title: string; value: object; onDone(): void }) {
  const { copy } = useApp()
  const { width, height } = useContentSize()
  const [message, setMessage] = useState<Message>()
  const members: Readonly<Record<string, unknown>> = { ...value }
  const secret = secretMembers.find((member) => typeof members[member] === 'string')
  const text = secret === undefined ? '' : String(members[secret])
  const rows = Object.entries(members)
    .filter(([member, content]) => member !== secret && cell(content) !== '-')
    .map(([member, content]) => [member, cell(content)] as const)
  const lines = labelledLines(rows, width - 2)
  const secretLines =
    secret === undefined
      ? []
      : [
          { text: ` ${secret}`, bold: true },
          ...hardWrap(text, width - 4).map((line) => ({ text: `   ${line}` })),
          { text: ` The ${secret} is shown once. Store it before you continue.`, bold: true },
          { text: '' },
        ]
  const scroll = useScroll(lines.length, height - secretLines.length - 1)
  useKeys((key) => {
    if (scroll.handleKey(key)) return
    if (secret === undefined) {
      if (['escape', 'q', 'enter'].includes(key.name)) onDone()
    } else if (key.name === 'k') onDone()
    else if (key.name === 'y') {
      copy(text)
      setMessage({ text: 'Copied, if your terminal supports it (OSC 52).' })
    } else setMessage({ text: `Press k when you have stored the ${secret}.` })
  })
  const keys: readonly KeyHint[] =
    secret === undefined
      ? [
          ['↑↓', 'scroll'],
          ['Esc', 'back'],
        ]
      : [
          ['y', `copy the ${secret}`],
          ['k', 'I have stored it: continue'],
        ]
  const visible = lines.slice(scroll.top, scroll.top + height - secretLines.length - 1)
  return (
    <Frame title={title} keys={keys} message={message}>
      <Lines width={width} lines={[{ text: '' }, ...secretLines, ...visible.map((line) => ({ text: ` ${line}` }))]} />
    </Frame>
  )
}
