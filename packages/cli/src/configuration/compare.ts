import { type Change, type ClientSettings, isEqualJson } from 'cerberus-idp-admin-client'
import type { Entry } from './document.ts'

/**
 * The members of an entry that differ from the client on the server. A null member, which asks for the default, differs
 * from every value: only the server knows whether the value is the default.
 */
export function differencesOf({ members }: Entry, client: ClientSettings): Change[] {
  return Object.entries(members)
    .filter(([member, value]) => !isSame(member, value, client[member]))
    .map(([member, value]) => ({ member, from: client[member] ?? null, to: value }))
}

function isSame(member: string, one: unknown, other: unknown): boolean {
  if (isEqualJson(one, other)) return true
  // The same time can be written in several ways.
  if (member !== 'expiresAt' || typeof one !== 'string' || typeof other !== 'string') return false
  return Date.parse(one) === Date.parse(other)
}

/** The JSON Patch (RFC 6902) of these changes. Each member is replaced as a whole; null removes it. */
export function patchOf(changes: readonly Change[]): object[] {
  return changes.map(({ member, to }) =>
    to === null ? { op: 'remove', path: `/${member}` } : { op: 'add', path: `/${member}`, value: to },
  )
}

/** The body that registers an entry. Members with their default are left out. */
export function registrationOf({ clientId, members }: Entry): Record<string, unknown> {
  const given = Object.entries(members).filter(([, value]) => value !== null)
  return { ...(clientId !== undefined && { clientId }), ...Object.fromEntries(given) }
}
