// `audit` verifies the hash chain of an audit log by itself: it believes neither the database nor the server that exported it.
// The hash of an event is that of docs/audit.md. Reading files and servers belongs to `commands`.

import { createHash } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet as JsonWebKeySet, jwtVerify } from 'jose'

export type { JsonWebKeySet }

/** What is wrong with a chain. */
export interface Finding {
  problem: 'changed' | 'removed' | 'inserted' | 'truncated' | 'rewritten' | 'unverified'
  /** Of the event or checkpoint, where it has one. */
  sequence: number | null
  eventId: string | null
  explanation: string
}

/** The result of a verification. */
export interface ChainReport {
  events: number
  firstSequence: number
  lastSequence: number
  /** When the first event occurred; null without events. Earlier ones are past the retention, or were removed. */
  firstOccurredAt: string | null
  checkpoints: number
  /** Events whose changes were deleted because their user was erased. */
  erasedChanges: number
  findings: Finding[]
}

/** A checkpoint that was kept elsewhere. */
export interface Anchor {
  sequence: number
  hash: string
}

/** What a checkpoint says that the user has kept, and therefore believes. */
export function readAnchor(jws: string): Anchor {
  const { sequence, hash } = decodeJwt(jws)
  return { sequence: Number(sequence), hash: String(hash) }
}

type Line = Readonly<Record<string, unknown>>

export const CHECKPOINT_TYPE = 'audit-checkpoint+jwt'

/** Verifies the lines of a chain, in their order. `anchors` are checkpoints that were kept outside of the database. */
export async function verifyChain(
  lines: AsyncIterable<Line> | Iterable<Line>,
  jwks: JsonWebKeySet,
  anchors: readonly Anchor[] = [],
): Promise<ChainReport> {
  const findings: Finding[] = []
  const report = (
    problem: Finding['problem'],
    explanation: string,
    { sequence = null, eventId = null }: { sequence?: number | null; eventId?: string | null } = {},
  ) => findings.push({ problem, sequence, eventId, explanation })
  const keys = createLocalJWKSet(jwks)
  // Checkpoints follow the block of their event: these are the hashes since the last one.
  const hashes = new Map<number, string>()
  const anchored = new Map(anchors.map(({ sequence, hash }) => [sequence, hash]))
  const inserted = new Set<string>()
  let organisationId = ''
  let [first, last, hash] = [0, 0, '']
  let [events, checkpoints, erasedChanges] = [0, 0, 0]
  let end: Line | undefined
  let firstOccurredAt: string | null = null

  for await (const line of lines) {
    const { kind, sequence: given } = line
    const sequence = Number(given)
    if (kind === 'start') {
      ;[organisationId, first, last, hash] = [
        String(line['organisationId']),
        sequence + 1,
        sequence,
        String(line['hash']),
      ]
      hashes.set(last, hash)
    } else if (kind === 'event') {
      if (sequence !== last + 1) report('removed', `The chain continues with ${sequence} after ${last}.`, { sequence })
      ;[last, events] = [sequence, events + 1]
      hash = sha256(fromHex(hash), fromHex(line['hash'])).toString('hex')
      hashes.set(sequence, hash)
      firstOccurredAt ??= timeOf(line)
      const about = { sequence, eventId: String(line['id']) }
      const outcome = judgeEvent(line, organisationId)
      if (outcome === 'removed') report('removed', 'The event is in the chain, but not in the log.', about)
      if (outcome === 'changed') report('changed', 'The event is not the one that was chained.', about)
      if (outcome === 'erased') erasedChanges += 1
      const anchor = anchored.get(sequence)
      if (anchor !== undefined && anchor !== hash) {
        report('rewritten', 'The chain differs from a checkpoint that was kept elsewhere.', { sequence })
      }
      anchored.delete(sequence)
    } else if (kind === 'checkpoint') {
      checkpoints += 1
      if (sequence > last) {
        report('truncated', `A checkpoint is about ${sequence}, but the chain ends with ${last}.`, { sequence })
      } else if (hashes.get(sequence) !== line['hash']) {
        report('rewritten', 'The chain differs from its checkpoint.', { sequence })
      }
      const problem = await judgeSignature(line, organisationId, keys)
      if (problem !== undefined) report('unverified', problem, { sequence })
    } else if (kind === 'unchained') {
      const eventId = String(line['id'])
      if (!inserted.has(eventId)) report('inserted', 'The event is in the log, but not in the chain.', { eventId })
      inserted.add(eventId)
    } else if (kind === 'end') end = line
    // A block has at most 1,000 events.
    if (hashes.size > 3_000) for (const old of hashes.keys()) if (old < last - 2_000) hashes.delete(old)
  }
  if (!end) report('truncated', 'The export has no end.')
  else if (end['hash'] !== hash)
    report('rewritten', 'The chain does not end as its last block says.', { sequence: last })
  for (const sequence of anchored.keys()) {
    if (sequence > last) report('truncated', `A checkpoint that was kept elsewhere is about ${sequence}.`, { sequence })
  }
  return { events, firstSequence: first, lastSequence: last, firstOccurredAt, checkpoints, erasedChanges, findings }
}

function timeOf({ event }: Line): string | null {
  return typeof event === 'object' && event !== null ? String((event as Line)['occurredAt']) : null
}

function judgeEvent(line: Line, organisationId: string): 'valid' | 'erased' | 'changed' | 'removed' {
  const { event } = line
  if (typeof event !== 'object' || event === null) return 'removed'
  const { changes, ...values } = event as Line
  const base = sha256(canonicalJson(values))
  const storedHash = typeof line['changesHash'] === 'string' ? line['changesHash'] : undefined
  const hasChanges = changes !== null && changes !== undefined
  const changesHash = hasChanges ? sha256(base, canonicalJson(changes)).toString('hex') : storedHash
  const expected = changesHash === undefined ? base : sha256(base, fromHex(changesHash))
  const isValid =
    expected.toString('hex') === line['hash'] &&
    values['id'] === line['id'] &&
    values['organisationId'] === organisationId
  if (!isValid) return 'changed'
  if (hasChanges || storedHash === undefined) return 'valid'
  return values['resourceType'] === 'user' ? 'erased' : 'changed'
}

/** What is wrong with the signature of a checkpoint, or with what it signs. */
async function judgeSignature(
  { jws, sequence, hash }: Line,
  organisationId: string,
  keys: ReturnType<typeof createLocalJWKSet>,
): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(String(jws), keys, { typ: CHECKPOINT_TYPE })
    const isAboutThis =
      payload['organisation_id'] === organisationId && payload['sequence'] === sequence && payload['hash'] === hash
    return isAboutThis ? undefined : 'The signature of the checkpoint is about another chain.'
  } catch (error) {
    return `The signature of the checkpoint cannot be verified: ${(error as Error).message}`
  }
}

const fromHex = (text: unknown) => Buffer.from(String(text), 'hex')

function sha256(...parts: (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** RFC 8785 for values that came from JSON. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}
