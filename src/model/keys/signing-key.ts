// `model/keys` holds the stored form of signing keys and of the server's own secrets.
// Private keys are sealed with the master key before they reach a repository.
// Creating and rotating keys belongs to `keys`.

import type { KeyManagementAlgorithm, SigningAlgorithm } from '../clients/client-algorithms.ts'

/** A key pair as stored: one that we sign with, or one that others encrypt to. The private half is sealed. */
export interface StoredKey {
  kid: string
  alg: SigningAlgorithm | KeyManagementAlgorithm
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
  update(plan: (keys: StoredKey[]) => Promise<SigningKeyChanges>): Promise<StoredKey[]>
  list(): Promise<StoredKey[]>
}

export interface SigningKeyChanges {
  add: StoredKey[]
  activate: { kid: string; activatesAt: Date }[]
  /** Private halves sealed anew, under the current master key. */
  reseal: { kid: string; sealedPrivateJwk: Uint8Array }[]
  remove: string[]
}
