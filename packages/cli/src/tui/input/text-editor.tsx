/** @jsxImportSource react */
import { Box } from 'ink'
import { useState } from 'react'
import { fit, widthOf } from '../../output/text-width.ts'
import { scrollOffset } from '../frame/cursor.ts'
import type { Key } from '../frame/keyboard.tsx'
import { Line, TerminalText } from '../frame/text.tsx'
import { applyKey, bufferText, createBuffer, insertText, type TextBuffer } from './text-buffer.ts'

export interface TextEditing {
  text: string
  buffer: TextBuffer
  replace(text: string): void
  /** Edits by a key. False for keys that do not edit. */
  handleKey(key: Key): boolean
}

/** The state of a text input with one line, or with several where `isMultiline`. */
export function useTextEditing(initial: string, isMultiline: boolean): TextEditing {
  const [buffer, setBuffer] = useState(() => createBuffer(initial))
  return {
    text: bufferText(buffer),
    buffer,
    replace: (text) => setBuffer(createBuffer(text)),
    handleKey({ name, text }) {
      if (text !== '') setBuffer((before) => insertText(before, text))
      else if (name === 'enter' && isMultiline) setBuffer((before) => insertText(before, '\n'))
      else if (name === 'up' || name === 'down' ? !isMultiline : applyKey(buffer, name) === undefined) return false
      else setBuffer((before) => applyKey(before, name) ?? before)
      return true
    },
  }
}

interface VisualLine {
  text: string
  /** The cursor in this line; undefined: it is on another one. */
  cursor: number | undefined
}

/** Draws a text input with its cursor. Long lines continue on the next one. */
export function TextEditor({ buffer, width, height }: { buffer: TextBuffer; width: number; height: number }) {
  const lines = layOut(buffer, width - 3)
  const at = Math.max(
    0,
    lines.findIndex(({ cursor }) => cursor !== undefined),
  )
  const top = scrollOffset(at, at, lines.length, height)
  const visible = lines.slice(top, top + height)
  return (
    <Box flexDirection="column" height={height} flexShrink={0}>
      {visible.map((line, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a line is identified by its position
        <EditedLine key={index} line={line} width={width} />
      ))}
    </Box>
  )
}

function EditedLine({ line: { text, cursor }, width }: { line: VisualLine; width: number }) {
  if (cursor === undefined) return <Line width={width}>{`  ${text}`}</Line>
  const { characters } = createBuffer(text)
  const before = characters.slice(0, cursor).join('')
  const current = characters[cursor] ?? ' '
  const rest = Math.max(0, width - 2 - widthOf(before) - widthOf(current))
  return (
    <Box height={1} flexShrink={0}>
      <TerminalText>{`> ${before}`}</TerminalText>
      <TerminalText inverse>{current}</TerminalText>
      <TerminalText>{fit(characters.slice(cursor + 1).join(''), rest)}</TerminalText>
    </Box>
  )
}

function layOut({ characters, cursor }: TextBuffer, width: number): VisualLine[] {
  const lines: VisualLine[] = [{ text: '', cursor: undefined }]
  let [used, count] = [0, 0]
  const begin = () => {
    lines.push({ text: '', cursor: undefined })
    ;[used, count] = [0, 0]
  }
  for (let index = 0; index <= characters.length; index += 1) {
    const character = characters[index] ?? ''
    const isBreak = character === '\n'
    const wide = isBreak ? 0 : widthOf(character)
    if (used + wide > width) begin()
    const line = lines[lines.length - 1]
    if (line && index === cursor) line.cursor = count
    if (line && !isBreak) line.text += character
    used += wide
    count += 1
    if (isBreak) begin()
  }
  return lines
}
