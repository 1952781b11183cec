/** Secrets that the server makes for itself once and keeps sealed, such as the key of refresh tokens. */
export interface ServerSecretRepository {
  /** The sealed secret of this name; `make` is stored and answered where there is none. One process wins. */
  findOrCreate(name: string, generate: () => Uint8Array, now: Date): Promise<Uint8Array>
  /** Puts the same secret, sealed anew, in the place of `previous`, if that still stands there. */
  replace(name: string, previous: Uint8Array, sealed: Uint8Array): Promise<void>
}
