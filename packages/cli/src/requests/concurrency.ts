import { clearLine } from '../output/log.ts'
import { addSeconds, now } from '../system/clock.ts'

const CONCURRENCY = 6
const PROGRESS_AFTER_SECONDS = 1

/**
 * Applies `act` to each item, `CONCURRENCY` at a time, and returns the results in the order of the items. After an error no
 * further item is started; the error is thrown when the running ones have finished. `name` heads the progress line, which
 * appears at a terminal after a second.
 */
export async function mapConcurrently<Item, Result>(
  name: string,
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const pending = items.entries()
  const progress = startProgress(name, items.length)
  let failed: { error: unknown } | undefined
  async function work(): Promise<void> {
    for (const [index, item] of pending) {
      try {
        results[index] = await act(item)
        progress.step()
      } catch (error) {
        failed ??= { error }
      }
      if (failed) return
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, work))
  progress.end()
  if (failed) throw failed.error
  return results
}

function startProgress(name: string, total: number) {
  const from = addSeconds(now(), PROGRESS_AFTER_SECONDS)
  let [done, line] = [0, '']
  return {
    step(): void {
      done += 1
      if (!process.stderr.isTTY || now() < from) return
      line = `${name} ${done} of ${total} …`
      process.stderr.write(`\r${line}`)
    },
    end(): void {
      clearLine(line)
    },
  }
}
