import type { HashedEvent } from './event-hash.ts'

/** The end of the hash chain of an organisation. */
export interface ChainHead {
  organisationId: string
  /** The number of the last event, from 1. */
  sequence: number
  hash: Uint8Array
}

/** A signed chain head. */
export interface Checkpoint extends ChainHead {
  /** A JWT of the type audit-checkpoint+jwt. */
  jws: string
  createdAt: Date
}

/** An event of a chain. `event` is undefined if its row is gone. `hash` is that of the event when it was chained. */
export interface ChainedEvent {
  sequence: number
  id: string
  hash: Uint8Array
  /** The hash of its changes, which may have been deleted since. */
  changesHash: string | undefined
  event: HashedEvent | undefined
}

/** A part of a chain. */
export interface ChainBlock {
  firstSequence: number
  lastSequence: number
  lastOccurredAt: Date
  previousHash: Uint8Array
  hash: Uint8Array
  events: ChainedEvent[]
  /** Events of the same time that are in no block. */
  unchained: HashedEvent[]
  /** Those of its events, and for the last block those after them. */
  checkpoints: Checkpoint[]
}

export interface AuditChainRepository {
  /**
   * Appends events to the chains of their organisations: all that no running transaction can precede, a limited number at a
   * time. Returns the number of events that were read; 0 while another process does the same.
   */
  append(now: Date): Promise<number>
  /** Chain heads that have no checkpoint, of organisations without a checkpoint after `since`. */
  listUnsigned(since: Date): Promise<ChainHead[]>
  addCheckpoint(checkpoint: Checkpoint): Promise<void>
  /** The block that follows a sequence number, with the rows of its events. */
  readBlock(organisationId: string, after: number): Promise<ChainBlock | undefined>
  findLastCheckpoint(organisationId: string): Promise<Checkpoint | undefined>
}

/** How many events one call of `append` reads at most. */
export const CHAIN_BATCH_SIZE = 5_000
