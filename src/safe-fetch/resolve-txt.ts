import { promises as dns } from 'node:dns'

/**
 * What the DNS says about the TXT records of a name. `unanswered`: it gave no answer, from which nothing follows about the
 * records.
 */
export type TxtAnswer = { outcome: 'answered'; records: readonly string[] } | { outcome: 'unanswered' }

export type ResolveTxt = (name: string) => Promise<TxtAnswer>

export interface TxtResolverOptions {
  /** Addresses of name servers, with a port if it is another than 53; undefined: those of the system. */
  servers?: readonly string[]
  /** For one try. There are two. */
  timeoutMs?: number
}

const TIMEOUT_MS = 3_000
/** The name does not exist, or has no TXT records. */
const WITHOUT_RECORDS = new Set(['ENOTFOUND', 'ENODATA'])

/** Returns a function that asks the DNS for TXT records, whose parts are joined. It never rejects. */
export function createTxtResolver({ servers, timeoutMs = TIMEOUT_MS }: TxtResolverOptions = {}): ResolveTxt {
  return async (name) => {
    // A resolver keeps the name servers that the system had when it was made.
    const resolver = new dns.Resolver({ timeout: timeoutMs, tries: 2 })
    if (servers) resolver.setServers(servers)
    try {
      return { outcome: 'answered', records: (await resolver.resolveTxt(name)).map((parts) => parts.join('')) }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      return WITHOUT_RECORDS.has(code) ? { outcome: 'answered', records: [] } : { outcome: 'unanswered' }
    }
  }
}
