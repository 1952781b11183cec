// `hashes` owns the formats of stored password hashes: one file per algorithm. New hashes are always Argon2id.
// Each file limits what a hash may cost, because others choose the parameters of imported hashes: a second or two on a core
// of its own, so that several at once on a busy machine end before `hash-worker.ts` stops the process.

/** Verifies a password against the hash that it was read from. */
export type Verification = (password: string) => Promise<boolean>

/** Reads the hashes of one algorithm. Undefined: another algorithm, malformed, or it would cost too much. */
export type HashFormat = (hash: string) => Verification | undefined

/** Base64 with or without padding, and in the alphabets of URLs and of passlib. */
export const BASE64 = '[A-Za-z0-9+/._-]+={0,2}'

export function decodeBase64(text: string): Buffer {
  return Buffer.from(text.replaceAll('.', '+'), 'base64')
}

/** The most bytes of a salt. */
export const MAX_SALT_BYTES = 256
