// `frame` is what all screens are made of: the frame around them, the keyboard, the cursor, and text of a given width.

/** @jsxImportSource react */
import { Box } from 'ink'
import { createContext, type ReactNode, useContext } from 'react'
import { fit, widthOf, wrap } from '../../output/text-width.ts'
import { Line, Lines, type StyledLine, type Tone } from './text.tsx'

/** A key and its action, for the key line. */
export type KeyHint = readonly [key: string, action: string]

/** What every screen is drawn with: the size of the terminal, the name of the server, and the state of help. */
export interface FrameContextValue {
  columns: number
  rows: number
  /** The name of the server. */
  place: string
  isHelpOpen: boolean
  /** The last log message, such as that a response takes long. */
  notice: string
}

export const FrameContext = createContext<FrameContextValue>({
  columns: 80,
  rows: 24,
  place: '',
  isHelpOpen: false,
  notice: '',
})

/** A message below a screen. */
export interface Message {
  text: string
  tone?: Tone | undefined
}

const KEY_LINES = 2
const MESSAGE_LINES = 2
/** The title, the keys, the messages, and the last row, which Ink needs. */
const RESERVED_LINES = 1 + KEY_LINES + MESSAGE_LINES + 1

/** The size of the area between the title and the messages. */
export function useContentSize(): { width: number; height: number } {
  const { columns, rows } = useContext(FrameContext)
  return { width: columns, height: rows - RESERVED_LINES }
}

const GLOBAL_KEYS: readonly KeyHint[] = [
  ['?', 'this help'],
  ['Ctrl-C', 'quit'],
]

/** A screen: title, content, message and keys. */
export function Frame({
  title,
  keys,
  message,
  isTyping = false,
  children,
}: {
  title: string
  keys: readonly KeyHint[]
  /** Whether keys type text; then `?` does not open help. */
  isTyping?: boolean
  message?: Message | undefined
  children: ReactNode
}) {
  const { columns, place, isHelpOpen, notice } = useContext(FrameContext)
  const { height } = useContentSize()
  const left = ` ${title}`
  const right = ` ${place} `
  return (
    <Box flexDirection="column" width={columns}>
      <Line width={columns} inverse>
        {fit(left, Math.max(20, columns - widthOf(right))) + right}
      </Line>
      <Box flexDirection="column" height={height} overflow="hidden">
        {isHelpOpen ? <Help title={title} keys={keys} width={columns} /> : children}
      </Box>
      <Lines width={columns} lines={messageLines(message ?? { text: notice }, columns)} />
      <Lines width={columns} lines={keyLines(isTyping ? keys : [...keys, ['?', 'help']], columns)} />
    </Box>
  )
}

function messageLines({ text, tone }: Message, columns: number): StyledLine[] {
  const lines = text === '' ? [] : wrap(text, columns - 2, MESSAGE_LINES)
  return Array.from({ length: MESSAGE_LINES }, (_, index) => ({
    text: ` ${lines[index] ?? ''}`,
    tone,
    bold: tone === 'bad',
  }))
}

/** The keys on the lines of the key area. */
function keyLines(keys: readonly KeyHint[], columns: number): StyledLine[] {
  const lines: string[] = []
  for (const [key, action] of keys) {
    const hint = `${key} ${action}`
    const line = lines.at(-1)
    if (line !== undefined && widthOf(line) + 2 + widthOf(hint) <= columns) lines[lines.length - 1] = `${line}  ${hint}`
    else lines.push(` ${hint}`)
  }
  return Array.from({ length: KEY_LINES }, (_, index) => ({ text: lines[index] ?? '', bold: true }))
}

function Help({ title, keys, width }: { title: string; keys: readonly KeyHint[]; width: number }) {
  const hints = [...keys, ...GLOBAL_KEYS]
  const half = Math.ceil(hints.length / 2)
  const hint = (index: number) => {
    const [key, action] = hints[index] ?? ['', '']
    return fit(`  ${fit(key, 11)}${action}`, Math.floor(width / 2))
  }
  const lines: StyledLine[] = [
    { text: '' },
    { text: `  Keys: ${title}`, bold: true },
    { text: '' },
    ...Array.from({ length: half }, (_, row) => ({ text: hint(row) + hint(half + row) })),
    { text: '' },
    { text: '  Signs: > cursor   * changed or marked   ! warning   x rejected' },
    { text: '  Any key closes this help.' },
  ]
  return <Lines lines={lines} width={width} />
}

/** An area of a fixed height. */
export function FixedHeight({ height, children }: { height: number; children: ReactNode }) {
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      {children}
    </Box>
  )
}
