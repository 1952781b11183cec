import { isValidUnicode } from './unicode.ts'

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
  checkStructure(text, limits)
  const value = parse(text)
  checkValues(value, [])
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

/** An object or an array that the scan is in. */
interface Container {
  /** The names so far; undefined for an array. */
  names: Set<string> | undefined
  /** The name of the current member, or the index of the current item. */
  position: string | number
}

/** Checks depth, number of values and repeated names in one pass over the text. Malformed text is left to the parser. */
function checkStructure(text: string, { maxDepth, maxValues }: JsonLimits): void {
  const stack: Container[] = []
  let values = 0
  let lastString = ''
  const path = () => stack.map(({ position }) => position)
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case QUOTE: {
        const end = endOfString(text, index)
        lastString = text.slice(index, end + 1)
        index = end
        break
      }
      case OPEN_ARRAY:
      case OPEN_OBJECT: {
        if (stack.length >= maxDepth)
          throw new UnacceptableJson('too_deep', `must be nested at most ${maxDepth} deep`, path().slice(0, 3))
        const isObject = text.charCodeAt(index) === OPEN_OBJECT
        stack.push(isObject ? { names: new Set(), position: '' } : { names: undefined, position: 0 })
        break
      }
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        stack.pop()
        break
      case COMMA: {
        const container = stack.at(-1)
        if (typeof container?.position === 'number') container.position += 1
        values += 1
        break
      }
      case COLON: {
        const container = stack.at(-1)
        if (!container?.names) break
        const name = lastString.includes('\\') ? unescapeName(lastString) : lastString.slice(1, -1)
        container.position = name
        if (container.names.has(name)) throw new UnacceptableJson('duplicate', 'must be there only once', path())
        // A member of this name would become the prototype of an object that it is copied to.
        if (name === '__proto__') throw new UnacceptableJson('malformed', 'has the name of a prototype', path())
        container.names.add(name)
        break
      }
    }
    if (values >= maxValues) throw new UnacceptableJson('too_many', `must have at most ${maxValues} values`)
  }
}

/** The index of the quote that ends the string that begins at `start`, or of the last character if none does. */
function endOfString(text: string, start: number): number {
  let index = start + 1
  while (index < text.length) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) return index
    index += code === BACKSLASH ? 2 : 1
  }
  return text.length - 1
}

function unescapeName(quoted: string): string {
  return String(parse(quoted))
}

/** `path` leads to the value. It is changed during the walk, and copied into the error. */
function checkValues(value: unknown, path: JsonPath): void {
  if (typeof value === 'string') {
    checkText(value, path)
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new UnacceptableJson('invalid_number', 'must be a number in the range of a double', [...path])
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      path.push(index)
      checkValues(item, path)
      path.pop()
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      path.push(name)
      checkText(name, path)
      checkValues(member, path)
      path.pop()
    }
  }
}

function checkText(text: string, path: JsonPath): void {
  if (!isValidUnicode(text))
    throw new UnacceptableJson('invalid_text', 'must not contain the character NUL or a lone surrogate', [...path])
}
