import argon2 from 'argon2'

/** The cost of a hash: memory in KiB, and number of passes. */
export interface HashingCost {
  memoryCost: number
  timeCost: number
}

/** OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane. */
const RECOMMENDED: HashingCost = { memoryCost: 19_456, timeCost: 2 }
/** The maximum memory cost of a stored hash, in KiB. */
const MAX_MEMORY_KIB = 262_144

/** Hashes passwords to the PHC string format, and verifies them. */
export interface PasswordHasher {
  hash(password: string): Promise<string>
  verify(hash: string, password: string): Promise<boolean>
  /** Whether a hash has other cost parameters than this hasher. */
  isOutdated(hash: string): boolean
}

/** Hashes on the thread pool of this process, at the given cost. */
export function createArgon2id(cost: HashingCost): PasswordHasher {
  const options = { ...cost, type: argon2.argon2id, parallelism: 1 } as const
  return {
    hash: (password) => argon2.hash(password, options),
    verify: (hash, password) => argon2.verify(hash, password),
    isOutdated: (hash) => argon2.needsRehash(hash, options),
  }
}

/** The hasher of the server. */
export const argon2id = createArgon2id(RECOMMENDED)

/** Whether a stored hash may be verified: of this algorithm, and within the memory limit. */
export function isAcceptable(hash: string): boolean {
  const memory = /^\$argon2id\$v=19\$m=(\d{1,7}),t=\d{1,2},p=\d{1,2}\$/.exec(hash)?.[1]
  return memory !== undefined && Number(memory) <= MAX_MEMORY_KIB
}
