import { describe, expect, it } from 'vitest'
import { chop, fit, fitMiddle, plain, widthOf, wrap } from '../../src/cli/tui/columns.ts'
import { asCommand, asCurl } from '../../src/cli/tui/equivalents.ts'
import { readFields } from '../../src/cli/tui/field.ts'
import { moved, firstList } from '../../src/cli/tui/list-state.ts'
import { problemsOf } from '../../src/cli/tui/rehearsal.ts'
import { saveCall } from '../../src/cli/tui/requests.ts'
import { bufferOf, edited, inserted, textIn } from '../../src/cli/tui/text-buffer.ts'
import { parsed, textOf } from '../../src/cli/tui/value.ts'
import { Failure } from '../../src/cli/failure.ts'

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

  it('keeps both ends of what is known by its end', () => {
    expect(fitMiddle('client_abcdefghijk', 9)).toBe('clie…hijk')
  })

  it('holds nothing that a terminal obeys', () => {
    const all = Array.from({ length: 0x300 }, (_, code) => String.fromCodePoint(code)).join('')
    expect(plain(`${all}\u200e\u202e\u2066\ufeff`)).not.toMatch(/\p{Cc}|\p{Cf}/u)
  })

  it('breaks between words, and words that are too long', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrap('abcdefghij k', 4)).toEqual(['abcd', 'efgh', 'ij k'])
    expect(wrap('one two three four', 5, 2)).toEqual(['one', 'two …'])
    expect(chop('日本語a', 4)).toEqual(['日本', '語a'])
  })
})

describe('text that is edited', () => {
  it('moves by what a reader takes for a character, and by lines', () => {
    const start = bufferOf('né\nlonger line\nx')
    const up = edited(start, 'up')
    expect(up && textIn(inserted(up, '|'))).toBe('né\nl|onger line\nx')
    const first = edited(edited(start, 'up') ?? start, 'home')
    expect(first && textIn(inserted(first, '|'))).toBe('né\n|longer line\nx')
    const family = bufferOf('a👩‍👩‍👧')
    expect(textIn(edited(family, 'backspace') ?? family)).toBe('a')
    expect(textIn(edited(bufferOf('one two '), 'ctrl+w') ?? start)).toBe('one ')
    expect(textIn(edited(bufferOf('one\ntwo'), 'ctrl+u') ?? start)).toBe('one\n')
    expect(edited(start, 'ctrl+x')).toBeUndefined()
  })

  it('is a value, or says why it is none', () => {
    expect(parsed({ kind: 'number', nullable: true }, ' ')).toEqual({ value: null })
    expect(parsed({ kind: 'number', nullable: false }, '')).toEqual({ problem: 'cannot be empty' })
    expect(parsed({ kind: 'number', nullable: false }, 'x')).toEqual({ value: 'x' })
    expect(parsed({ kind: 'lines', nullable: false }, ' a \n\nb')).toEqual({ value: ['a', 'b'] })
    expect(parsed({ kind: 'text', nullable: true }, '')).toEqual({ value: null })
    expect(parsed({ kind: 'json', nullable: true }, '{')).toEqual({ problem: expect.stringMatching(/^is no JSON/) })
    expect(textOf({ kind: 'json' }, { a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}')
  })
})

describe('a member that nobody here has heard of', () => {
  const document = {
    paths: {
      '/v1/admin/clients': { post: { operationId: 'createClient', requestBody: bodyOf('New') } },
      '/v1/admin/clients/{id}': { patch: { operationId: 'updateClient', requestBody: bodyOf('Change') } },
    },
    components: {
      schemas: {
        New: {
          properties: {
            colour: { type: 'string', enum: ['red', 'blue'], description: 'Of the door.', 'x-group': 'Doors' },
            doors: { anyOf: [{ type: 'integer', minimum: 1, maximum: 9 }, { type: 'null' }] },
            doorSignedResponseAlg: { type: ['string', 'null'] },
            keys: { type: 'array', items: { type: 'object' } },
          },
        },
        Change: { properties: { open: { type: 'boolean' } } },
      },
    },
  }
  function bodyOf(name: string) {
    return { content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } }
  }

  it('has a field, by what the server says of it', () => {
    const fields = readFields(document, { door_signing_alg_values_supported: ['ES256'] })
    expect(fields.map(({ member, group, kind, nullable }) => [member, group, kind, nullable])).toEqual([
      ['colour', 'Doors', 'one', false],
      ['doors', 'Other members', 'number', true],
      ['doorSignedResponseAlg', 'Other members', 'text', true],
      ['keys', 'Other members', 'json', false],
      ['open', 'Other members', 'flag', false],
    ])
    expect(fields[0]).toMatchObject({
      help: 'Of the door.',
      choices: ['red', 'blue'],
      creatable: true,
      changeable: false,
    })
    expect(fields[1]?.bounds).toBe('1 to 9.')
    expect(fields[2]?.supported).toEqual(['ES256'])
    expect(fields[4]).toMatchObject({ creatable: false, changeable: true })
  })
})

describe('copy as', () => {
  const place = { server: 'https://auth.example.com', context: 'prod', organisation: 'acme' }
  const call = saveCall({ base: { id: 'x' }, etag: '"1"', changes: { name: "It's $(new)" } })

  it('is quoted for a shell', () => {
    expect(asCurl(call, place)).toContain(`-d '{\n  "name": "It'\\''s $(new)"\n}'`)
    expect(asCurl(call, place)).toContain("-H 'x-org-domain: acme'")
    expect(asCommand(call, place)).toBe(
      `cerberus --context prod --org acme client patch x \\\n  --if-match '"1"' \\\n  --data '{\n  "name": "It'\\''s $(new)"\n}'`,
    )
  })
})

it('what the server refuses is told by member', () => {
  const failure = new Failure('invalid', 'Validation error (400)', ['redirectUris.0: must be x', 'name: is: odd'])
  expect(problemsOf(failure)).toEqual({ redirectUris: ['0: must be x'], name: ['is: odd'] })
  expect(problemsOf(new Failure('invalid', 'No.'))).toEqual({ '': ['No.'] })
})

it('the cursor of the list goes over pages, and not beyond', () => {
  expect(moved(firstList, 100_000, 25, 10)).toMatchObject({ offset: 20, line: 4 })
  expect(moved({ ...firstList, offset: 20, line: 4 }, -5, 25, 10)).toMatchObject({ offset: 10, line: 9 })
  expect(moved(firstList, -1, 25, 10)).toMatchObject({ offset: 0, line: 0 })
  expect(moved(firstList, 1, 0, 10)).toMatchObject({ offset: 0, line: 0 })
})
