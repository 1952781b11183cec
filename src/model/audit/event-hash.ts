import { sha256 } from '../../lib/crypto/hash.ts'
import type { AuditChange } from './audit-event.ts'

/** The stored values of an event, which its hash is about. */
export interface HashedEvent {
  id: string
  organisationId: string
  occurredAt: Date
  type: string
  category: string
  action: string
  success: boolean
  userId: string | null
  clientId: string | null
  resourceType: string | null
  resourceId: string | null
  ipAddress: string | null
  userAgent: string | null
  requestId: string | null
  metadata: Readonly<Record<string, unknown>>
  changes: readonly AuditChange[] | null
}

/**
 * The hash of an event: SHA-256 of its values in canonical JSON (RFC 8785), without the changes, followed by the hash of the
 * changes. The changes are hashed by themselves, after the first hash, because they are deleted when their user is erased:
 * the event can still be verified with their hash.
 */
export function hashEvent({ changes, occurredAt, ...event }: HashedEvent): {
  hash: Buffer
  changesHash: Buffer | undefined
} {
  const base = sha256(canonicalJson({ ...event, occurredAt: occurredAt.toISOString() }))
  const changesHash = changes ? sha256(base, canonicalJson(changes)) : undefined
  return { hash: changesHash ? sha256(base, changesHash) : base, changesHash }
}

/** The hash of the chain after an event: SHA-256 of the hash before it and the hash of the event. */
export function nextChainHash(previous: Uint8Array, eventHash: Uint8Array): Buffer {
  return sha256(previous, eventHash)
}

/** The hash before the first event. */
export const CHAIN_START = Buffer.alloc(32)

/** RFC 8785 for values that came from JSON: JavaScript already writes numbers and text as it demands. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  // By UTF-16 code units, which is how JavaScript compares text.
  members.sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}
