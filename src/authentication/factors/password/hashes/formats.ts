import { readArgon2 } from './argon2.ts'
import { readBcrypt } from './bcrypt.ts'
import { readWrappedDigest } from './digests.ts'
import { readFirebaseScrypt } from './firebase-scrypt.ts'
import type { HashFormat, Verification } from './hash-format.ts'
import { readPbkdf2 } from './pbkdf2.ts'
import { readScrypt } from './scrypt.ts'

const MAX_HASH_LENGTH = 1024

const formats: readonly HashFormat[] = [
  readArgon2,
  readBcrypt,
  readPbkdf2,
  readScrypt,
  readFirebaseScrypt,
  readWrappedDigest,
]

/** How a stored hash is verified; undefined if it is of no known algorithm, or would cost too much. */
export function readHash(hash: string): Verification | undefined {
  if (hash.length > MAX_HASH_LENGTH) return undefined
  for (const read of formats) {
    const verification = read(hash)
    if (verification) return verification
  }
  return undefined
}
