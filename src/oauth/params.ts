import { OAuthError } from './errors.ts'

/**
 * The parameters of one OAuth message. A parameter sent without a value counts as not sent, and one sent twice is in
 * `repeated`, with its first value kept (RFC 6749 §3.1, §3.2): who reads the message decides in which dialect to refuse.
 */
export interface Parameters {
  get(name: string): string | undefined
  readonly names: readonly string[]
  readonly repeated: ReadonlySet<string>
}

const MAX_FIELDS = 100
const NONE: ReadonlySet<string> = new Set()

/**
 * Reads `application/x-www-form-urlencoded` text, the query of a URL or a body. Throws `invalid_request` for broken
 * percent-encoding, bytes that are not UTF-8, the character NUL (PostgreSQL cannot store it) and too many fields.
 */
export function parseParameters(encoded: string): Parameters {
  const values = new Map<string, string>()
  let repeated: Set<string> | undefined
  const fields = encoded === '' ? [] : encoded.split('&')
  if (fields.length > MAX_FIELDS) {
    throw new OAuthError('invalid_request', `A request may have at most ${MAX_FIELDS} parameters.`)
  }
  for (const field of fields) {
    if (field === '') continue
    const equals = field.indexOf('=')
    const name = decodeFormValue(equals === -1 ? field : field.slice(0, equals))
    const value = equals === -1 ? '' : decodeFormValue(field.slice(equals + 1))
    if (values.has(name)) (repeated ??= new Set()).add(name)
    else values.set(name, value)
  }
  return fromMap(values, repeated ?? NONE)
}

/** Parameters that were stored, each once. */
export function restoreParameters(stored: Readonly<Record<string, string>>): Parameters {
  return fromMap(new Map(Object.entries(stored)), NONE)
}

/** What `restoreParameters` reads back. */
export function storeParameters(parameters: Parameters): Record<string, string> {
  return Object.fromEntries(
    parameters.names.flatMap((name) => {
      const value = parameters.get(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Throws `invalid_request` that names a parameter sent more than once. */
export function refuseRepeated(parameters: Parameters): void {
  const [name] = parameters.repeated
  if (name !== undefined) throw new OAuthError('invalid_request', `The parameter '${name}' is sent more than once.`)
}

/** The value of a parameter that must be there; throws `invalid_request` that names it. */
export function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name)
  if (value === undefined) throw new OAuthError('invalid_request', `The parameter '${name}' is missing.`)
  return value
}

// Without any of these, text stands for itself.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const REMARKABLE = /[\x00-\x1f\x7f%+\uFFFD]/
// oxlint-disable-next-line no-control-regex -- here as well
const CONTROL = /[\x00-\x1f\x7f]/

/** Decodes one name or value of a form (WHATWG URL §5.1), strictly. */
export function decodeFormValue(encoded: string): string {
  if (!REMARKABLE.test(encoded)) return encoded
  if (CONTROL.test(encoded)) throw malformed('a control character that is not percent-encoded')
  // Raw bytes beyond ASCII were decoded as UTF-8 on the way in; what was not UTF-8 became U+FFFD.
  if (encoded.includes('\uFFFD')) throw malformed('bytes that are not UTF-8')
  const text = encoded.replaceAll('+', ' ')
  if (!text.includes('%')) return text
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw malformed("a '%' that two hexadecimal digits do not follow")
  if (text.includes('%00')) throw malformed('the character NUL')
  try {
    return decodeURIComponent(text)
  } catch {
    throw malformed('bytes that are not UTF-8')
  }
}

function malformed(what: string): OAuthError {
  return new OAuthError('invalid_request', `The request holds ${what}.`)
}

function fromMap(values: ReadonlyMap<string, string>, repeated: ReadonlySet<string>): Parameters {
  return {
    get: (name) => values.get(name) || undefined,
    names: [...values.keys()],
    repeated,
  }
}
