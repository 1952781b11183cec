import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { createJourneyBrowser } from '../support/journey-browser.ts'

const REDIRECT_URI = 'https://app.example.com/callback'
const API = 'https://api.example.com'
// Plain http is only for the loopback interface.
const insecure = { [oauth.allowInsecureRequests]: true }

describe('A client and an API that check everything, over oauth4webapi', () => {
  let server: JourneyServer
  let as: oauth.AuthorizationServer
  beforeAll(async () => {
    server = await startJourneyServer()
    const issuer = new URL(server.issuer)
    as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  })
  afterAll(() => server.close())

  async function register(settings: Record<string, unknown> = {}) {
    const { clientId, clientSecret } = await server.registerClient({
      clientType: 'confidential',
      redirectUris: [REDIRECT_URI],
      ...settings,
    })
    const authentication = clientSecret === null ? oauth.None() : oauth.ClientSecretBasic(clientSecret)
    return { client: { client_id: clientId } as oauth.Client, authentication }
  }

  /** Signs a user in and checks state and issuer of the response (RFC 9207). */
  async function authorize(client: oauth.Client, more: Record<string, string>) {
    const verifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    const url = new URL(as.authorization_endpoint ?? '')
    url.search = new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid profile email',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      ...more,
    }).toString()
    const visitor = createJourneyBrowser()
    await visitor.get(url.href)
    await visitor.submit({ ...OWNER, action: 'sign-in' })
    expect(visitor.url.startsWith(REDIRECT_URI)).toBe(true)
    return { verifier, answer: oauth.validateAuthResponse(as, client, new URL(visitor.url), state) }
  }

  it('publishes the metadata of RFC 8414 too, under the same issuer', async () => {
    const issuer = new URL(server.issuer)
    const request = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' })
    expect(await oauth.processDiscoveryResponse(issuer, request)).toMatchObject({
      issuer: server.issuer,
      token_endpoint: as.token_endpoint,
      authorization_response_iss_parameter_supported: true,
    })
  })

  it('signs a user in and calls userinfo, and every response passes validation', async () => {
    const { client, authentication } = await register()
    const nonce = oauth.generateRandomNonce()
    const { verifier, answer } = await authorize(client, { nonce, max_age: '600' })
    const response = await oauth.authorizationCodeGrantRequest(
      ...([as, client, authentication, answer, REDIRECT_URI, verifier, insecure] as const),
    )
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
      expectedNonce: nonce,
      maxAge: 600,
      requireIdToken: true,
    })
    await oauth.validateApplicationLevelSignature(as, response, insecure)
    const { sub } = oauth.getValidatedIdTokenClaims(tokens) ?? { sub: '' }

    const userinfo = await oauth.userInfoRequest(as, client, tokens.access_token, insecure)
    const claims = await oauth.processUserInfoResponse(as, client, sub, userinfo)
    expect(claims).toMatchObject({ sub, email: OWNER.email, name: 'Ada Lovelace' })

    const introspection = await oauth.introspectionRequest(as, client, authentication, tokens.access_token, insecure)
    expect(await oauth.processIntrospectionResponse(as, client, introspection)).toMatchObject({
      active: true,
      sub,
      client_id: client.client_id,
    })

    const refresh = await oauth.refreshTokenGrantRequest(
      ...([as, client, authentication, tokens.refresh_token ?? '', insecure] as const),
    )
    const renewed = await oauth.processRefreshTokenResponse(as, client, refresh)
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token)

    const revocation = await oauth.revocationRequest(
      ...([as, client, authentication, renewed.refresh_token ?? '', insecure] as const),
    )
    await oauth.processRevocationResponse(revocation)
    const ended = await oauth.userInfoRequest(as, client, renewed.access_token, insecure)
    await expect(oauth.processUserInfoResponse(as, client, sub, ended)).rejects.toMatchObject({ status: 401 })
  })

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
    'signs ID tokens with %s for the client that registered it',
    async (alg) => {
      const { client, authentication } = await register({ idTokenSignedResponseAlg: alg, clientType: 'public' })
      client.id_token_signed_response_alg = alg
      const { verifier, answer } = await authorize(client, {})
      const response = await oauth.authorizationCodeGrantRequest(
        ...([as, client, authentication, answer, REDIRECT_URI, verifier, insecure] as const),
      )
      const { id_token: token = '' } = await oauth.processAuthorizationCodeResponse(as, client, response, {
        requireIdToken: true,
      })
      await oauth.validateApplicationLevelSignature(as, response, insecure)
      const [header = ''] = token.split('.')
      expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg })
    },
  )

  it('lets an API verify an access token locally (RFC 9068 §4)', async () => {
    const { client, authentication } = await register({
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scopes: ['reports:read'],
      audience: [API],
    })
    const response = await oauth.clientCredentialsGrantRequest(
      ...([as, client, authentication, new URLSearchParams({ scope: 'reports:read' }), insecure] as const),
    )
    const { access_token: token } = await oauth.processClientCredentialsResponse(as, client, response)
    const asked = new Request(`${API}/reports`, { headers: { authorization: `Bearer ${token}` } })
    expect(await oauth.validateJwtAccessToken(as, asked, API, insecure)).toMatchObject({
      iss: server.issuer,
      client_id: client.client_id,
      scope: 'reports:read',
    })
    await expect(oauth.validateJwtAccessToken(as, asked, 'https://other.example.com', insecure)).rejects.toThrow(/aud/)
  })
})
