// Everything that this server gives out or is shown and that opens something, or looks as if it did: how each is come
// by, and how it shows that it still does what it is for.
import type { LightMyRequestResponse } from 'fastify'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createTestApp, ISSUER, OWNER, type RegisteredTestClient } from './app.ts'
import { readForm } from './browser.ts'
import { eventually } from './eventually.ts'
import { startLogoutReceiver } from './logout-receiver.ts'
import { REDIRECT_URI, relyingParty } from './relying-party.ts'

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
export const BROWSER_COOKIE = '__Host-cerb_browser'

export interface Credential {
  /** A new one. */
  make(): Promise<string>
  /** Whether it does what it is for, which may use it up; absent where it opens nothing here. */
  works?: (secret: string) => Promise<boolean>
  /** The client that holds it. */
  holder: ReturnType<typeof relyingParty>
}

export type Kind = keyof Awaited<ReturnType<typeof createCredentials>>['kinds']

/** One server with a client for each kind. Wherever a choice is, all is signed by one algorithm, and so by one key. */
export async function createCredentials() {
  const test = await createTestApp({ allow: ['localhost'] })
  const receiver = await startLogoutReceiver()
  const pair = await generateKeyPair('ES256', { extractable: true })
  const confidential = { clientType: 'confidential', idTokenSignedResponseAlg: 'ES256', accessTokenSigningAlg: 'ES256' }
  const application = await test.registerClient({
    ...confidential,
    grantTypes: ['authorization_code', 'implicit', 'refresh_token'],
    responseTypes: ['code', 'id_token token'],
    idTokenLifetime: 60,
    userinfoSignedResponseAlg: 'ES256',
    backchannelLogoutUri: `${receiver.base}/logout`,
    authorizationSignedResponseAlg: 'ES256',
  })
  const sealed = await test.registerClient({ ...confidential, accessTokenFormat: 'opaque' })
  const typed = await test.registerClient({ ...confidential, accessTokenTyp: 'JWT' })
  const robot = { ...confidential, grantTypes: ['client_credentials'], redirectUris: [], scopes: ['api'] }
  const machine = await test.registerClient(robot)
  // Whose audience the token of an API key has.
  await test.registerClient({ ...robot, audience: ['https://api.example.com'] })
  const sealedMachine = await test.registerClient({ ...robot, accessTokenFormat: 'opaque' })
  const administrator = await test.registerClient({
    ...robot,
    scopes: ['clients:read', 'signing_keys:read'],
  })
  // It proves itself and signs its requests by one key: nothing but what they say tells the two apart.
  const prover = await test.registerClient({
    ...confidential,
    grantTypes: ['authorization_code', 'client_credentials'],
    scopes: ['openid', 'profile', 'email', 'api'],
    tokenEndpointAuthMethod: 'private_key_jwt',
    jwks: { keys: [await exportJWK(pair.publicKey)] },
  })
  const rp = relyingParty(test, application)
  const proverRp = relyingParty(test, prover)
  const browser = await test.signedInBrowser()
  const stranger = test.browser()
  let waiting = ''
  let registered: { client_id: string; registration_access_token: string }

  const seconds = () => Math.floor(test.clock.now().getTime() / 1000)
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT({ iss: prover.clientId, aud: ISSUER, exp: seconds() + 60, iat: seconds(), ...claims })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(pair.privateKey)

  async function silently(cookie: string, more: Record<string, string> = {}, as = rp) {
    const headers = { cookie: `cerb_sid=${cookie}` }
    return test.app.inject({ method: 'GET', url: as.authorizeUrl({ prompt: 'none', ...more }), headers })
  }
  const session = () => browser.cookies.get('cerb_sid') ?? ''
  const bring = (reference: string) => {
    const request_uri = `urn:ietf:params:oauth:request_uri:${reference}`
    return test.app.inject({
      url: `/oauth2/authorize?${new URLSearchParams({ client_id: application.clientId, request_uri })}`,
      headers: { cookie: `cerb_sid=${session()}` },
    })
  }
  const hintWorks = async (token: string) => hasCode(await silently(session(), { id_token_hint: token }))
  const userinfoWorks = async (token: string) => (await rp.userinfo(token)).statusCode === 200
  const front = async () => {
    await browser.get(rp.authorizeUrl({ response_type: 'id_token token', nonce: 'n' }))
    return browser.answer()
  }
  const askForToken = (as: typeof rp, more: Record<string, string> = {}) =>
    as.exchange('', { grant_type: 'client_credentials', ...more })
  const machineToken = async (of: RegisteredTestClient) =>
    (await askForToken(relyingParty(test, of))).json<{ access_token: string }>().access_token
  const isActive = async (token: string) => (await rp.introspect(token)).json<{ active: boolean }>().active
  const assert = (assertion: string) =>
    proverRp.post('/oauth2/token', {
      grant_type: 'client_credentials',
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: assertion,
    })
  const register = (token: string) =>
    test.app.inject({
      method: 'POST',
      url: '/oauth2/register',
      headers: { authorization: `Bearer ${token}` },
      payload: { redirect_uris: [REDIRECT_URI] },
    })
  async function initialAccessToken() {
    const answer = await test.app.inject({
      method: 'POST',
      url: '/v1/admin/initial-access-tokens',
      headers: { cookie: `cerb_sid=${session()}` },
      payload: { name: 'Test', uses: 1 },
    })
    return answer.json<{ token: string }>().token
  }
  async function apiKey() {
    const answer = await test.app.inject({
      method: 'POST',
      url: '/v1/admin/api-keys',
      headers: { cookie: `cerb_sid=${session()}` },
      payload: { name: 'Test', scopes: ['clients:*', 'signing_keys:*'] },
    })
    return answer.json<{ key: string }>().key
  }
  const exchangeKey = (key: string) =>
    test.app.inject({
      method: 'POST',
      url: '/v1/api-keys/token',
      headers: { authorization: `Bearer ${key}` },
      payload: { audience: 'https://api.example.com' },
    })
  const configure = (token: string) =>
    test.app.inject({
      method: 'GET',
      url: `/oauth2/register/${registered.client_id}`,
      headers: { authorization: `Bearer ${token}` },
    })
  async function logoutToken() {
    receiver.received.splice(0)
    const leaving = test.browser()
    const { id_token } = await rp.tokens(leaving)
    await leaving.get(`/oauth2/logout?id_token_hint=${id_token}`)
    const [request] = await eventually(
      () => receiver.received,
      ({ length }) => length > 0,
    )
    return new URLSearchParams(request?.body).get('logout_token') ?? ''
  }
  /** Opens the sign-in page in a new browser and returns its CSRF token. */
  async function begin() {
    stranger.cookies.clear()
    await stranger.get(rp.authorizeUrl())
    const { csrf = '', request = '' } = readForm(stranger.page.body).hidden
    waiting = request
    return csrf
  }
  async function goOn(csrf: string) {
    await stranger.get(`/auth/login?request=${waiting}`)
    await stranger.submit({ ...OWNER, csrf }, 'sign-in')
    return stranger.url.startsWith(REDIRECT_URI)
  }
  const cookieOfStranger = () => stranger.cookies.get(BROWSER_COOKIE) ?? ''

  const holder = rp
  const kinds = {
    code: { make: () => rp.code(browser), works: async (code) => (await rp.exchange(code)).statusCode === 200, holder },
    'access token': { make: async () => (await rp.tokens(browser)).access_token, works: userinfoWorks, holder },
    'opaque access token': {
      make: async () => (await relyingParty(test, sealed).tokens(browser)).access_token,
      works: userinfoWorks,
      holder: relyingParty(test, sealed),
    },
    'access token as JWT': {
      make: async () => (await relyingParty(test, typed).tokens(browser)).access_token,
      works: userinfoWorks,
      holder: relyingParty(test, typed),
    },
    'access token of the front channel': {
      make: async () => (await front()).get('access_token') ?? '',
      works: userinfoWorks,
      holder,
    },
    'access token of a machine': {
      make: () => machineToken(machine),
      works: isActive,
      holder: relyingParty(test, machine),
    },
    'access token that administers': {
      make: () => machineToken(administrator),
      works: isActive,
      holder: relyingParty(test, administrator),
    },
    'opaque access token of a machine': {
      make: () => machineToken(sealedMachine),
      works: isActive,
      holder: relyingParty(test, sealedMachine),
    },
    'API key': {
      make: apiKey,
      works: async (key) => (await exchangeKey(key)).statusCode === 200,
      holder,
    },
    'token of an API key': {
      make: async () => (await exchangeKey(await apiKey())).json<{ token: string }>().token,
      works: isActive,
      holder,
    },
    'refresh token': {
      make: async () => (await rp.tokens(browser)).refresh_token,
      works: async (token) => (await rp.refresh(token)).statusCode === 200,
      holder,
    },
    'ID token': { make: async () => (await rp.tokens(browser)).id_token, works: hintWorks, holder },
    'ID token of the front channel': {
      make: async () => (await front()).get('id_token') ?? '',
      works: hintWorks,
      holder,
    },
    'expired ID token': {
      make: async () => {
        const { id_token } = await rp.tokens(browser)
        test.clock.advance(61)
        return id_token
      },
      works: hintWorks,
      holder,
    },
    'logout token': { make: logoutToken, holder },
    'signed userinfo': { make: async () => (await rp.userinfo((await rp.tokens(browser)).access_token)).body, holder },
    'registration access token': {
      make: async () => {
        registered = (await register(await initialAccessToken())).json()
        return registered.registration_access_token
      },
      works: async (token) => (await configure(token)).statusCode === 200,
      holder,
    },
    'initial access token': {
      make: initialAccessToken,
      works: async (token) => (await register(token)).statusCode === 201,
      holder,
    },
    'session cookie': {
      make: async () => (await test.signIn()).slice('cerb_sid='.length),
      works: async (cookie) => hasCode(await silently(cookie)),
      holder,
    },
    'browser cookie': {
      make: async () => begin().then(cookieOfStranger),
      works: async () => goOn(await readCsrf()),
      holder,
    },
    'browser state': {
      make: async () => {
        const answer = await test.app.inject({ method: 'POST', url: '/v1/auth/login', payload: OWNER })
        return answer.cookies.find(({ name }) => name === '__Host-cerb_state')?.value ?? ''
      },
      holder,
    },
    'form token': { make: begin, works: goOn, holder },
    'waiting request': {
      make: async () => begin().then(() => waiting),
      works: async () => goOn(await readCsrf()),
      holder,
    },
    'pushed request': {
      make: async () => new URL(await rp.pushedUrl(), ISSUER).searchParams.get('request_uri')?.split(':').at(-1) ?? '',
      works: async (reference) => hasCode(await bring(reference)),
      holder,
    },
    'authorization response': {
      make: async () => {
        await browser.get(rp.authorizeUrl({ response_mode: 'jwt' }))
        return browser.answer().get('response') ?? ''
      },
      holder,
    },
    'client secret': {
      make: async () => machine.clientSecret ?? '',
      works: async (secret) =>
        (await askForToken(relyingParty(test, { ...machine, clientSecret: secret }))).statusCode === 200,
      holder: relyingParty(test, machine),
    },
    'client assertion': {
      make: () => sign({ sub: prover.clientId, jti: crypto.randomUUID() }),
      works: async (assertion) => (await assert(assertion)).statusCode === 200,
      holder,
    },
    'request object': {
      make: () => sign({ client_id: prover.clientId, jti: crypto.randomUUID(), nonce: 'inside' }),
      works: async (request) => hasCode(await silently(session(), { request }, proverRp)),
      holder,
    },
  } satisfies Record<string, Credential>

  async function readCsrf() {
    await stranger.get(`/auth/login?request=${waiting}`)
    return readForm(stranger.page.body).hidden['csrf'] ?? ''
  }

  // A pending request and a registration exist in every case.
  await kinds['registration access token'].make()
  await begin()

  return {
    test,
    rp,
    proverRp,
    prover,
    machine,
    kinds,
    session,
    silently,
    begin,
    bring,
    assert,
    register,
    configure,
    exchangeKey,
    waiting: () => waiting,
    cookieOfStranger,
    async close() {
      await test.close()
      await receiver.close()
    },
  }
}

/** Whether a redirect to the client brings a code. */
export function hasCode({ headers: { location } }: LightMyRequestResponse): boolean {
  return location !== undefined && new URL(location, ISSUER).searchParams.has('code')
}
