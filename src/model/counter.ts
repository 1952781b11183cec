/** So much more for a key. A key's window begins with its first count, and ends everything that was counted in it. */
export interface Count {
  /** A digest: whose counter it is cannot be read from it. */
  key: Uint8Array
  /** 1 or more. */
  amount: number
  /** Seconds. */
  window: number
}

/** What a key has come to with a count, and when that is forgotten. */
export interface Counted {
  total: number
  endsAt: Date
}

/** Counters that all processes share. They belong to the server, not to an organisation: an address has none. */
export interface CounterStore {
  /**
   * Adds all counts at once and answers what each key has come to, in their order. Counts of one key that are made at
   * the same time, here or elsewhere, come to different totals: of ten that count one, one sees the tenth.
   */
  add(counts: readonly Count[], now: Date): Promise<Counted[]>
  /** Forgets a key. */
  clear(key: Uint8Array): Promise<void>
}

/** Gives every count of a key its own total, from the one that they came to together. */
export function shareTotals(counts: readonly Count[], sums: ReadonlyMap<string, Counted>): Counted[] {
  const left = new Map<string, number>()
  for (const { key, amount } of counts) left.set(nameOf(key), (left.get(nameOf(key)) ?? 0) + amount)
  return counts.map(({ key, amount }) => {
    const name = nameOf(key)
    const sum = sums.get(name)
    if (!sum) throw new Error('A counter was not answered.')
    const after = (left.get(name) ?? 0) - amount
    left.set(name, after)
    return { total: sum.total - after, endsAt: sum.endsAt }
  })
}

/** Counts of one key made into one. */
export function joinCounts(counts: readonly Count[]): Map<string, Count> {
  const joined = new Map<string, Count>()
  for (const count of counts) {
    const name = nameOf(count.key)
    const other = joined.get(name)
    joined.set(name, other ? { ...count, amount: other.amount + count.amount } : count)
  }
  return joined
}

/** A key as a text. */
export function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('base64url')
}
