import { isDeepStrictEqual } from 'node:util'
import type { AuditChange } from '../model/audit/audit-event.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * The fields that differ between an object before and after an act, for its audit event. Undefined stands for no object: a
 * new one has no `from`, a deleted one no `to`, and of both only fields that have a value count. Of a partial change, only the
 * fields that it has are compared. Secrets are masked, and long and deep values are cut.
 */
export function fieldChanges(before: object | undefined, after: object | undefined): AuditChange[] {
  const [from, to] = [before as Fields | undefined, after as Fields | undefined]
  const differing = Object.keys(to ?? from ?? {}).filter((field) =>
    from && to ? to[field] !== undefined && !isSame(from[field], to[field]) : !isEmpty((to ?? from)?.[field]),
  )
  const changes = differing.map((field) => ({
    field,
    ...(from && { from: toStored(from[field] ?? null, field) }),
    ...(to && { to: toStored(to[field] ?? null, field) }),
  }))
  return withinLimit(changes)
}

/** The change of a secret, whose values no event has. */
export function secretChange(field: string): AuditChange {
  return { field, from: MASK, to: MASK }
}

const isSame = (one: unknown, other: unknown) =>
  isDeepStrictEqual(flatten(toJson(one ?? null)), flatten(toJson(other ?? null)))

const isEmpty = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0)

const MASK = '***'
/** Names of values that give access to something: `password`, `clientSecret`, `access_token`. Not `passwordPolicy`. */
const SECRET_NAME = /(?:password|passwordhash|secret|token|private_?key|api_?key|credentials?)$/i
/** Of a JSON Web Key, the private members (RFC 7518 §6). */
const PRIVATE_KEY_MEMBERS = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])

function toStored(value: unknown, field: string): unknown {
  return cut(mask(toJson(value), SECRET_NAME.test(field)))
}

function toJson(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown)
}

/** Deeper than any body may be. An older release may have stored more than the stack holds. */
const MAX_DEPTH = 100

/** The value with what is deeper than `MAX_DEPTH` as text. */
function flatten(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth === MAX_DEPTH) return JSON.stringify(value)
  if (Array.isArray(value)) return value.map((entry) => flatten(entry, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, flatten(inner, depth + 1)]))
}

/** Text is masked, and what is too deep; a number with such a name is a lifetime or a length. */
function mask(value: unknown, isSecret: boolean, depth = 0): unknown {
  if (typeof value === 'string') return isSecret ? MASK : value
  if (typeof value !== 'object' || value === null) return value
  if (depth === MAX_DEPTH) return MASK
  if (Array.isArray(value)) return value.map((entry) => mask(entry, isSecret, depth + 1))
  const isKey = 'kty' in value
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => [
      member,
      mask(inner, isSecret || SECRET_NAME.test(member) || (isKey && PRIVATE_KEY_MEMBERS.has(member)), depth + 1),
    ]),
  )
}

const MAX_VALUE_LENGTH = 2_000
const MAX_CHANGES_LENGTH = 32_000
const EXCERPT_LENGTH = 200

/** A long value is stored as its beginning and its length in JSON. */
function cut(value: unknown): unknown {
  const text = JSON.stringify(value)
  if (text.length <= MAX_VALUE_LENGTH) return value
  const whole = typeof value === 'string' ? value : text
  return { excerpt: Array.from(whole.slice(0, EXCERPT_LENGTH)).slice(0, -1).join(''), length: text.length }
}

/** Beyond the limit, only the names of the fields are stored. */
function withinLimit(changes: AuditChange[]): AuditChange[] {
  let length = 0
  return changes.map((change) => {
    length += JSON.stringify(change).length
    return length > MAX_CHANGES_LENGTH ? { field: change.field } : change
  })
}
