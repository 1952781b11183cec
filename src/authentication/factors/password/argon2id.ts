import argon2 from 'argon2'

/** What one hash costs: memory in KiB, and passes over it. */
export interface HashingCost {
  memoryCost: number
  timeCost: number
}

/** OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane. */
const RECOMMENDED: HashingCost = { memoryCost: 19_456, timeCost: 2 }
/** A stored hash may not ask for more memory than this, in KiB. */
const MAX_MEMORY_KIB = 262_144

/** Makes hashes of passwords in the PHC string format, and checks them. */
export interface PasswordHasher {
  hash(password: string): Promise<string>
  verify(hash: string, password: string): Promise<boolean>
  /** Whether a hash was made with other costs than this hashing's. */
  isOutdated(hash: string): boolean
}

/** Hashing on the thread pool of this process, at the given cost. */
export function createArgon2id(cost: HashingCost): PasswordHasher {
  const options = { ...cost, type: argon2.argon2id, parallelism: 1 } as const
  return {
    hash: (password) => argon2.hash(password, options),
    verify: (hash, password) => argon2.verify(hash, password),
    isOutdated: (hash) => argon2.needsRehash(hash, options),
  }
}

/** The hashing of the server. */
export const argon2id = createArgon2id(RECOMMENDED)

/** Whether a stored hash is one that may be checked: of this algorithm, and within reason. */
export function isAcceptable(hash: string): boolean {
  const memory = /^\$argon2id\$v=19\$m=(\d{1,7}),t=\d{1,2},p=\d{1,2}\$/.exec(hash)?.[1]
  return memory !== undefined && Number(memory) <= MAX_MEMORY_KIB
}
