// Client libraries with DPoP, with and without nonces.
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { createJourneyBrowser } from '../support/journey-browser.ts'

const REDIRECT_URI = 'https://app.example.com/callback'
const API = 'https://api.example.com'
const insecure = { [oauth.allowInsecureRequests]: true }

let server: JourneyServer
beforeAll(async () => {
  server = await startJourneyServer()
})
afterAll(() => server.close())

/** Signs a user in and returns the redirect to the client. */
async function signIn(url: URL): Promise<URL> {
  const visitor = createJourneyBrowser()
  await visitor.get(url.href)
  await visitor.submit({ ...OWNER, action: 'sign-in' })
  expect(visitor.url.startsWith(REDIRECT_URI)).toBe(true)
  return new URL(visitor.url)
}

/** A public client; under `strict` its proofs need nonces, which it receives with an error. */
const settings = {
  openid: {},
  strict: {
    profile: 'oauth2.1',
    idTokenSignedResponseAlg: 'ES256',
    accessTokenSigningAlg: 'ES256',
    accessTokenLifetime: 600,
  },
} as const
const profiles = Object.keys(settings) as (keyof typeof settings)[]

describe('A client that holds a key (RFC 9449), over openid-client 6', () => {
  it.each(profiles)('signs in, calls userinfo and refreshes, under %s', async (profile) => {
    const { clientId } = await server.registerClient({
      redirectUris: [REDIRECT_URI],
      dpopBoundAccessTokens: true,
      ...settings[profile],
    })
    const configuration = await openid.discovery(
      new URL(server.issuer),
      clientId,
      settings[profile] === settings.strict ? { id_token_signed_response_alg: 'ES256' } : undefined,
      openid.None(),
      { execute: [openid.allowInsecureRequests] },
    )
    const DPoP = openid.getDPoPHandle(configuration, await openid.randomDPoPKeyPair('ES256'))
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const url = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile email',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      dpop_jkt: await DPoP.calculateThumbprint(),
    })
    const checks = { pkceCodeVerifier, idTokenExpected: true }
    const tokens = await openid.authorizationCodeGrant(configuration, await signIn(url), checks, undefined, { DPoP })
    expect(tokens.token_type).toBe('dpop')
    const { sub = '' } = tokens.claims() ?? {}
    const userinfo = await openid.fetchUserInfo(configuration, tokens.access_token, sub, { DPoP })
    expect(userinfo).toMatchObject({ email: OWNER.email })
    const renewed = await openid.refreshTokenGrant(configuration, tokens.refresh_token ?? '', undefined, { DPoP })
    expect(renewed.token_type).toBe('dpop')
    const unproven = openid.fetchUserInfo(configuration, renewed.access_token, sub)
    await expect(unproven).rejects.toMatchObject({ status: 401 })
    const stolen = openid.getDPoPHandle(configuration, await openid.randomDPoPKeyPair('ES256'))
    const attempt = openid.refreshTokenGrant(configuration, renewed.refresh_token ?? '', undefined, { DPoP: stolen })
    await expect(attempt).rejects.toMatchObject({ error: 'invalid_grant' })
  })
})

describe('An API that checks proofs (RFC 9449 §7), over oauth4webapi', () => {
  it('accepts a bound token with a proof by its key only', async () => {
    const issuer = new URL(server.issuer)
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
    const registered = await server.registerClient({
      clientType: 'confidential',
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scopes: ['reports:read'],
      audience: [API],
    })
    const client: oauth.Client = { client_id: registered.clientId }
    const authentication = oauth.ClientSecretBasic(registered.clientSecret ?? '')
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const response = await oauth.clientCredentialsGrantRequest(
      ...([as, client, authentication, new URLSearchParams(), { ...insecure, DPoP }] as const),
    )
    const { access_token: token, token_type: type } = await oauth.processClientCredentialsResponse(as, client, response)
    expect(type).toBe('dpop')
    let sent: Request | undefined
    await oauth.protectedResourceRequest(token, 'GET', new URL(`${API}/reports`), undefined, null, {
      DPoP,
      [oauth.customFetch]: (url, { method, headers }) => {
        sent = new Request(url, { method, headers })
        return Promise.resolve(new Response('{}'))
      },
    })
    const { cnf } = await oauth.validateJwtAccessToken(as, sent as Request, API, { ...insecure, requireDPoP: true })
    expect(cnf).toEqual({ jkt: await DPoP.calculateThumbprint() })
    const bare = new Request(`${API}/reports`, { headers: { authorization: `Bearer ${token}` } })
    await expect(oauth.validateJwtAccessToken(as, bare, API, insecure)).rejects.toThrow(/DPoP/i)
  })
})
