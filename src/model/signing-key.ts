import type { SigningAlgorithm } from './client.ts'

/** A key pair as stored. The private half is sealed. */
export interface StoredSigningKey {
  kid: string
  alg: SigningAlgorithm
  publicJwk: Record<string, unknown>
  sealedPrivateJwk: Uint8Array
  createdAt: Date
  activatesAt: Date
}

export interface SigningKeyRepository {
  /**
   * Reads all keys, lets `plan` say which to add, which to activate earlier and which to drop, and stores that; no other
   * process plans meanwhile. Answers the keys afterwards.
   */
  revise(plan: (keys: StoredSigningKey[]) => Promise<KeyRevision>): Promise<StoredSigningKey[]>
  list(): Promise<StoredSigningKey[]>
}

export interface KeyRevision {
  add: StoredSigningKey[]
  activate: { kid: string; activatesAt: Date }[]
  /** Private halves sealed anew, under the current master key. */
  reseal: { kid: string; sealedPrivateJwk: Uint8Array }[]
  drop: string[]
}
