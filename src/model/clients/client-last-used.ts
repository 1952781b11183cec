/** A use of a client within an hour, with the secret that was used, if any. */
export interface ClientUsage {
  clientId: string
  organisationId: string
  secretId: string | undefined
  /** The beginning of the hour. */
  usedAt: Date
}

export interface ClientLastUsedRepository {
  /** Stores the uses that are later than the stored ones; skips clients and secrets that do not exist. */
  record(uses: readonly ClientUsage[]): Promise<void>
}
