/** @jsxImportSource react */
import { Box } from 'ink'
import { createContext, useContext, type ReactNode } from 'react'
import { fit, widthOf, wrap } from './columns.ts'
import { Line, Lines, type StyledLine, type Tone } from './text.tsx'

/** A key and what it does, as the key line says it. */
export type KeyHint = readonly [key: string, does: string]

/** What every screen stands in: how large the terminal is, where we are, and whether help is wanted. */
export interface Surroundings {
  columns: number
  rows: number
  /** The server, as people know it. */
  place: string
  helping: boolean
  /** What the command has to tell besides, such as that a server takes long. */
  notice: string
}

export const Surrounding = createContext<Surroundings>({ columns: 80, rows: 24, place: '', helping: false, notice: '' })

/** What is told below a screen. */
export interface Message {
  text: string
  tone?: Tone | undefined
}

const KEY_LINES = 2
const MESSAGE_LINES = 2
/** Ink wants the last row for itself. */
const OUTSIDE = 1 + KEY_LINES + MESSAGE_LINES + 1

/** How much room is between the title and the messages. */
export function useRoom(): { width: number; height: number } {
  const { columns, rows } = useContext(Surrounding)
  return { width: columns, height: rows - OUTSIDE }
}

const everywhere: readonly KeyHint[] = [
  ['?', 'this help'],
  ['Ctrl-C', 'leave'],
]

/** A screen: its title, what it shows, what there is to tell, and the keys. The keys are seen on every screen. */
export function Frame({
  title,
  keys,
  message,
  isTyping = false,
  children,
}: {
  title: string
  keys: readonly KeyHint[]
  /** Whether keys are text here: then help cannot be asked for by one. */
  isTyping?: boolean
  message?: Message | undefined
  children: ReactNode
}) {
  const { columns, place, helping, notice } = useContext(Surrounding)
  const { height } = useRoom()
  const left = ` ${title}`
  const right = ` ${place} `
  const told = message ?? { text: notice }
  return (
    <Box flexDirection="column" width={columns}>
      <Line width={columns} inverse>
        {fit(left, Math.max(20, columns - widthOf(right))) + right}
      </Line>
      <Box flexDirection="column" height={height} overflow="hidden">
        {helping ? <Help title={title} keys={keys} width={columns} /> : children}
      </Box>
      <Lines width={columns} lines={messageLines(told, columns)} />
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

/** The keys, in as many lines as there are for them. */
function keyLines(keys: readonly KeyHint[], columns: number): StyledLine[] {
  const lines: string[] = []
  for (const [key, does] of keys) {
    const hint = `${key} ${does}`
    const line = lines.at(-1)
    if (line !== undefined && widthOf(line) + 2 + widthOf(hint) <= columns - 1)
      lines[lines.length - 1] = `${line}  ${hint}`
    else lines.push(` ${hint}`)
  }
  return Array.from({ length: KEY_LINES }, (_, index) => ({ text: lines[index] ?? '', bold: true }))
}

function Help({ title, keys, width }: { title: string; keys: readonly KeyHint[]; width: number }) {
  const hints = [...keys, ...everywhere]
  const half = Math.ceil(hints.length / 2)
  const hint = (index: number) => {
    const [key, does] = hints[index] ?? ['', '']
    return fit(`  ${fit(key, 11)}${does}`, Math.floor(width / 2))
  }
  const lines: StyledLine[] = [
    { text: '' },
    { text: `  Keys of: ${title}`, bold: true },
    { text: '' },
    ...Array.from({ length: half }, (_, row) => ({ text: hint(row) + hint(half + row) })),
    { text: '' },
    { text: '  Signs: > where you are   * changed, or marked   ! risky   x refused' },
    { text: '  Any key goes back.' },
  ]
  return <Lines lines={lines} width={width} />
}

/** Room of a fixed height, whatever is in it. */
export function Fixed({ height, children }: { height: number; children: ReactNode }) {
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      {children}
    </Box>
  )
}
