// `input` is how values are entered: text, choices, the editor of a field, and prompts and confirmations as whole screens.

import { graphemesOf } from '../../output/text-width.ts'

/** Text that is being edited, as graphemes, and the position of the cursor. */
export interface TextBuffer {
  characters: readonly string[]
  cursor: number
}

export function createBuffer(text: string): TextBuffer {
  const characters = graphemesOf(text)
  return { characters, cursor: characters.length }
}

export const bufferText = ({ characters }: TextBuffer): string => characters.join('')

export function insertText({ characters, cursor }: TextBuffer, text: string): TextBuffer {
  const before = graphemesOf(characters.slice(0, cursor).join('') + text)
  return { characters: [...before, ...characters.slice(cursor)], cursor: before.length }
}

/** The buffer after a key that moves or deletes; undefined for other keys. */
export function applyKey(buffer: TextBuffer, key: string): TextBuffer | undefined {
  const { characters, cursor } = buffer
  const at = (place: number): TextBuffer => ({ characters, cursor: Math.max(0, Math.min(characters.length, place)) })
  const without = (from: number, to: number): TextBuffer => ({
    characters: [...characters.slice(0, from), ...characters.slice(to)],
    cursor: from,
  })
  switch (key) {
    case 'left':
      return at(cursor - 1)
    case 'right':
      return at(cursor + 1)
    case 'up':
      return at(vertically(buffer, -1))
    case 'down':
      return at(vertically(buffer, 1))
    case 'home':
    case 'ctrl+a':
      return at(lineStart(buffer))
    case 'end':
    case 'ctrl+e':
      return at(lineEnd(buffer))
    case 'backspace':
      return cursor === 0 ? buffer : without(cursor - 1, cursor)
    case 'ctrl+d':
      return without(cursor, cursor + 1)
    case 'ctrl+w':
      return without(wordStart(buffer), cursor)
    case 'ctrl+u':
      return without(lineStart(buffer), cursor)
    case 'ctrl+k':
      return without(cursor, lineEnd(buffer))
    default:
      return undefined
  }
}

function lineStart({ characters, cursor }: TextBuffer): number {
  return cursor === 0 ? 0 : characters.lastIndexOf('\n', cursor - 1) + 1
}

function lineEnd({ characters, cursor }: TextBuffer): number {
  const end = characters.indexOf('\n', cursor)
  return end === -1 ? characters.length : end
}

function wordStart({ characters, cursor }: TextBuffer): number {
  let start = cursor
  while (start > 0 && /\s/.test(characters[start - 1] ?? '')) start -= 1
  while (start > 0 && /\S/.test(characters[start - 1] ?? '')) start -= 1
  return start
}

/** The position in the same column of the previous or the next line. */
function vertically(buffer: TextBuffer, by: 1 | -1): number {
  const { characters, cursor } = buffer
  const start = lineStart(buffer)
  const column = cursor - start
  if (by === -1) {
    if (start === 0) return cursor
    const previous = lineStart({ characters, cursor: start - 1 })
    return Math.min(previous + column, start - 1)
  }
  const end = lineEnd(buffer)
  if (end === characters.length) return cursor
  return Math.min(end + 1 + column, lineEnd({ characters, cursor: end + 1 }))
}
