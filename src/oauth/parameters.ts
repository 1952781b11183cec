import { OAuthError } from './errors.ts'

/**
 * The parameters of one OAuth message. A parameter sent without a value counts as not sent, and one sent twice is in
 * `repeated`, with its first value kept (RFC 6749 §3.1, §3.2): who reads the message decides in which dialect to refuse.
 */
export interface Parameters {
  get(name: string): string | undefined
  readonly names: readonly string[]
  readonly duplicates: ReadonlySet<string>
}

const MAX_PARAMETER_COUNT = 100
const NO_DUPLICATES: ReadonlySet<string> = new Set()

/**
 * Reads `application/x-www-form-urlencoded` text, the query of a URL or a body. Throws `invalid_request` for broken
 * percent-encoding, bytes that are not UTF-8, the character NUL (PostgreSQL cannot store it) and too many fields.
 */
export function parseParameters(encoded: string): Parameters {
  const values = new Map<string, string>()
  let duplicates: Set<string> | undefined
  const fields = encoded === '' ? [] : encoded.split('&')
  if (fields.length > MAX_PARAMETER_COUNT) {
    throw new OAuthError('invalid_request', `A request may have at most ${MAX_PARAMETER_COUNT} parameters.`)
  }
  for (const field of fields) {
    if (field === '') continue
    const equals = field.indexOf('=')
    const name = decodeFormValue(equals === -1 ? field : field.slice(0, equals))
    const value = equals === -1 ? '' : decodeFormValue(field.slice(equals + 1))
    if (values.has(name)) (duplicates ??= new Set()).add(name)
    else values.set(name, value)
  }
  return createParameters(values, duplicates ?? NO_DUPLICATES)
}

/** Parameters that were stored, each once. */
export function parametersFromRecord(stored: Readonly<Record<string, string>>): Parameters {
  return createParameters(new Map(Object.entries(stored)), NO_DUPLICATES)
}

/** What `restoreParameters` reads back. */
export function parametersToRecord(parameters: Parameters): Record<string, string> {
  return Object.fromEntries(
    parameters.names.flatMap((name) => {
      const value = parameters.get(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Throws `invalid_request` that names a parameter sent more than once. */
export function rejectDuplicates(parameters: Parameters): void {
  const [name] = parameters.duplicates
  if (name !== undefined) throw new OAuthError('invalid_request', `The parameter '${name}' is sent more than once.`)
}

/** The value of a parameter that must be there; throws `invalid_request` that names it. */
export function requireParameter(parameters: Parameters, name: string): string {
  const value = parameters.get(name)
  if (value === undefined) throw new OAuthError('invalid_request', `The parameter '${name}' is missing.`)
  return value
}

// Without any of these, text stands for itself.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const NEEDS_DECODING = /[\x00-\x1f\x7f%+\uFFFD]/
// oxlint-disable-next-line no-control-regex -- here as well
const CONTROL_CHARACTER = /[\x00-\x1f\x7f]/

/** Decodes one name or value of a form (WHATWG URL §5.1), strictly. */
export function decodeFormValue(encoded: string): string {
  if (!NEEDS_DECODING.test(encoded)) return encoded
  if (CONTROL_CHARACTER.test(encoded)) throw malformedEncoding('a control character that is not percent-encoded')
  // Raw bytes beyond ASCII were decoded as UTF-8 on the way in; what was not UTF-8 became U+FFFD.
  if (encoded.includes('\uFFFD')) throw malformedEncoding('bytes that are not UTF-8')
  const text = encoded.replaceAll('+', ' ')
  if (!text.includes('%')) return text
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw malformedEncoding("a '%' that two hexadecimal digits do not follow")
  if (text.includes('%00')) throw malformedEncoding('the character NUL')
  try {
    return decodeURIComponent(text)
  } catch {
    throw malformedEncoding('bytes that are not UTF-8')
  }
}

function malformedEncoding(what: string): OAuthError {
  return new OAuthError('invalid_request', `The request holds ${what}.`)
}

function createParameters(values: ReadonlyMap<string, string>, duplicates: ReadonlySet<string>): Parameters {
  return {
    get: (name) => values.get(name) || undefined,
    names: [...values.keys()],
    duplicates,
  }
}
