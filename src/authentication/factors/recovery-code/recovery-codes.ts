// `authentication/factors/recovery-code` makes the codes that a user keeps on paper, for the day without the authenticator app.

import { hmacSha256 } from '../../../lib/crypto/hash.ts'
import { randomString } from '../../../lib/crypto/random.ts'

export const RECOVERY_CODE_COUNT = 10
/** Without i, l, o and u, which are mistaken for others: five bits each. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
/** 50 bits. */
const LENGTH = 10

/** Ten codes, such as `7k2mq-x9d4t`. */
export function createRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODE_COUNT }, () => {
    const code = randomString(ALPHABET, LENGTH)
    return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`
  })
}

/** How codes of a user are stored. `key` keeps a copy of the database from being searched for codes. */
export function hashRecoveryCode(key: Uint8Array, userId: string, code: string): Buffer {
  return hmacSha256(key, `${userId}\n${readRecoveryCode(code)}`)
}

/** Undoes what happens when a code is copied by hand: other separators, capitals, and letters that look like digits. */
function readRecoveryCode(code: string): string {
  return code
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^0-9a-z]/g, '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1')
}
