// `model/keys` holds the stored form of signing keys and of the server's own secrets.
// Private keys are sealed with the master key before they reach a repository.
// Creating and rotating keys belongs to `keys`.

import type { KeyManagementAlgorithm, SigningAlgorithm } from '../clients/client-algorithms.ts'

/** A stored key pair, for signing or for decryption. The private key is sealed. */
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
   * Reads all keys and stores the changes that `plan` returns, under a lock over all processes. Returns the keys
   * afterwards.
   */
  update(plan: (keys: StoredKey[]) => Promise<SigningKeyChanges>): Promise<StoredKey[]>
  list(): Promise<StoredKey[]>
}

export interface SigningKeyChanges {
  add: StoredKey[]
  activate: { kid: string; activatesAt: Date }[]
  /** Private keys sealed again, under the current master key. */
  reseal: { kid: string; sealedPrivateJwk: Uint8Array }[]
  remove: string[]
}
