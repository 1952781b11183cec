import { createGate } from '../lib/gate.ts'
import { randomToken } from '../lib/random.ts'
import { argon2id, isAcceptable, type Hashing } from './argon2id.ts'

/** The longest password in bytes: hashing must not be a way to keep the server busy. */
const LONGEST = 1024
/** So many may wait, and so long: who waits longer has given up, or tries again anyway. */
const MOST_WAITING = 1_000
const PATIENCE_MS = 15_000

/** Hashes and checks passwords, a few at a time. Throws `GateFull` when too many wait, or wait too long. */
export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Whether `password` is the one of `hash`, in the same time where there is no hash. `outdated` says that the hash was
   * made with other costs than today's and should be made anew. Throws the reason of `abandoned` where that is aborted
   * while it waits.
   */
  verify(
    hash: string | null,
    password: string,
    abandoned: AbortSignal,
  ): Promise<{ correct: boolean; outdated: boolean }>
}

/** `concurrency` hashes run at once. */
export function createPasswords(concurrency: number, hashing: Hashing = argon2id): Passwords {
  const gate = createGate({ width: concurrency, queue: MOST_WAITING, patience: PATIENCE_MS })
  const hash = (password: string) => gate(() => hashing.hash(normalise(password)))
  let nobodys: Promise<string> | undefined
  const hashOfNobody = () =>
    (nobodys ??= hash(randomToken()).catch((error: unknown) => {
      nobodys = undefined
      throw error
    }))
  return {
    hash,
    async verify(stored, password, abandoned) {
      if (Buffer.byteLength(password) > LONGEST) return { correct: false, outdated: false }
      const nobodysHash = await hashOfNobody()
      const against = stored !== null && isAcceptable(stored) ? stored : nobodysHash
      const equal = await gate(() => hashing.verify(against, normalise(password)), abandoned)
      const correct = equal && against === stored
      return { correct, outdated: correct && hashing.isOutdated(against) }
    },
  }
}

/** NIST SP 800-63B §3.1.1.2: one person's keyboard must not make another password of the same characters. */
function normalise(password: string): string {
  return password.normalize('NFKC')
}
