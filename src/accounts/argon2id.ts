import argon2 from 'argon2'

/** OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane. */
const COST = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
/** A stored hash may not ask for more memory than this, in KiB. */
const MOST_MEMORY = 262_144

/** Makes hashes of passwords in the PHC string format, and checks them. */
export interface Hashing {
  hash(password: string): Promise<string>
  verify(hash: string, password: string): Promise<boolean>
}

/** Hashing on the thread pool of this process. */
export const argon2id: Hashing = {
  hash: (password) => argon2.hash(password, COST),
  verify: (hash, password) => argon2.verify(hash, password),
}

/** Whether a stored hash is one that may be checked: of this algorithm, and within reason. */
export function isAcceptable(hash: string): boolean {
  const memory = /^\$argon2id\$v=19\$m=(\d{1,7}),t=\d{1,2},p=\d{1,2}\$/.exec(hash)?.[1]
  return memory !== undefined && Number(memory) <= MOST_MEMORY
}

/** Whether a hash was made with other costs than today's. */
export function isOutdated(hash: string): boolean {
  return argon2.needsRehash(hash, COST)
}
