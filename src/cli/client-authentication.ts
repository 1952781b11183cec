import { readFileSync } from 'node:fs'
import { importJWK, importPKCS8, SignJWT, type CryptoKey, type JWK } from 'jose'
import { epochSeconds, systemClock } from '../lib/clock.ts'
import { randomToken } from '../lib/random.ts'
import { isCertificate, type ClientCertificate } from './certificate-request.ts'
import type { Environment } from './environment.ts'
import { Failure } from './failure.ts'

/** What proves the client in a request: fields of its form, a header, or the certificate of the connection. */
export interface ClientProof {
  fields: Record<string, string>
  headers: Record<string, string>
  certificate?: ClientCertificate
}

/** A client that can prove itself without a person. */
export interface ClientCredentials {
  clientId: string
  /** Makes a proof for one request to this issuer. */
  prove(issuer: string): Promise<ClientProof>
}

/** A public client, which only says its name. */
export function publicClient(clientId: string): ClientCredentials {
  return { clientId, prove: async () => ({ fields: { client_id: clientId }, headers: {} }) }
}

/** The client that the environment has the secret or the key of, if it has one. */
export function clientFromEnvironment(environment: Environment): ClientCredentials | undefined {
  const { clientId, clientKeyFile, clientCertFile } = environment
  const secret = secretOf(environment)
  const file = clientCertFile ?? clientKeyFile
  if (secret === undefined && file === undefined) return undefined
  if (clientId === undefined) {
    throw new Failure(
      'usage',
      'CERBERUS_CLIENT_ID is missing beside the secret, the key or the certificate of a client.',
    )
  }
  if (secret !== undefined && file !== undefined) {
    throw new Failure('usage', 'Set a secret of the client, or a key or a certificate, not both.')
  }
  if (clientCertFile !== undefined) return withCertificate(clientId, clientCertFile, clientKeyFile ?? clientCertFile)
  if (clientKeyFile !== undefined) return withKey(clientId, clientKeyFile)
  const basic = Buffer.from(`${formEncoded(clientId)}:${formEncoded(secret ?? '')}`).toString('base64')
  return { clientId, prove: async () => ({ fields: {}, headers: { authorization: `Basic ${basic}` } }) }
}

function secretOf({ clientSecret, clientSecretFile }: Environment): string | undefined {
  if (clientSecret !== undefined) return clientSecret
  return clientSecretFile === undefined ? undefined : readSecret(clientSecretFile)
}

/** The first line of a file that holds a secret. */
export function readSecret(file: string): string {
  return read(file).trim()
}

/** RFC 6749 §2.3.1. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}

/** private_key_jwt (OpenID Connect Core §9, RFC 7523 §3): the key is a JWK, or PKCS #8 in PEM. */
function withKey(clientId: string, file: string): ClientCredentials {
  return {
    clientId,
    async prove(issuer) {
      const { key, alg, kid } = await readKey(file)
      const now = epochSeconds(systemClock.now())
      const assertion = await new SignJWT({ iss: clientId, sub: clientId, aud: issuer, jti: randomToken() })
        .setProtectedHeader({ alg, ...(kid !== undefined && { kid }) })
        .setIssuedAt(now)
        .setExpirationTime(now + 60)
        .sign(key)
      return {
        fields: {
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        },
        headers: {},
      }
    },
  }
}

/** tls_client_auth and self_signed_tls_client_auth (RFC 8705 §2): both files are PEM; they may be one. */
function withCertificate(clientId: string, file: string, keyFile: string): ClientCredentials {
  return {
    clientId,
    async prove() {
      const certificate = { cert: read(file), key: read(keyFile) }
      if (!isCertificate(certificate)) {
        const what =
          file === keyFile ? `${file} is no certificate with` : `${file} and ${keyFile} are no certificate and`
        throw new Failure('usage', `${what} its private key: PEM, without a passphrase.`)
      }
      return { fields: { client_id: clientId }, headers: {}, certificate }
    },
  }
}

/** In the order in which they are tried on a key that does not say what it is for. */
const algorithms = ['ES256', 'EdDSA', 'PS256', 'RS256'] as const
const algorithmOf: Readonly<Record<string, string>> = { EC: 'ES256', OKP: 'EdDSA' }
type PrivateKey = CryptoKey | Uint8Array

async function readKey(file: string): Promise<{ key: PrivateKey; alg: string; kid: string | undefined }> {
  const text = read(file)
  const broken = new Failure('usage', `${file} is no private key: a JWK, or PKCS #8 in PEM ("BEGIN PRIVATE KEY").`)
  if (text.trimStart().startsWith('{')) {
    const jwk = parse(text)
    if (!jwk || typeof jwk.d !== 'string') throw broken
    const alg = jwk.alg ?? algorithmOf[jwk.kty ?? ''] ?? 'PS256'
    const key = await importJWK(jwk, alg).catch(() => undefined)
    if (!key) throw broken
    return { key, alg, kid: jwk.kid }
  }
  for (const alg of algorithms) {
    const key = await importPKCS8(text, alg).catch(() => undefined)
    if (key) return { key, alg, kid: undefined }
  }
  throw broken
}

function parse(text: string): JWK | undefined {
  try {
    return JSON.parse(text) as JWK
  } catch {
    return undefined
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Failure('usage', `Cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? 'it failed'}.`)
  }
}
