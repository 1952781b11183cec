/** Secrets that the server generates once and stores sealed, such as the key of refresh tokens. */
export interface ServerSecretRepository {
  /** The sealed secret of this name. If it is missing, that of `generate` is stored; all processes get the same. */
  findOrCreate(name: string, generate: () => Uint8Array, now: Date): Promise<Uint8Array>
  /** Replaces the sealed form of a secret if it still equals `previous`. */
  replace(name: string, previous: Uint8Array, sealed: Uint8Array): Promise<void>
}
