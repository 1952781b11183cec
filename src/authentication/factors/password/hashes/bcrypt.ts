import { compare } from 'bcryptjs'
import type { HashFormat } from './hash-format.ts'

/** The maximum of the logarithm of the rounds. The rounds of all hashes run on one thread. */
const MAX_COST = 12
const PATTERN = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/** Of a password, bcrypt reads the first 72 bytes. */
export const readBcrypt: HashFormat = (hash) => {
  const cost = Number(PATTERN.exec(hash)?.[1] ?? 0)
  if (cost < 4 || cost > MAX_COST) return undefined
  return (password) => compare(password, hash)
}
