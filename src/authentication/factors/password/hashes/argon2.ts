import argon2 from 'argon2'
import type { HashFormat } from './hash-format.ts'

/** The maximum memory cost of a stored hash, in KiB. */
const MAX_MEMORY_KIB = 262_144
/** The maximum of memory times passes. */
const MAX_WORK = 524_288
const MAX_LANES = 16

const PATTERN =
  /^\$argon2(?:id|i)\$v=19\$m=(\d{1,7}),t=(\d{1,4}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,342}\$[A-Za-z0-9+/]{16,171}$/

/** Argon2id and Argon2i, version 1.3, in the PHC string format (RFC 9106). */
export const readArgon2: HashFormat = (hash) => {
  const [memory = 0, passes = 0, lanes = 0] = PATTERN.exec(hash)?.slice(1).map(Number) ?? []
  const isWithinLimits = memory <= MAX_MEMORY_KIB && memory * passes <= MAX_WORK && lanes <= MAX_LANES
  if (passes < 1 || lanes < 1 || memory < 8 * lanes || !isWithinLimits) return undefined
  return (password) => argon2.verify(hash, password)
}
