// `users/api-keys` owns the API keys of users and service accounts, apart from HTTP: their form, creation, rotation, end and use.
// A key never does more than its owner may at the time; a caller who creates or rotates one holds all of its scopes.

import { createHash } from 'node:crypto'
import { sha256 } from '../../lib/crypto/hash.ts'
import { randomAlphanumeric, randomString } from '../../lib/crypto/random.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const PREFIX_LENGTH = 10
/** 43 characters of 62 are 256 bits. */
const SECRET_LENGTH = 43
const CHECKSUM_LENGTH = 6

/** What scanners of source code search for. Docs state it. */
export const API_KEY_PATTERN = /^ck_live_([a-z0-9]{10})_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/

/** A new key: `ck_live_`, a prefix that may be shown, and a secret that ends in a checksum. */
export function generateApiKey(): { key: string; prefix: string; hash: Buffer } {
  const prefix = `ck_live_${randomAlphanumeric(PREFIX_LENGTH)}`
  const unchecked = `${prefix}_${randomString(BASE62, SECRET_LENGTH)}`
  const key = `${unchecked}${checksum(unchecked)}`
  return { key, prefix, hash: sha256(key) }
}

/** Whether a credential has the form of a key and its checksum: all others are rejected without a query. */
export function isApiKey(text: string): boolean {
  return API_KEY_PATTERN.test(text) && text.slice(-CHECKSUM_LENGTH) === checksum(text.slice(0, -CHECKSUM_LENGTH))
}

/** Whether a bearer token is meant as a key. Access tokens begin otherwise. */
export function looksLikeApiKey(text: string): boolean {
  return text.startsWith('ck_')
}

function checksum(text: string): string {
  let rest = createHash('sha256').update(text).digest().readUIntBE(0, 6)
  let digits = ''
  for (let position = 0; position < CHECKSUM_LENGTH; position += 1) {
    digits += BASE62.charAt(rest % BASE62.length)
    rest = Math.floor(rest / BASE62.length)
  }
  return digits
}
