import argon2 from 'argon2'

/** The users who sign in, the same for every server. All share one password and one hash. */
export const PEOPLE = 64
export const PASSWORD = 'correct horse battery staple'
/** The Argon2id parameters of this server; the peer uses the same. */
export const HASH_COST = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const REDIRECT_URI = 'https://app.example.com/callback'

export function emailOf(index) {
  return `person-${index}@bench.test`
}

export function hashPassword() {
  return argon2.hash(PASSWORD, HASH_COST)
}
