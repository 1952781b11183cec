import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { createJourneyBrowser } from '../support/journey-browser.ts'

const REDIRECT_URI = 'https://app.example.com/callback'
// Plain http is only for the loopback interface.
const insecure = { [oauth.allowInsecureRequests]: true }

let server: JourneyServer
beforeAll(async () => {
  server = await startJourneyServer()
})
afterAll(() => server.close())

const register = async (settings: Record<string, unknown> = {}) => {
  const { clientId, clientSecret } = await server.registerClient({
    clientType: 'confidential',
    redirectUris: [REDIRECT_URI],
    requirePushedAuthorizationRequests: true,
    ...settings,
  })
  return { clientId, clientSecret: clientSecret ?? '' }
}
/** The redirect URI after a sign-in. */
async function signIn(url: string): Promise<URL> {
  const visitor = createJourneyBrowser()
  await visitor.get(url)
  await visitor.submit({ ...OWNER, action: 'sign-in' })
  return new URL(visitor.url)
}

describe('RFC 9126: a client that pushes its requests', () => {
  it('over openid-client 6', async () => {
    const { clientId, clientSecret } = await register()
    const options = { execute: [openid.allowInsecureRequests] }
    const proof = openid.ClientSecretBasic(clientSecret)
    const configuration = await openid.discovery(new URL(server.issuer), clientId, undefined, proof, options)
    const codeVerifier = openid.randomPKCECodeVerifier()
    const expectedState = openid.randomState()
    const url = await openid.buildAuthorizationUrlWithPAR(configuration, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile email',
      code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
    })
    expect([...url.searchParams.keys()].toSorted()).toEqual(['client_id', 'request_uri'])
    const answer = await signIn(url.href)
    const tokens = await openid.authorizationCodeGrant(configuration, answer, {
      pkceCodeVerifier: codeVerifier,
      expectedState,
      idTokenExpected: true,
    })
    expect(tokens.claims()).toMatchObject({ aud: clientId })
  })

  it('over oauth4webapi', async () => {
    const { clientId, clientSecret } = await register()
    const issuer = new URL(server.issuer)
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
    const client = { client_id: clientId }
    const proof = oauth.ClientSecretBasic(clientSecret)
    const verifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    const parameters = {
      response_type: 'code',
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
    }
    const push = (more: Record<string, string> = {}) =>
      oauth.pushedAuthorizationRequest(as, client, proof, { ...parameters, ...more }, insecure)
    const pushed = await oauth.processPushedAuthorizationResponse(as, client, await push())
    expect(pushed.expires_in).toBe(60)
    const url = new URL(as.authorization_endpoint ?? '')
    url.search = new URLSearchParams({ client_id: clientId, request_uri: pushed.request_uri }).toString()
    const answer = oauth.validateAuthResponse(as, client, await signIn(url.href), state)
    const response = await oauth.authorizationCodeGrantRequest(
      ...([as, client, proof, answer, REDIRECT_URI, verifier, insecure] as const),
    )
    expect(await oauth.processAuthorizationCodeResponse(as, client, response)).toMatchObject({ token_type: 'bearer' })

    const refused = oauth.processPushedAuthorizationResponse(as, client, await push({ scope: 'admin' }))
    await expect(refused).rejects.toMatchObject({ error: 'invalid_scope', status: 400 })
  })
})

describe('JARM: a client that receives responses as JWTs', () => {
  it.each(['RS256', 'EdDSA'])('over openid-client 6, by %s', async (alg) => {
    const { clientId, clientSecret } = await register({ authorizationSignedResponseAlg: alg })
    const options = { execute: [openid.allowInsecureRequests, openid.useJwtResponseMode] }
    const proof = openid.ClientSecretBasic(clientSecret)
    const metadata = { authorization_signed_response_alg: alg }
    const configuration = await openid.discovery(new URL(server.issuer), clientId, metadata, proof, options)
    const codeVerifier = openid.randomPKCECodeVerifier()
    const expectedState = openid.randomState()
    const url = await openid.buildAuthorizationUrlWithPAR(configuration, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
      code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
    })
    const answer = await signIn(url.href)
    expect([...answer.searchParams.keys()]).toEqual(['response'])
    const checks = { pkceCodeVerifier: codeVerifier, expectedState, idTokenExpected: true }
    const tokens = await openid.authorizationCodeGrant(configuration, answer, checks)
    expect(tokens.claims()).toMatchObject({ aud: clientId })
  })

  it('over oauth4webapi, errors too', async () => {
    const { clientId } = await register({ clientType: 'public', requirePushedAuthorizationRequests: false })
    const issuer = new URL(server.issuer)
    const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
    const parameters = { client_id: clientId, redirect_uri: REDIRECT_URI, response_type: 'code', response_mode: 'jwt' }
    const ask = async (more: Record<string, string>) => {
      const visitor = createJourneyBrowser()
      await visitor.get(`${as.authorization_endpoint}?${new URLSearchParams({ ...parameters, ...more })}`)
      return oauth.validateJwtAuthResponse(as, { client_id: clientId }, new URL(visitor.url), 'a-state', insecure)
    }
    await expect(ask({ state: 'a-state', scope: 'admin' })).rejects.toMatchObject({ error: 'invalid_scope' })
    await expect(ask({ state: 'another', scope: 'admin' })).rejects.toThrow(/state/)
  })
})
