// What a resource server sees of the server's keys, and tokens to try them on.
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import type { RegisteredTestClient, TestApp } from './app.ts'
import { relyingParty } from './relying-party.ts'

/** Of keys that sign, and of keys that others encrypt to. */
export const ALGORITHMS = ['ES256', 'EdDSA', 'PS256', 'RS256']
export const ENCRYPTION = ['ECDH-ES', 'RSA-OAEP-256']
/** What is published at first: of those that sign also the next ones. */
export const FIRST_KEYS = [...ALGORITHMS, ...ALGORITHMS, ...ENCRYPTION].sort()
export const DAY = 86_400

const fetchKeySet = (test: TestApp) => test.app.inject({ method: 'GET', url: '/oauth2/jwks.json' })

export const keySet = async (test: TestApp) =>
  (await fetchKeySet(test)).json<JSONWebKeySet & { keys: { kid: string }[] }>()

/** How many seconds a cache may go on with the key set. */
export const maxAge = async (test: TestApp) =>
  Number(/max-age=(\d+)/.exec(String((await fetchKeySet(test)).headers['cache-control']))?.[1])

/** The names of the published keys of an algorithm. */
export const published = async (test: TestApp, alg = 'ES256') =>
  (await keySet(test)).keys.filter((key) => key.alg === alg).map(({ kid }) => kid)

/** The algorithms of keys, in order, each as often as there are keys of it. */
export const algorithms = (keys: readonly { alg?: string }[]) => keys.map(({ alg }) => String(alg)).sort()

/** Registers a machine whose tokens live as long as tokens may. */
export const registerMachine = (test: TestApp) =>
  test.registerClient({
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['api'],
    accessTokenLifetime: DAY,
  })

export async function newToken(test: TestApp, machine: RegisteredTestClient): Promise<string> {
  const answer = await relyingParty(test, machine).exchange('', { grant_type: 'client_credentials' })
  return answer.json<{ access_token: string }>().access_token
}

/** The name of the key that signed a token. */
export const signerOf = (token: string) => decodeProtectedHeader(token).kid ?? ''

/** Whether a resource server that holds this key set can verify the signature of a token. */
export async function verifies(token: string, keys: JSONWebKeySet, now: Date): Promise<boolean> {
  return jwtVerify(token, createLocalJWKSet(keys), { currentDate: now, typ: 'at+jwt' }).then(
    () => true,
    () => false,
  )
}

/** Whether the server itself still honours a token. */
export const isLive = async (test: TestApp, machine: RegisteredTestClient, token: string) =>
  (await relyingParty(test, machine).introspect(token)).json<{ active: boolean }>().active
