// How much is raced, and the one line in which each test says what it saw.

/** A number from the environment: CI races what is given here, `RACE_CODES=10000` and its like race more. */
export function readCount(name: string, fallback: number): number {
  const given = process.env[name]
  if (given === undefined || given === '') return fallback
  const value = Number(given)
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} must be a whole number above 0`)
  return value
}

/** How many races find a server that reads, then writes: `mutated-server.test.ts` runs as many against servers of that kind. */
export const RACES = 200
/** The same for registrations, of which `ATTEMPTS` together cost ten times as much. */
export const REGISTRATION_RACES = 20

/** Every test of a race may take this long, in milliseconds: ten thousand races do, on a small machine. */
export const RACE_TIMEOUT_MS = 900_000

/** Prints a line of figures. */
export function printFigures(title: string, figures: Readonly<Record<string, number | string>>): void {
  const words = Object.entries(figures).map(([name, value]) => `${name} ${value}`)
  console.log(`${title}: ${words.join(', ')}`)
}

/** Seconds since, to a tenth. */
export function stopwatch(): () => number {
  const started = performance.now()
  return () => Math.round((performance.now() - started) / 100) / 10
}

/** Does `work` for every item, `width` of them at a time, and resolves with what came of each. */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item, index)
  }
  await Promise.all(Array.from({ length: width }, worker))
  return results
}

export function repeat(count: number): undefined[] {
  return Array.from({ length: count })
}
