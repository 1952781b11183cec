import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until `observe` answers something that `holds`, and answers that; throws with the last observation when it does
 * not come to hold. For what one process tells another in its own time.
 */
export async function eventually<T>(observe: () => Promise<T> | T, holds: (seen: T) => boolean): Promise<T> {
  let seen = await observe()
  for (let attempt = 0; attempt < 500 && !holds(seen); attempt += 1) {
    await sleep(10)
    seen = await observe()
  }
  if (!holds(seen)) throw new Error(`It never came about; the last was ${JSON.stringify(seen)}`)
  return seen
}
