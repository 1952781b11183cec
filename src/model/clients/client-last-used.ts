/** That a client was used within an hour, by this secret of it if by one. */
export interface ClientUsage {
  clientId: string
  organisationId: string
  secretId: string | undefined
  /** The beginning of the hour. */
  usedAt: Date
}

export interface ClientLastUsedRepository {
  /** Remembers these as far as they are news, over all processes; leaves out clients and secrets that are gone. */
  record(uses: readonly ClientUsage[]): Promise<void>
}
