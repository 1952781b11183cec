import { constants, sign, verify, type KeyObject } from 'node:crypto'
import { createMicroBatcher } from '../lib/concurrency/micro-batcher.ts'
import { parseForeignJson, UnacceptableJson } from '../lib/json.ts'
import { isObject } from '../lib/object.ts'
import type { SigningAlgorithm } from '../model/clients/client-algorithms.ts'

/** Access tokens, with the `typ` of RFC 9068 or with `JWT`. The claim `token_use` keeps the latter apart from ID tokens. */
export type AccessTokenKind = 'at+jwt' | 'access token as JWT'

/** The kinds of JWT that we issue; a token of one kind is never read as another (RFC 8725 §3.11). */
export type TokenKind =
  | AccessTokenKind
  | 'token of an API key'
  | 'JWT'
  | 'userinfo+jwt'
  | 'logout+jwt'
  | 'token-introspection+jwt'
  | 'audit-checkpoint+jwt'

/** Kinds that have the `typ` of another: their claim `token_use` keeps them apart from it. */
const markedKinds: Partial<Record<TokenKind, { typ: string; use: string }>> = {
  'access token as JWT': { typ: 'JWT', use: 'access' },
  // APIs read it like any access token (RFC 9068 §2.1). This server does not.
  'token of an API key': { typ: 'at+jwt', use: 'api_key' },
}

/** The `typ` header of a kind, which is its name unless it is marked. */
export const typOf = (kind: TokenKind): string => markedKinds[kind]?.typ ?? kind

/** The claims as a token of this kind has them. */
export function markKind(claims: Claims, kind: TokenKind): Claims {
  const mark = markedKinds[kind]
  return mark ? { ...claims, token_use: mark.use } : claims
}

/** Whether claims are those of a token of this kind, as far as its `typ` does not decide it. */
export function isMarkedAs(claims: Claims, kind: TokenKind): boolean {
  const use = claims['token_use']
  const mark = markedKinds[kind]
  if (mark) return use === mark.use
  return Object.values(markedKinds).every((other) => other.typ !== kind || other.use !== use)
}

export type Claims = Readonly<Record<string, unknown>>

const pkcs1 = { padding: constants.RSA_PKCS1_PADDING }
const pss = (saltLength: number) => ({ padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
const ecdsa = { dsaEncoding: 'ieee-p1363' } as const

/**
 * RFC 7518 §3.3 to §3.5, RFC 8037 §3.1 and RFC 9864 §2.2 as parameters of node:crypto. Ed25519 needs no separate digest.
 * `isShort`: a signature takes less time than its dispatch to another thread.
 */
const signatureParameters = {
  RS256: { digest: 'sha256', options: pkcs1, isShort: false },
  RS384: { digest: 'sha384', options: pkcs1, isShort: false },
  RS512: { digest: 'sha512', options: pkcs1, isShort: false },
  PS256: { digest: 'sha256', options: pss(32), isShort: false },
  PS384: { digest: 'sha384', options: pss(48), isShort: false },
  PS512: { digest: 'sha512', options: pss(64), isShort: false },
  ES256: { digest: 'sha256', options: ecdsa, isShort: true },
  ES384: { digest: 'sha384', options: ecdsa, isShort: false },
  ES512: { digest: 'sha512', options: ecdsa, isShort: false },
  EdDSA: { digest: null, options: {}, isShort: true },
  Ed25519: { digest: null, options: {}, isShort: true },
} as const satisfies Record<SigningAlgorithm, object>

/** The hash function of an algorithm, for hashes in ID tokens (OpenID Connect Core §3.1.3.6). Ed25519 uses SHA-512. */
export function digestOf(alg: SigningAlgorithm | 'none'): 'sha256' | 'sha384' | 'sha512' {
  return alg === 'none' ? 'sha256' : (signatureParameters[alg].digest ?? 'sha512')
}

/** The protected header of a token, encoded as its first part. */
export function protectedHeader(alg: SigningAlgorithm, kind: TokenKind, kid: string): string {
  return encode(JSON.stringify({ alg, typ: typOf(kind), kid }))
}

/** A JWS in compact serialisation (RFC 7515 §7.1). */
export async function signCompact(
  header: string,
  claims: Claims,
  alg: SigningAlgorithm,
  key: KeyObject,
): Promise<string> {
  const input = `${header}.${encode(JSON.stringify(claims))}`
  const job = { alg, bytes: Buffer.from(input), key }
  const signature = await (signatureParameters[alg].isShort ? signOnEventLoop(job) : signInThreadPool(job))
  return `${input}.${signature.toString('base64url')}`
}

interface SigningJob {
  alg: SigningAlgorithm
  bytes: Buffer
  key: KeyObject
}

/**
 * Dispatching an elliptic-curve signature to another thread costs as much as making it, so these are made on the event
 * loop. The signatures requested in one turn are made as one batch, so that the responses are sent together.
 */
const signOnEventLoop = createMicroBatcher(
  async (jobs: readonly SigningJob[]) =>
    jobs.map(({ alg, bytes, key }) => {
      const { digest, options } = signatureParameters[alg]
      return sign(digest, bytes, { ...options, key })
    }),
  () => true,
  { maxConcurrentBatches: 1 },
)

/** A long signature would block the event loop, so another thread makes it. */
function signInThreadPool({ alg, bytes, key }: SigningJob): Promise<Buffer> {
  const { digest, options } = signatureParameters[alg]
  return new Promise((resolve, reject) => {
    sign(digest, bytes, { ...options, key }, (error, signature) => (error ? reject(error) : resolve(signature)))
  })
}

/** A parsed token whose signature is not verified. */
export interface CompactToken {
  header: Readonly<Record<string, unknown>>
  /** The signed part of the token. */
  input: string
  payload: Buffer
  signature: Buffer
}

/**
 * Takes a token apart that has three parts in base64url, each in the one spelling of its bytes (RFC 7515 §2, §7.1), and
 * a header in JSON; undefined for anything else. A lenient decoder would give one token many names: to it padding,
 * white space and spare bits make no difference.
 */
export function parseCompact(token: string): CompactToken | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  const [header, payload, signature] = parts.map((part) => Buffer.from(part, 'base64url'))
  if (!header || !payload || !signature) return undefined
  if ([header, payload, signature].some((bytes, index) => bytes.toString('base64url') !== parts[index]))
    return undefined
  const members = parseObject(header)
  return members && { header: members, input: token.slice(0, token.lastIndexOf('.')), payload, signature }
}

/** Whether `key` signed the token with `alg`. */
export function isSignedBy({ input, signature }: CompactToken, alg: SigningAlgorithm, key: KeyObject): boolean {
  const { digest, options } = signatureParameters[alg]
  return verify(digest, Buffer.from(input), { ...options, key }, signature)
}

/** The claims of a token, or undefined if its payload is not a JSON object (RFC 7519 §7.2). */
export function claimsOf({ payload }: CompactToken): Claims | undefined {
  return parseObject(payload)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Parses bytes as a JSON object within the limits of `parseForeignJson`; undefined for anything else. */
function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value = parseForeignJson(utf8.decode(bytes))
    return isObject(value) ? value : undefined
  } catch (error) {
    if (error instanceof UnacceptableJson || error instanceof TypeError) return undefined
    throw error
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}

/** Creates a token with `alg` none (RFC 7519 §6.1). */
export function createUnsignedToken(claims: Claims): string {
  return `${encode(JSON.stringify({ alg: 'none', typ: 'JWT' }))}.${encode(JSON.stringify(claims))}.`
}
