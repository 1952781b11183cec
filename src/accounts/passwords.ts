import argon2 from 'argon2'
import { createGate } from '../lib/gate.ts'
import { randomToken } from '../lib/random.ts'

/** OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane. */
const COST = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
/** The longest password in bytes: hashing must not be a way to keep the server busy. */
const LONGEST = 1024
/** A stored hash may not ask for more memory than this, in KiB. */
const MOST_MEMORY = 262_144

/** Hashes and checks passwords, a few at a time. Throws `GateFull` when too many wait. */
export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Whether `password` is the one of `hash`, in the same time where there is no hash. `outdated` says that the hash was
   * made with other costs than today's and should be made anew.
   */
  verify(hash: string | null, password: string): Promise<{ correct: boolean; outdated: boolean }>
}

/** `concurrency` hashes run at once: they share the thread pool with signatures, which must not wait for them. */
export function createPasswords(concurrency: number): Passwords {
  const gate = createGate(concurrency, 200)
  const hash = (password: string) => gate(() => argon2.hash(normalise(password), COST))
  let nobodys: Promise<string> | undefined
  return {
    hash,
    async verify(stored, password) {
      if (Buffer.byteLength(password) > LONGEST) return { correct: false, outdated: false }
      nobodys ??= hash(randomToken())
      const against = stored !== null && isAcceptable(stored) ? stored : await nobodys
      const equal = await gate(() => argon2.verify(against, normalise(password)))
      const correct = equal && against === stored
      return { correct, outdated: correct && argon2.needsRehash(against, COST) }
    },
  }
}

/** NIST SP 800-63B §3.1.1.2: one person's keyboard must not make another password of the same characters. */
function normalise(password: string): string {
  return password.normalize('NFKC')
}

function isAcceptable(hash: string): boolean {
  const memory = /^\$argon2id\$v=19\$m=(\d{1,7}),t=\d{1,2},p=\d{1,2}\$/.exec(hash)?.[1]
  return memory !== undefined && Number(memory) <= MOST_MEMORY
}
