/** @jsxImportSource react */
import { Box } from 'ink'
import { useState } from 'react'
import { windowOf } from './cursor.ts'
import type { Key } from './keys.tsx'
import { fit, widthOf } from './columns.ts'
import { bufferOf, edited, inserted, textIn, type TextBuffer } from './text-buffer.ts'
import { Line, Words } from './text.tsx'

export interface TextEditing {
  text: string
  buffer: TextBuffer
  replace(text: string): void
  /** Edits where the key is one that edits, and says whether it was. */
  hears(key: Key): boolean
}

/** Text that is edited: one line, or where `many` as many as somebody likes. */
export function useTextEditing(initial: string, many: boolean): TextEditing {
  const [buffer, setBuffer] = useState(() => bufferOf(initial))
  return {
    text: textIn(buffer),
    buffer,
    replace: (text) => setBuffer(bufferOf(text)),
    hears({ name, text }) {
      if (text !== '') setBuffer((before) => inserted(before, text))
      else if (name === 'enter' && many) setBuffer((before) => inserted(before, '\n'))
      else if (name === 'up' || name === 'down' ? !many : edited(buffer, name) === undefined) return false
      else setBuffer((before) => edited(before, name) ?? before)
      return true
    },
  }
}

interface Piece {
  text: string
  /** Where in the line the cursor is; undefined: elsewhere. */
  cursor: number | undefined
}

/** The text as it is edited, with the cursor in it; long lines go on in the next. */
export function TextEditor({ buffer, width, height }: { buffer: TextBuffer; width: number; height: number }) {
  const pieces = laidOut(buffer, width - 3)
  const at = Math.max(
    0,
    pieces.findIndex(({ cursor }) => cursor !== undefined),
  )
  const top = windowOf(at, at, pieces.length, height)
  const seen = pieces.slice(top, top + height)
  return (
    <Box flexDirection="column" height={height} flexShrink={0}>
      {seen.map((piece, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a line is its place on the screen
        <EditedLine key={index} piece={piece} width={width} />
      ))}
    </Box>
  )
}

function EditedLine({ piece: { text, cursor }, width }: { piece: Piece; width: number }) {
  if (cursor === undefined) return <Line width={width}>{`  ${text}`}</Line>
  const { characters } = bufferOf(text)
  const before = characters.slice(0, cursor).join('')
  const here = characters[cursor] ?? ' '
  const rest = Math.max(0, width - 2 - widthOf(before) - widthOf(here))
  return (
    <Box height={1} flexShrink={0}>
      <Words>{`> ${before}`}</Words>
      <Words inverse>{here}</Words>
      <Words>{fit(characters.slice(cursor + 1).join(''), rest)}</Words>
    </Box>
  )
}

function laidOut({ characters, cursor }: TextBuffer, width: number): Piece[] {
  const pieces: Piece[] = [{ text: '', cursor: undefined }]
  let [used, count] = [0, 0]
  const begin = () => {
    pieces.push({ text: '', cursor: undefined })
    ;[used, count] = [0, 0]
  }
  for (let index = 0; index <= characters.length; index += 1) {
    const character = characters[index] ?? ''
    const isBreak = character === '\n'
    const wide = isBreak ? 0 : widthOf(character)
    if (used + wide > width) begin()
    const piece = pieces[pieces.length - 1]
    if (piece && index === cursor) piece.cursor = count
    if (piece && !isBreak) piece.text += character
    used += wide
    count += 1
    if (isBreak) begin()
  }
  return pieces
}
