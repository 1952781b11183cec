import { isDeepStrictEqual } from 'node:util'
import type { ShownClient } from '../client-requests.ts'
import type { Entry } from './document.ts'

/** A member that differs: as it is, and as it is to be. */
export interface Change {
  member: string
  from?: unknown
  to?: unknown
}

/**
 * What an entry says otherwise than the server shows it. Of a member that is to go back to its default, null, the server
 * alone knows whether it is there.
 */
export function differences({ members }: Entry, client: ShownClient): Change[] {
  return Object.entries(members)
    .filter(([member, value]) => !isSame(member, value, client[member]))
    .map(([member, value]) => ({ member, from: client[member] ?? null, to: value }))
}

function isSame(member: string, one: unknown, other: unknown): boolean {
  if (isDeepStrictEqual(one, other)) return true
  // One instant can be written in several ways.
  if (member !== 'expiresAt' || typeof one !== 'string' || typeof other !== 'string') return false
  return Date.parse(one) === Date.parse(other)
}

/** What makes a client as an entry says and leaves the rest (RFC 6902): each member whole, null for its default. */
export function patchOf(changes: readonly Change[]): object[] {
  return changes.map(({ member, to }) =>
    to === null ? { op: 'remove', path: `/${member}` } : { op: 'add', path: `/${member}`, value: to },
  )
}

/** The body that registers an entry: what is to have its default is left out. */
export function registrationOf({ members }: Entry): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))
}
