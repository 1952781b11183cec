import argon2 from 'argon2'
import { readHash } from './hashes/formats.ts'

/** The cost of a hash: memory in KiB, and number of passes. */
export interface HashingCost {
  memoryCost: number
  timeCost: number
}

/** OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane. */
const RECOMMENDED: HashingCost = { memoryCost: 19_456, timeCost: 2 }

/** Hashes passwords to the PHC string format, and verifies them, also against imported hashes. */
export interface PasswordHasher {
  hash(password: string): Promise<string>
  verify(hash: string, password: string): Promise<boolean>
  /** Whether a hash is of another algorithm than this hasher's, or has other cost parameters. */
  isOutdated(hash: string): boolean
}

/** Hashes on the thread pool of this process, at the given cost. */
export function createArgon2id(cost: HashingCost): PasswordHasher {
  const options = { ...cost, type: argon2.argon2id, parallelism: 1 } as const
  return {
    hash: (password) => argon2.hash(password, options),
    verify: async (hash, password) => (await readHash(hash)?.(password)) === true,
    isOutdated: (hash) => !hash.startsWith('$argon2id$') || argon2.needsRehash(hash, options),
  }
}

/** The hasher of the server. */
export const argon2id = createArgon2id(RECOMMENDED)
