import { excerpt } from '../lib/text/excerpt.ts'
import { OAuthError } from './errors.ts'

/**
 * The parameters of one OAuth message. A parameter without a value counts as absent. The names of parameters that are sent
 * more than once are in `duplicates`, and `get` returns their first value (RFC 6749 §3.1, §3.2). Each endpoint rejects
 * duplicates in its own error format.
 */
export interface Parameters {
  get(name: string): string | undefined
  readonly names: readonly string[]
  readonly duplicates: ReadonlySet<string>
}

const MAX_PARAMETER_COUNT = 100
const NO_DUPLICATES: ReadonlySet<string> = new Set()

/** Parameters that may be sent more than once (RFC 8707 §2). Their values contain no space, which separates them here. */
const REPEATABLE_PARAMETERS: ReadonlySet<string> = new Set(['resource'])

/**
 * Parses `application/x-www-form-urlencoded` text: the query of a URL or a body. Throws `invalid_request` for malformed
 * percent-encoding, invalid UTF-8, the character NUL (PostgreSQL cannot store it) and too many parameters.
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
    if (values.has(name) && REPEATABLE_PARAMETERS.has(name)) values.set(name, `${values.get(name)} ${value}`)
    else if (values.has(name)) (duplicates ??= new Set()).add(name)
    else values.set(name, value)
  }
  return createParameters(values, duplicates ?? NO_DUPLICATES)
}

/** All values of a parameter that may be sent more than once. */
export function listParameter(parameters: Parameters, name: string): string[] {
  return (parameters.get(name) ?? '').split(' ').filter((value) => value !== '')
}

/** Restores stored parameters. */
export function parametersFromRecord(stored: Readonly<Record<string, string>>): Parameters {
  return createParameters(new Map(Object.entries(stored)), NO_DUPLICATES)
}

/** The stored form of parameters, for `parametersFromRecord`. */
export function parametersToRecord(parameters: Parameters): Record<string, string> {
  return Object.fromEntries(
    parameters.names.flatMap((name) => {
      const value = parameters.get(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Throws `invalid_request` if a parameter is sent more than once. */
export function rejectDuplicates(parameters: Parameters): void {
  const [name] = parameters.duplicates
  if (name !== undefined)
    throw new OAuthError('invalid_request', `The parameter '${excerpt(name)}' is sent more than once.`)
}

/** The value of a required parameter; throws `invalid_request` if it is missing. */
export function requireParameter(parameters: Parameters, name: string): string {
  const value = parameters.get(name)
  if (value === undefined) throw new OAuthError('invalid_request', `The parameter '${name}' is missing.`)
  return value
}

// Text without any of these needs no decoding.
// oxlint-disable-next-line no-control-regex -- the pattern searches for control characters
const NEEDS_DECODING = /[\x00-\x1f\x7f%+\uFFFD]/
// oxlint-disable-next-line no-control-regex -- the pattern searches for control characters
const CONTROL_CHARACTER = /[\x00-\x1f\x7f]/

/** Decodes one name or value of a form (WHATWG URL §5.1), strictly. */
export function decodeFormValue(encoded: string): string {
  if (!NEEDS_DECODING.test(encoded)) return encoded
  if (CONTROL_CHARACTER.test(encoded)) throw malformedEncoding('a control character that is not percent-encoded')
  // Raw non-ASCII bytes were decoded as UTF-8 before. Invalid bytes became U+FFFD.
  if (encoded.includes('\uFFFD')) throw malformedEncoding('bytes that are not UTF-8')
  const text = encoded.replaceAll('+', ' ')
  if (!text.includes('%')) return text
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw malformedEncoding("a '%' without two hexadecimal digits after it")
  if (text.includes('%00')) throw malformedEncoding('the character NUL')
  try {
    return decodeURIComponent(text)
  } catch {
    throw malformedEncoding('bytes that are not UTF-8')
  }
}

function malformedEncoding(problem: string): OAuthError {
  return new OAuthError('invalid_request', `The request contains ${problem}.`)
}

function createParameters(values: ReadonlyMap<string, string>, duplicates: ReadonlySet<string>): Parameters {
  return {
    get: (name) => values.get(name) || undefined,
    names: [...values.keys()],
    duplicates,
  }
}
