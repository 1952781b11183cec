// `model/rate-limit` holds the contract of the store for rate-limit counters.
// PostgreSQL and Valkey implement it.
// Which requests are counted belongs to `http/rate-limit`.

/** So much more for a key. A key's window begins with its first count, and ends everything that was counted in it. */
export interface RateLimitIncrement {
  /** A digest: whose counter it is cannot be read from it. */
  key: Uint8Array
  /** 1 or more. */
  amount: number
  /** Seconds. */
  windowSeconds: number
}

/** What a key has come to with a count, and when that is forgotten. */
export interface RateLimitTotal {
  total: number
  resetsAt: Date
}

/** Counters that all processes share. They belong to the server, not to an organisation: an address has none. */
export interface RateLimitCounterStore {
  /**
   * Adds all counts at once and answers what each key has come to, in their order. Counts of one key that are made at
   * the same time, here or elsewhere, come to different totals: of ten that count one, one sees the tenth.
   */
  increment(increments: readonly RateLimitIncrement[], now: Date): Promise<RateLimitTotal[]>
  /** Forgets a key. */
  reset(key: Uint8Array): Promise<void>
}

/** Gives every count of a key its own total, from the one that they came to together. */
export function distributeTotals(
  increments: readonly RateLimitIncrement[],
  totals: ReadonlyMap<string, RateLimitTotal>,
): RateLimitTotal[] {
  const remaining = new Map<string, number>()
  for (const { key, amount } of increments)
    remaining.set(encodeCounterKey(key), (remaining.get(encodeCounterKey(key)) ?? 0) + amount)
  return increments.map(({ key, amount }) => {
    const name = encodeCounterKey(key)
    const total = totals.get(name)
    if (!total) throw new Error('The store returned no value for a rate-limit counter.')
    const remainder = (remaining.get(name) ?? 0) - amount
    remaining.set(name, remainder)
    return { total: total.total - remainder, resetsAt: total.resetsAt }
  })
}

/** Counts of one key made into one. */
export function mergeIncrements(increments: readonly RateLimitIncrement[]): Map<string, RateLimitIncrement> {
  const merged = new Map<string, RateLimitIncrement>()
  for (const increment of increments) {
    const name = encodeCounterKey(increment.key)
    const existing = merged.get(name)
    merged.set(name, existing ? { ...increment, amount: existing.amount + increment.amount } : increment)
  }
  return merged
}

/** A key as a text. */
export function encodeCounterKey(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('base64url')
}
