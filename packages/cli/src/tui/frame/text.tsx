/** @jsxImportSource react */
import { Box, Text } from 'ink'
import { createContext, useContext } from 'react'
import { fit, sanitize } from '../../output/text-width.ts'

/** The tone of a line. Lines also have a sign for it, since colours may be off or invisible to the user. */
export type Tone = 'bad' | 'good' | 'risky'

const colours: Readonly<Record<Tone, string>> = { bad: 'red', good: 'green', risky: 'magenta' }

/** Whether to use colours (https://no-color.org). */
export const Colours = createContext(true)

export interface LineStyle {
  bold?: boolean
  dim?: boolean
  inverse?: boolean
  tone?: Tone | undefined
}

/** Text on the screen. All text is drawn by this component, which removes control characters. */
export function TerminalText({
  children,
  tone,
  bold = false,
  dim = false,
  inverse = false,
}: LineStyle & { children: string }) {
  const colour = useContext(Colours) && tone ? { color: colours[tone] } : {}
  return (
    <Text wrap="truncate-end" bold={bold} dimColor={dim} inverse={inverse} {...colour}>
      {sanitize(children)}
    </Text>
  )
}

/** A line of exactly `width` columns. */
export function Line({ width, children, ...style }: LineStyle & { width: number; children: string }) {
  return (
    <Box flexShrink={0} height={1}>
      <TerminalText {...style}>{fit(children, width)}</TerminalText>
    </Box>
  )
}

/** A line with its style. */
export interface StyledLine extends LineStyle {
  text: string
}

/** Lines below each other. */
export function Lines({ lines, width }: { lines: readonly StyledLine[]; width: number }) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map(({ text, ...style }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a line is identified by its position
        <Line key={index} width={width} {...style}>
          {text}
        </Line>
      ))}
    </Box>
  )
}
