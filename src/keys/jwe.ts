import {
  compactDecrypt,
  CompactEncrypt,
  decodeProtectedHeader,
  errors,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose'
import { contentEncryptions, type ResponseEncryption } from '../model/clients/client-algorithms.ts'
import type { DecryptionKey } from './key-set.ts'

/** In bytes. */
const MAX_MESSAGE_LENGTH = 65_536

/**
 * Decrypts a compact JWE that is encrypted to one of `keys`, with the algorithms in `constraints` if they are set. Returns
 * undefined for anything else. Compressed messages are rejected (RFC 8725 §3.6).
 */
export async function decryptCompact(
  message: string,
  keys: readonly DecryptionKey[],
  constraints: { alg: string | null; enc: string | null },
): Promise<string | undefined> {
  if (message.length > MAX_MESSAGE_LENGTH || message.split('.').length !== 5) return undefined
  try {
    const { alg, kid, zip } = decodeProtectedHeader(message)
    const key = keys.find((candidate) => candidate.alg === alg && (kid === undefined || candidate.kid === kid))
    if (!key || zip !== undefined || (constraints.alg !== null && constraints.alg !== alg)) return undefined
    const { plaintext } = await compactDecrypt(message, key.privateKey, {
      keyManagementAlgorithms: [key.alg],
      contentEncryptionAlgorithms: constraints.enc === null ? [...contentEncryptions] : [constraints.enc],
    })
    return new TextDecoder('utf-8', { fatal: true }).decode(plaintext)
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined
    throw error
  }
}

/** Encrypts a JWT as a nested JWT (RFC 7519 §5.2), or a JSON object as an encrypted JWT. */
export async function encryptCompact(text: string, jwk: JWK, { alg, enc }: ResponseEncryption): Promise<string> {
  const key = (await importJWK(jwk, alg)) as CryptoKey
  const content = text.startsWith('{') ? { typ: 'JWT' } : { cty: 'JWT' }
  const header = { alg, enc, ...content, ...(jwk.kid !== undefined && { kid: jwk.kid }) }
  return new CompactEncrypt(Buffer.from(text)).setProtectedHeader(header).encrypt(key)
}

/**
 * Whether a usable public key can be encrypted to with `alg`: by its type and members, and by a trial, because some points
 * of a curve yield no shared secret. The result is remembered for as long as the object exists.
 */
export async function canEncryptTo(jwk: JWK, alg: ResponseEncryption['alg']): Promise<boolean> {
  if (!isEncryptionKey(jwk, alg)) return false
  let trial = trials.get(jwk)
  if (!trial) {
    trial = encryptCompact('{}', jwk, { alg, enc: 'A128GCM' }).then(
      () => true,
      () => false,
    )
    trials.set(jwk, trial)
  }
  return trial
}
/** A key is of one algorithm only: RSA keys cannot be agreed on, and the others cannot wrap. */
const trials = new WeakMap<JWK, Promise<boolean>>()

/** Whether a usable key is for encryption with `alg` by its members (RFC 7517 §4). */
function isEncryptionKey(jwk: JWK, alg: ResponseEncryption['alg']): boolean {
  if (jwk.use !== undefined && jwk.use !== 'enc') return false
  if (jwk.alg !== undefined && jwk.alg !== alg) return false
  if (jwk.key_ops && !jwk.key_ops.some((use) => ['encrypt', 'wrapKey', 'deriveKey', 'deriveBits'].includes(use))) {
    return false
  }
  if (alg === 'RSA-OAEP-256') return jwk.kty === 'RSA'
  return (
    (jwk.kty === 'EC' && ['P-256', 'P-384', 'P-521'].includes(jwk.crv ?? '')) ||
    (jwk.kty === 'OKP' && jwk.crv === 'X25519')
  )
}
