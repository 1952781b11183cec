/** @jsxImportSource react */
import { Box, Text } from 'ink'
import { createContext, useContext } from 'react'
import { fit, plain } from './columns.ts'

/** What a line says beside its words. Each has a sign of its own among the words, too: not everybody sees colours. */
export type Tone = 'bad' | 'good' | 'risky'

const colours: Readonly<Record<Tone, string>> = { bad: 'red', good: 'green', risky: 'magenta' }

/** Whether colours are wanted (https://no-color.org). */
export const Colours = createContext(true)

export interface LineStyle {
  bold?: boolean
  dim?: boolean
  inverse?: boolean
  tone?: Tone | undefined
}

/** A line of the screen, or a piece of one. All that is written goes through here, and nothing that a terminal obeys does. */
export function Words({
  children,
  tone,
  bold = false,
  dim = false,
  inverse = false,
}: LineStyle & { children: string }) {
  const colour = useContext(Colours) && tone ? { color: colours[tone] } : {}
  return (
    <Text wrap="truncate-end" bold={bold} dimColor={dim} inverse={inverse} {...colour}>
      {plain(children)}
    </Text>
  )
}

/** A line as wide as `width`. */
export function Line({ width, children, ...style }: LineStyle & { width: number; children: string }) {
  return (
    <Box flexShrink={0} height={1}>
      <Words {...style}>{fit(children, width)}</Words>
    </Box>
  )
}

/** Something to be drawn: a line with its style. */
export interface StyledLine extends LineStyle {
  text: string
}

/** Lines, one below the other. */
export function Lines({ lines, width }: { lines: readonly StyledLine[]; width: number }) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map(({ text, ...style }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a line is its place on the screen
        <Line key={index} width={width} {...style}>
          {text}
        </Line>
      ))}
    </Box>
  )
}
