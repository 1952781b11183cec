import { describe, expect, it } from 'vitest'
import { asCommand, asCurl } from '../../packages/cli/src/tui/copy-as.ts'
import { saveCall } from '../../packages/cli/src/tui/calls.ts'
import { fit, fitMiddle, hardWrap, sanitize, widthOf, wrap } from '../../packages/cli/src/output/text-width.ts'
import { applyKey, bufferText, createBuffer, insertText } from '../../packages/cli/src/tui/input/text-buffer.ts'
import { initialList, moveCursor } from '../../packages/cli/src/tui/list/list-state.ts'

describe('a line of the screen', () => {
  it.each([
    ['short', 8, 'short   '],
    ['exactly8', 8, 'exactly8'],
    ['too long for it', 8, 'too lon…'],
    ['日本語', 8, '日本語  '],
    ['日本語の名前', 8, '日本語… '],
    ['a\u001b[31mb', 10, 'a\ufffd[31mb   '],
    ['❤️!', 4, '❤!  '],
  ])('%j fits %i columns as %j', (text, width, line) => {
    expect([fit(text, width), widthOf(fit(text, width))]).toEqual([line, width])
  })

  it('is shortened in the middle for identifiers', () => {
    expect(fitMiddle('client_abcdefghijk', 9)).toBe('clie…hijk')
  })

  it('contains no control characters', () => {
    const all = Array.from({ length: 0x300 }, (_, code) => String.fromCodePoint(code)).join('')
    expect(sanitize(`${all}\u200e\u202e\u2066\ufeff`)).not.toMatch(/\p{Cc}|\p{Cf}/u)
  })

  it('wraps between words, and within words that are too long', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrap('abcdefghij k', 4)).toEqual(['abcd', 'efgh', 'ij k'])
    expect(wrap('one two three four', 5, 2)).toEqual(['one', 'two …'])
    expect(hardWrap('日本語a', 4)).toEqual(['日本', '語a'])
  })
})

describe('a text input', () => {
  it('moves by graphemes and by lines', () => {
    const start = createBuffer('né\nlonger line\nx')
    const up = applyKey(start, 'up')
    expect(up && bufferText(insertText(up, '|'))).toBe('né\nl|onger line\nx')
    const first = applyKey(applyKey(start, 'up') ?? start, 'home')
    expect(first && bufferText(insertText(first, '|'))).toBe('né\n|longer line\nx')
    const family = createBuffer('a👩‍👩‍👧')
    expect(bufferText(applyKey(family, 'backspace') ?? family)).toBe('a')
    expect(bufferText(applyKey(createBuffer('one two '), 'ctrl+w') ?? start)).toBe('one ')
    expect(bufferText(applyKey(createBuffer('one\ntwo'), 'ctrl+u') ?? start)).toBe('one\n')
    expect(applyKey(start, 'ctrl+x')).toBeUndefined()
  })
})

describe('copy as', () => {
  const target = { server: 'https://auth.example.com', context: 'prod', organisation: 'acme' }
  const call = saveCall({ base: { id: 'x' }, etag: '"1"', changes: { name: "It's $(new)" } })

  it('quotes words for a shell', () => {
    expect(asCurl(call, target)).toContain(`-d '{\n  "name": "It'\\''s $(new)"\n}'`)
    expect(asCurl(call, target)).toContain("-H 'x-org-domain: acme'")
    expect(asCommand(call, target)).toBe(
      `cerberus --context prod --org acme client patch x \\\n  --if-match '"1"' \\\n  --data '{\n  "name": "It'\\''s $(new)"\n}'`,
    )
  })
})

it('the cursor of the list moves across pages, and stops at both ends', () => {
  expect(moveCursor(initialList, 100_000, 25, 10)).toMatchObject({ offset: 20, line: 4 })
  expect(moveCursor({ ...initialList, offset: 20, line: 4 }, -5, 25, 10)).toMatchObject({ offset: 10, line: 9 })
  expect(moveCursor(initialList, -1, 25, 10)).toMatchObject({ offset: 0, line: 0 })
  expect(moveCursor(initialList, 1, 0, 10)).toMatchObject({ offset: 0, line: 0 })
})
