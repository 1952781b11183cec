import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, type TestApp } from '../../support/app.ts'
import { REDIRECT_URI, relyingParty } from '../../support/relying-party.ts'

const OPENID = '/.well-known/openid-configuration'
const OAUTH = '/.well-known/oauth-authorization-server'
const JWKS = '/oauth2/jwks.json'

type Metadata = Record<string, unknown> & {
  scopes_supported: string[]
  response_modes_supported: string[]
  grant_types_supported: string[]
  token_endpoint_auth_methods_supported: string[]
  id_token_signing_alg_values_supported: string[]
  claims_supported: string[]
}

let test: TestApp
let metadata: Metadata

beforeAll(async () => {
  test = await createTestApp()
  metadata = (await get(OPENID)).json<Metadata>()
})
afterAll(() => test.close())

const get = (url: string, headers: Record<string, string> = {}) => test.app.inject({ method: 'GET', url, headers })

describe('OpenID Connect Discovery §3, RFC 8414 §2: the metadata', () => {
  it('is the same document at both URLs', async () => {
    const [openid, oauth] = [await get(OPENID), await get(OAUTH)]
    expect(openid.statusCode).toBe(200)
    expect(openid.headers['content-type']).toMatch(/^application\/json\b/)
    expect(oauth.body).toBe(openid.body)
  })

  it('has the exact issuer, and the required members', () => {
    expect(metadata).toMatchObject({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/oauth2/authorize`,
      token_endpoint: `${ISSUER}/oauth2/token`,
      userinfo_endpoint: `${ISSUER}/oauth2/userinfo`,
      jwks_uri: `${ISSUER}${JWKS}`,
      revocation_endpoint: `${ISSUER}/oauth2/revoke`,
      introspection_endpoint: `${ISSUER}/oauth2/introspect`,
      end_session_endpoint: `${ISSUER}/oauth2/logout`,
      check_session_iframe: `${ISSUER}/oauth2/check-session`,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      response_types_supported: [
        'code',
        'id_token',
        'id_token token',
        'code id_token',
        'code token',
        'code id_token token',
      ],
      response_modes_supported: ['query', 'fragment', 'form_post', 'query.jwt', 'fragment.jwt', 'form_post.jwt', 'jwt'],
      grant_types_supported: [
        'authorization_code',
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code',
        'implicit',
      ],
      subject_types_supported: ['public', 'pairwise'],
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'client_secret_jwt',
        'private_key_jwt',
        'none',
      ],
      token_endpoint_auth_signing_alg_values_supported:
        'RS256 PS256 ES256 EdDSA Ed25519 ES384 ES512 PS384 PS512 RS384 RS512 HS256'.split(' '),
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: false,
      request_parameter_supported: true,
      request_uri_parameter_supported: true,
      require_request_uri_registration: true,
      claims_parameter_supported: true,
      acr_values_supported: ['pwd', 'mfa', 'phr', 'phrh'],
    })
    expect(metadata.id_token_signing_alg_values_supported).toEqual(
      'RS256 PS256 ES256 EdDSA Ed25519 ES384 ES512 PS384 PS512 RS384 RS512 none'.split(' '),
    )
  })

  it('lists only endpoints that exist', async () => {
    const addresses = Object.entries(metadata).filter(
      (entry): entry is [string, string] => entry[0] !== 'issuer' && String(entry[1]).startsWith(`${ISSUER}/`),
    )
    expect(addresses.length).toBeGreaterThanOrEqual(8)
    for (const [member, address] of addresses) {
      const answer = await get(address.slice(ISSUER.length))
      expect([member, answer.statusCode]).not.toEqual([member, 404])
      expect([member, answer.statusCode < 500]).toEqual([member, true])
    }
  })
})

describe('OpenID Connect Discovery §3: the metadata matches the server', () => {
  it('lists algorithms that sign ID tokens', async () => {
    for (const alg of metadata.id_token_signing_alg_values_supported) {
      const client = await test.registerClient({ idTokenSignedResponseAlg: alg })
      const { id_token } = await relyingParty(test, client).tokens()
      expect(decodeProtectedHeader(id_token).alg).toBe(alg)
    }
  })

  it('lists exactly the client authentication methods that work', async () => {
    // rfc7523.test.ts and rfc7523-client-secret.test.ts test assertions.
    const methods = metadata.token_endpoint_auth_methods_supported.filter((method) => !method.endsWith('_jwt'))
    for (const method of methods) {
      const client = await test.registerClient({
        clientType: method === 'none' ? 'public' : 'confidential',
        tokenEndpointAuthMethod: method,
      })
      const { clientId: client_id, clientSecret } = client
      const basic = `Basic ${Buffer.from(`${client_id}:${clientSecret}`).toString('base64')}`
      const answer = await relyingParty(test, client).post(
        '/oauth2/revoke',
        {
          token: 'unknown',
          ...(method !== 'client_secret_basic' && { client_id }),
          ...(method === 'client_secret_post' && { client_secret: clientSecret ?? '' }),
        },
        method === 'client_secret_basic' ? { authorization: basic } : {},
      )
      expect([method, answer.statusCode]).toEqual([method, 200])
    }
  })

  it('lists exactly the grant types of the token endpoint, and implicit', async () => {
    const client = await test.registerClient()
    const known = metadata.grant_types_supported.filter((grant) => grant !== 'implicit')
    for (const grant of [...known, 'password', 'implicit']) {
      const { post } = relyingParty(test, client)
      const answer = await post('/oauth2/token', { grant_type: grant, client_id: client.clientId })
      const { error } = answer.json<{ error: string }>()
      expect([grant, error !== 'unsupported_grant_type']).toEqual([grant, known.includes(grant)])
    }
  })

  const carriers: Record<string, RegExp> = {
    query: new RegExp(`^${REDIRECT_URI}\\?code=authz_`),
    fragment: new RegExp(`^${REDIRECT_URI}#code=authz_`),
    form_post: new RegExp(`action="${REDIRECT_URI}".*name="code" value="authz_`, 's'),
    'query.jwt': new RegExp(`^${REDIRECT_URI}\\?response=ey`),
    'fragment.jwt': new RegExp(`^${REDIRECT_URI}#response=ey`),
    'form_post.jwt': new RegExp(`action="${REDIRECT_URI}".*name="response" value="ey`, 's'),
    jwt: new RegExp(`^${REDIRECT_URI}\\?response=ey`),
  }

  it('lists response modes that return the response', async () => {
    const rp = relyingParty(test, await test.registerClient())
    const browser = test.browser()
    await rp.code(browser)
    for (const mode of metadata.response_modes_supported) {
      await browser.get(rp.authorizeUrl({ response_mode: mode }))
      // The redirect, or the form of form_post.
      const carried = mode.startsWith('form_post') ? browser.page.body : browser.url
      expect([mode, carried]).toEqual([mode, expect.stringMatching(carriers[mode] ?? /never/)])
    }
  })

  it('lists scopes that can be granted, and all claims of userinfo', async () => {
    const rp = relyingParty(test, await test.registerClient({ scopes: metadata.scopes_supported }))
    const tokens = await rp.tokens(test.browser(), { scope: metadata.scopes_supported.join(' ') })
    expect(tokens.scope.split(' ').sort()).toEqual([...metadata.scopes_supported].sort())
    const claims = Object.keys((await rp.userinfo(tokens.access_token)).json<object>())
    expect(claims.filter((claim) => !metadata.claims_supported.includes(claim))).toEqual([])
  })
})

describe('OpenID Connect Core §10.1, RFC 7517: the key set', () => {
  interface Jwk {
    kid: string
    kty: string
    alg: string
    use: string
    [member: string]: unknown
  }

  it('has public keys only, each with kid, alg and use', async () => {
    const { keys } = (await get(JWKS)).json<{ keys: Jwk[] }>()
    const members: Record<string, string[]> = { RSA: ['e', 'n'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'] }
    const encryption = new Set(['ECDH-ES', 'RSA-OAEP-256'])
    for (const key of keys) {
      const expected = ['alg', 'kid', 'kty', 'use', ...(members[key.kty] ?? [])].sort()
      expect(Object.keys(key).sort()).toEqual(expected)
      expect(key.use).toBe(encryption.has(key.alg) ? 'enc' : 'sig')
    }
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
    const standard = ['ES256', 'EdDSA', 'PS256', 'RS256', ...encryption]
    expect(keys.map(({ alg }) => alg)).toEqual(expect.arrayContaining(standard))
  })

  it('is also at /.well-known/jwks.json', async () => {
    const [keys, alias] = [await get(JWKS), await get('/.well-known/jwks.json')]
    expect(alias.statusCode).toBe(200)
    expect(alias.body).toBe(keys.body)
  })
})

describe('RFC 9110 §13.1.2, RFC 9111: caching', () => {
  it.each([OPENID, OAUTH, JWKS, '/.well-known/jwks.json'])(
    '%s can be cached and revalidated by its entity tag',
    async (url) => {
      const first = await get(url)
      const etag = String(first.headers['etag'])
      expect(etag).toMatch(/^"[\x21\x23-\x7e]+"$/)
      expect(first.headers['cache-control']).toMatch(/^public, max-age=[1-9]\d*$/)
      // Weak tags, a list of tags, and a star, because caches rewrite the header.
      for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, `"other",W/${etag}`, '*']) {
        const again = await get(url, { 'if-none-match': condition })
        expect([condition, again.statusCode, again.body]).toEqual([condition, 304, ''])
        expect(again.headers['etag']).toBe(etag)
        expect(again.headers['cache-control']).toBe(first.headers['cache-control'])
      }
      for (const condition of ['"other"', 'W/"other"', etag.slice(1, -1), `"${etag.slice(1, 5)}"`]) {
        const answer = await get(url, { 'if-none-match': condition })
        expect([condition, answer.statusCode, answer.body]).toEqual([condition, 200, first.body])
      }
    },
  )

  it.each([OPENID, JWKS])('%s supports HEAD, and no unsafe method', async (url) => {
    const head = await test.app.inject({ method: 'HEAD', url })
    expect([head.statusCode, head.body]).toEqual([200, ''])
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const answer = await test.app.inject({ method, url })
      expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'GET, HEAD'])
      expect(answer.headers['cache-control']).toBe('no-store')
    }
  })
})
