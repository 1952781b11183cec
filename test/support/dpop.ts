// A client with a key that makes valid and deliberately invalid DPoP proofs (RFC 9449 §4.2).
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { createHash, randomUUID } from 'node:crypto'
import { ISSUER, type RegisteredTestClient, type TestApp } from './app.ts'
import { REDIRECT_URI, relyingParty, type Tokens } from './relying-party.ts'

export interface DpopKey {
  alg: string
  privateKey: CryptoKey
  /** The public key. */
  jwk: JWK
  /** The public and the private part. */
  secretJwk: JWK
  thumbprint: string
}

export async function makeDpopKey(alg = 'ES256'): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  const thumbprint = await calculateJwkThumbprint(jwk)
  return { alg, privateKey, jwk, secretJwk: await exportJWK(privateKey), thumbprint }
}

export interface ProofSettings {
  issuer?: string
  method?: string
  path?: string
  /** The access token that it goes with. */
  token?: string
  nonce?: string
  /** In place of, or beside, what is right; undefined leaves out. */
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
}

/** A proof for a request of the token endpoint, unless another is named. */
export async function dpopProof(
  { clock }: Pick<TestApp, 'clock'>,
  { alg, privateKey, jwk }: DpopKey,
  {
    issuer = ISSUER,
    method = 'POST',
    path = '/oauth2/token',
    token,
    nonce,
    claims = {},
    header = {},
  }: ProofSettings = {},
): Promise<string> {
  const payload = {
    htm: method,
    htu: `${issuer}${path}`,
    iat: Math.floor(clock.now().getTime() / 1000),
    jti: randomUUID(),
    ...(token !== undefined && { ath: createHash('sha256').update(token).digest('base64url') }),
    ...(nonce !== undefined && { nonce }),
    ...claims,
  }
  return new SignJWT(payload).setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...header }).sign(privateKey)
}

/** A client that sends the given proof; `key` is its key. */
export function dpopParty(test: TestApp, client: RegisteredTestClient, key: DpopKey) {
  const rp = relyingParty(test, client)
  const identity: Record<string, string> = { client_id: client.clientId }
  if (client.clientSecret !== null) identity['client_secret'] = client.clientSecret
  const ask = (form: Record<string, string>, dpop: string | undefined) =>
    rp.post('/oauth2/token', { ...identity, ...form }, dpop === undefined ? {} : { dpop })
  return {
    ...rp,
    ask,
    redeem: (code: string, dpop?: string) =>
      ask({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: rp.verifier }, dpop),
    renew: (token: string, dpop?: string) => ask({ grant_type: 'refresh_token', refresh_token: token }, dpop),
    machine: (dpop?: string) => ask({ grant_type: 'client_credentials' }, dpop),
    introspection: async (token: string) =>
      (await rp.post('/oauth2/introspect', { ...identity, token })).json<Record<string, unknown>>(),
    async bound(by = key, more: Record<string, string> = {}): Promise<Tokens> {
      const answer = await this.redeem(await rp.code(undefined, more), await dpopProof(test, by))
      if (answer.statusCode !== 200) throw new Error(`No tokens: ${answer.statusCode} ${answer.body}`)
      return answer.json<Tokens>()
    },
  }
}

export const USERINFO = '/oauth2/userinfo'

/** A client that asks for itself, and that may administer. */
export const MACHINE = {
  clientType: 'confidential',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scopes: ['api', 'clients:read'],
  tokenEndpointAuthMethod: 'client_secret_post',
}

/** How an answer was: its status, and the error that it names. */
export function errorOf(answer: { statusCode: number; body: string }): [number, string | undefined] {
  const { error } = JSON.parse(answer.body) as { error?: string }
  return [answer.statusCode, error]
}
export const GRANTED = [200, undefined]
export const NO_PROOF = [400, 'invalid_dpop_proof']

export type Asked = [token: string, dpop: string | undefined, scheme?: string, path?: string]

/** Asks a resource by a scheme, with a proof or without. */
export const askResource = ({ app }: TestApp, ...[token, dpop, scheme = 'DPoP', path = USERINFO]: Asked) =>
  app.inject({
    url: path,
    headers: { authorization: `${scheme} ${token}`, ...(dpop !== undefined && { dpop }) },
  })
