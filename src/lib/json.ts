import { isValidUnicode } from './text/unicode.ts'

/** What JSON of another party may be at most. `maxValues` counts members of objects and items of arrays, at every depth. */
export interface JsonLimits {
  maxBytes: number
  maxDepth: number
  maxValues: number
}

/** The limits of request bodies, JWTs and fetched documents. Each caller has a stricter limit of size where it needs one. */
export const FOREIGN_JSON_LIMITS: JsonLimits = { maxBytes: 262_144, maxDepth: 20, maxValues: 5_000 }

/** Where in a document a problem is. */
export type JsonPath = (string | number)[]

/**
 * JSON of another party that the server does not accept. `message` completes the sentence "The JSON …" or "<path> …".
 * `code` is `malformed` for text that is not JSON.
 */
export class UnacceptableJson extends Error {
  override readonly name = 'UnacceptableJson'
  readonly code: 'malformed' | 'too_large' | 'too_deep' | 'too_many' | 'duplicate' | 'invalid_text' | 'invalid_number'
  readonly path: JsonPath

  constructor(code: UnacceptableJson['code'], message: string, path: JsonPath = []) {
    super(message)
    this.code = code
    this.path = path
  }
}

// Ignores a byte order mark, as RFC 8259 §8.1 allows.
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Parses JSON of another party: a body, a JWT, a fetched document, a parameter (RFC 8259). Throws `UnacceptableJson` for
 * text that is not JSON in UTF-8, beyond `limits`, with a member twice (§4), or that PostgreSQL cannot store unchanged: NUL,
 * lone surrogates, and numbers beyond the range of a double.
 */
export function parseForeignJson(source: string | Uint8Array, limits: JsonLimits = FOREIGN_JSON_LIMITS): unknown {
  const size = typeof source === 'string' ? Buffer.byteLength(source) : source.byteLength
  if (size > limits.maxBytes) throw new UnacceptableJson('too_large', `must have at most ${limits.maxBytes} bytes`)
  const text = typeof source === 'string' ? source : decodeUtf8(source)
  // First, because what is made of a deep value exhausts the stack.
  const members = countMembers(text, limits)
  const value = parse(text)
  // Only an escape can stand for half a surrogate pair or for NUL, which the parser rejects as a character.
  const mayHoldInvalidText = text.includes('\\u') || !text.isWellFormed()
  // The parser keeps one of several members with the same name.
  if (checkValues(value, [], mayHoldInvalidText) !== members) throw findDuplicate(text)
  return value
}

/** Whether a value is nested at most as deep as JSON of another party may be. */
export function isWithinDepth(value: unknown, maxDepth = FOREIGN_JSON_LIMITS.maxDepth): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth <= maxDepth; depth += 1) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []))
    if (level.length === 0) return true
  }
  return false
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new UnacceptableJson('malformed', 'is not well-formed UTF-8')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new UnacceptableJson('malformed', 'is not well-formed JSON')
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Checks depth and number of values in one pass over the text, and returns how many members all objects have together.
 * Malformed text is left to the parser.
 */
function countMembers(text: string, { maxDepth, maxValues }: JsonLimits): number {
  let depth = 0
  let members = 0
  let items = 0
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index)
        break
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1
        if (depth > maxDepth) throw new UnacceptableJson('too_deep', `must be nested at most ${maxDepth} deep`)
        break
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1
        break
      case COMMA:
        items += 1
        if (items >= maxValues) throw new UnacceptableJson('too_many', `must have at most ${maxValues} values`)
        break
      case COLON:
        members += 1
        break
    }
  }
  return members
}

/** The index of the quote that ends the string that begins at `start`, or the last index if none does. */
function endOfString(text: string, start: number): number {
  for (let index = text.indexOf('"', start + 1); index !== -1; index = text.indexOf('"', index + 1)) {
    let backslashes = 0
    while (text.charCodeAt(index - 1 - backslashes) === BACKSLASH) backslashes += 1
    if (backslashes % 2 === 0) return index
  }
  return text.length - 1
}

/**
 * Checks numbers, names and, where needed, text, and returns the number of members. `path` leads to the value; it is changed
 * during the walk, and copied into the error.
 */
function checkValues(value: unknown, path: JsonPath, checksText: boolean): number {
  if (typeof value === 'string') {
    if (checksText) checkText(value, path)
    return 0
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new UnacceptableJson('invalid_number', 'must be a number in the range of a double', [...path])
    return 0
  }
  if (typeof value !== 'object' || value === null) return 0
  const isList = Array.isArray(value)
  let members = 0
  for (const name of Object.keys(value)) {
    path.push(isList ? Number(name) : name)
    if (!isList) {
      members += 1
      if (checksText) checkText(name, path)
      // A member of this name would become the prototype of an object that it is copied to.
      if (name === '__proto__') throw new UnacceptableJson('malformed', 'has the name of a prototype', [...path])
    }
    members += checkValues((value as Record<string, unknown>)[name], path, checksText)
    path.pop()
  }
  return members
}

function checkText(text: string, path: JsonPath): void {
  if (!isValidUnicode(text))
    throw new UnacceptableJson('invalid_text', 'must not contain the character NUL or a lone surrogate', [...path])
}

/** The error of well-formed text with a member twice. */
function findDuplicate(text: string): UnacceptableJson {
  const stack: { names: Set<string>; position: string | number }[] = []
  let string = ''
  for (let index = 0; index < text.length; index += 1) {
    const container = stack.at(-1)
    switch (text.charCodeAt(index)) {
      case QUOTE: {
        const end = endOfString(text, index)
        string = text.slice(index, end + 1)
        index = end
        break
      }
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        stack.push({ names: new Set(), position: text.charCodeAt(index) === OPEN_ARRAY ? 0 : '' })
        break
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        stack.pop()
        break
      case COMMA:
        if (typeof container?.position === 'number') container.position += 1
        break
      case COLON: {
        const name = String(parse(string))
        if (!container) break
        container.position = name
        if (container.names.has(name)) return duplicate(stack.map(({ position }) => position))
        container.names.add(name)
        break
      }
    }
  }
  return duplicate([])
}

function duplicate(path: JsonPath): UnacceptableJson {
  return new UnacceptableJson('duplicate', 'must be there only once', path)
}
