import { randomBytes } from '../lib/crypto/random.ts'

// 32 characters, so that 5 bits of a byte choose one without bias. No characters that look alike.
const PASSWORD_ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

/** 140 random bits as `K7dm2xq-…`: four groups of seven, with the upper-case letter and the digit that policies require. */
export function generatePassword(): string {
  const letters = Array.from(randomBytes(28), (byte) => PASSWORD_ALPHABET.charAt(byte & 31)).join('')
  if (!/[a-hjkmnp-z]/.test(letters) || !/[2-9]/.test(letters)) return generatePassword()
  const groups = letters.match(/.{7}/g) ?? []
  return groups.join('-').replace(/[a-hjkmnp-z]/, (letter) => letter.toUpperCase())
}
