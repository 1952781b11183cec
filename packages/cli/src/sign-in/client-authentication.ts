// `sign-in` is the identity of the command at a server: contexts with the tokens of users, the credentials of clients, the
// flows that get tokens, and the session of a command. Secrets come from the environment and from files, are sent to their
// own server alone, and are written to the contexts file alone.

import { readFileSync } from 'node:fs'
import type { CryptoKey, JWK } from 'jose'
import { Failure } from '../failure.ts'
import { type ClientCertificate, isCertificateWithKey } from '../requests/certificate-fetch.ts'
import { now } from '../system/clock.ts'
import type { Environment } from '../system/environment.ts'
import { randomToken } from '../system/random.ts'

const ASSERTION_LIFETIME_SECONDS = 60

/** How a request authenticates the client: by fields of its form, a header, or the certificate of the connection. */
export interface ClientAuthentication {
  fields: Record<string, string>
  headers: Record<string, string>
  certificate?: ClientCertificate
}

/** A client and how it authenticates. */
export interface ClientCredentials {
  clientId: string
  /** Authenticates one request to this issuer. */
  authenticate(issuer: string): Promise<ClientAuthentication>
}

/** A public client, which sends its client_id alone. */
export function publicClient(clientId: string): ClientCredentials {
  return { clientId, authenticate: async () => ({ fields: { client_id: clientId }, headers: {} }) }
}

/** The client whose secret, key or certificate is in the environment, if there is one. */
export function clientFromEnvironment(environment: Environment): ClientCredentials | undefined {
  const { clientId, clientKeyFile, clientCertFile } = environment
  const secret = readClientSecret(environment)
  const file = clientCertFile ?? clientKeyFile
  if (secret === undefined && file === undefined) return undefined
  if (clientId === undefined) {
    throw new Failure(
      'usage',
      'CERBERUS_CLIENT_ID is not set. It is required with a client secret, key or certificate.',
    )
  }
  if (secret !== undefined && file !== undefined) {
    throw new Failure('usage', 'Set either a client secret, or a key or certificate, not both.')
  }
  if (clientCertFile !== undefined) return tlsClientAuth(clientId, clientCertFile, clientKeyFile ?? clientCertFile)
  if (clientKeyFile !== undefined) return privateKeyJwt(clientId, clientKeyFile)
  const basic = Buffer.from(`${formEncode(clientId)}:${formEncode(secret ?? '')}`).toString('base64')
  return { clientId, authenticate: async () => ({ fields: {}, headers: { authorization: `Basic ${basic}` } }) }
}

function readClientSecret({ clientSecret, clientSecretFile }: Environment): string | undefined {
  if (clientSecret !== undefined) return clientSecret
  return clientSecretFile === undefined ? undefined : readSecret(clientSecretFile)
}

/** The secret in a file, without white space around it. */
export function readSecret(file: string): string {
  return readFile(file).trim()
}

/** RFC 6749 §2.3.1. */
function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}

/** private_key_jwt (OpenID Connect Core §9, RFC 7523 §3). The key is a JWK, or PKCS #8 in PEM. */
function privateKeyJwt(clientId: string, file: string): ClientCredentials {
  return {
    clientId,
    async authenticate(issuer) {
      const { SignJWT } = await loadJose()
      const { key, alg, kid } = await readKey(file)
      const issuedAt = Math.floor(now().getTime() / 1000)
      const assertion = await new SignJWT({ iss: clientId, sub: clientId, aud: issuer, jti: randomToken() })
        .setProtectedHeader({ alg, ...(kid !== undefined && { kid }) })
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ASSERTION_LIFETIME_SECONDS)
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

/** tls_client_auth and self_signed_tls_client_auth (RFC 8705 §2). Both files are PEM, and may be the same file. */
function tlsClientAuth(clientId: string, file: string, keyFile: string): ClientCredentials {
  return {
    clientId,
    async authenticate() {
      const certificate = { cert: readFile(file), key: readFile(keyFile) }
      if (!isCertificateWithKey(certificate)) {
        const files = file === keyFile ? `${file} is not` : `${file} and ${keyFile} are not`
        throw new Failure('usage', `${files} a certificate and its private key in PEM, without a passphrase.`)
      }
      return { fields: { client_id: clientId }, headers: {}, certificate }
    },
  }
}

/** Only a client with a key needs jose, and loading it takes an eighth of a short call. */
const loadJose = () => import('jose')

/** In the order in which they are tried for a key that names no algorithm. */
const ALGORITHMS = ['ES256', 'EdDSA', 'PS256', 'RS256'] as const
const DEFAULT_ALGORITHMS: Readonly<Record<string, string>> = { EC: 'ES256', OKP: 'EdDSA' }
type PrivateKey = CryptoKey | Uint8Array

async function readKey(file: string): Promise<{ key: PrivateKey; alg: string; kid: string | undefined }> {
  const { importJWK, importPKCS8 } = await loadJose()
  const text = readFile(file)
  const invalid = new Failure('usage', `${file} is not a private key: a JWK, or PKCS #8 in PEM ("BEGIN PRIVATE KEY").`)
  if (text.trimStart().startsWith('{')) {
    const jwk = parseJwk(text)
    if (!jwk || typeof jwk.d !== 'string') throw invalid
    const alg = jwk.alg ?? DEFAULT_ALGORITHMS[jwk.kty ?? ''] ?? 'PS256'
    const key = await importJWK(jwk, alg).catch(() => undefined)
    if (!key) throw invalid
    return { key, alg, kid: jwk.kid }
  }
  for (const alg of ALGORITHMS) {
    const key = await importPKCS8(text, alg).catch(() => undefined)
    if (key) return { key, alg, kid: undefined }
  }
  throw invalid
}

function parseJwk(text: string): JWK | undefined {
  try {
    return JSON.parse(text) as JWK
  } catch {
    return undefined
  }
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Failure('usage', `Cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? 'error'}.`)
  }
}
