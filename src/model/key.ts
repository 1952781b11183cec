import type { KeyManagementAlgorithm, SigningAlgorithm } from './client.ts'

/** A key pair as stored: one that we sign with, or one that others encrypt to. The private half is sealed. */
export interface StoredKey {
  kid: string
  alg: SigningAlgorithm | KeyManagementAlgorithm
  publicJwk: Record<string, unknown>
  sealedPrivateJwk: Uint8Array
  createdAt: Date
  activatesAt: Date
}

export interface KeyRepository {
  /**
   * Reads all keys, lets `plan` say which to add, which to activate earlier and which to drop, and stores that; no other
   * process plans meanwhile. Answers the keys afterwards.
   */
  revise(plan: (keys: StoredKey[]) => Promise<KeyRevision>): Promise<StoredKey[]>
  list(): Promise<StoredKey[]>
}

export interface KeyRevision {
  add: StoredKey[]
  activate: { kid: string; activatesAt: Date }[]
  /** Private halves sealed anew, under the current master key. */
  reseal: { kid: string; sealedPrivateJwk: Uint8Array }[]
  drop: string[]
}
