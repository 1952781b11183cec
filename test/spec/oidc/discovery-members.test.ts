import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readRedirect } from '../../support/read-response.ts'
import { createTestApp, ISSUER, type TestApp } from '../../support/app.ts'
import { keySet } from '../../support/published-keys.ts'
import { relyingParty } from '../../support/relying-party.ts'

let test: TestApp
let metadata: Record<string, unknown>
beforeAll(async () => {
  test = await createTestApp()
  metadata = (await test.app.inject({ url: '/.well-known/openid-configuration' })).json()
})
afterAll(() => test.close())

const endpoint = z.string().refine((address) => address.startsWith(`${ISSUER}/`) && !/[?#]/.test(address))
const names = z.array(z.string().regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/)).min(1)
// RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2.
const SIGNATURES = 'none HS256 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')
const algorithms = z.array(z.enum(SIGNATURES)).min(1)
const keyManagement = z.array(z.enum(['RSA-OAEP-256', 'ECDH-ES'])).min(1)
const contentEncryption = z.array(z.enum(['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A192GCM', 'A256GCM'])).min(1)
const truth = z.boolean()

/** The members registered with IANA (RFC 8414 §7.1) for supported specifications. */
const registered = z.strictObject({
  issuer: z.literal(ISSUER),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  userinfo_endpoint: endpoint,
  jwks_uri: endpoint,
  revocation_endpoint: endpoint,
  introspection_endpoint: endpoint,
  registration_endpoint: endpoint,
  device_authorization_endpoint: endpoint,
  pushed_authorization_request_endpoint: endpoint,
  end_session_endpoint: endpoint,
  check_session_iframe: endpoint,
  service_documentation: endpoint,
  frontchannel_logout_supported: truth,
  frontchannel_logout_session_supported: truth,
  backchannel_logout_supported: truth,
  backchannel_logout_session_supported: truth,
  scopes_supported: names.refine((scopes) => scopes.includes('openid')),
  response_types_supported: names,
  response_modes_supported: names,
  grant_types_supported: names,
  subject_types_supported: z.array(z.enum(['public', 'pairwise'])).min(1),
  id_token_signing_alg_values_supported: algorithms.refine((list) => list.includes('RS256')),
  userinfo_signing_alg_values_supported: algorithms.refine((list) => list.includes('RS256')),
  request_object_signing_alg_values_supported: algorithms.refine((list) => list.includes('RS256')),
  id_token_encryption_alg_values_supported: keyManagement,
  id_token_encryption_enc_values_supported: contentEncryption,
  userinfo_encryption_alg_values_supported: keyManagement,
  userinfo_encryption_enc_values_supported: contentEncryption,
  request_object_encryption_alg_values_supported: keyManagement,
  request_object_encryption_enc_values_supported: contentEncryption,
  token_endpoint_auth_methods_supported: names,
  token_endpoint_auth_signing_alg_values_supported: algorithms.refine((list) => !list.includes('none')),
  revocation_endpoint_auth_methods_supported: names,
  revocation_endpoint_auth_signing_alg_values_supported: algorithms.refine((list) => !list.includes('none')),
  introspection_endpoint_auth_methods_supported: names.refine((methods) => !methods.includes('none')),
  introspection_endpoint_auth_signing_alg_values_supported: algorithms.refine((list) => !list.includes('none')),
  introspection_signing_alg_values_supported: algorithms.refine((list) => !list.includes('none')),
  introspection_encryption_alg_values_supported: keyManagement,
  introspection_encryption_enc_values_supported: contentEncryption,
  authorization_signing_alg_values_supported: algorithms.refine((list) => !list.includes('none')),
  authorization_encryption_alg_values_supported: keyManagement,
  authorization_encryption_enc_values_supported: contentEncryption,
  dpop_signing_alg_values_supported: algorithms.refine((list) => !list.includes('none') && !list.includes('HS256')),
  code_challenge_methods_supported: names.refine((methods) => methods.includes('S256') && !methods.includes('plain')),
  prompt_values_supported: names,
  claim_types_supported: z.tuple([z.literal('normal')]),
  claims_supported: names.refine((claims) => claims.includes('sub')),
  ui_locales_supported: names.refine((tags) => Intl.getCanonicalLocales(tags).length === tags.length),
  claims_parameter_supported: truth,
  acr_values_supported: names,
  request_parameter_supported: truth,
  request_uri_parameter_supported: truth,
  require_request_uri_registration: truth,
  require_pushed_authorization_requests: truth,
  authorization_response_iss_parameter_supported: truth,
  client_id_metadata_document_supported: z.boolean(),
})

describe('OpenID Connect Discovery §3, RFC 8414 §2: every member of the metadata', () => {
  it('is registered, and has the registered type', () => {
    expect(registered.safeParse(metadata).error?.issues).toBeUndefined()
  })

  it('uses https URLs, and lists without duplicates', () => {
    for (const [name, value] of Object.entries(metadata)) {
      if (typeof value !== 'object') continue
      expect([name, new Set(value as string[]).size]).toEqual([name, (value as string[]).length])
    }
    expect(ISSUER).toMatch(/^https:\/\/[^?#]+[^/?#]$/)
  })
})

describe('the algorithms of request objects and userinfo in the metadata', () => {
  const listed = (name: string) => metadata[name] as string[]

  it('are accepted for request objects', async () => {
    const cookie = await test.signIn()
    for (const alg of listed('request_object_signing_alg_values_supported')) {
      const pair = alg === 'none' ? undefined : await generateKeyPair(alg, { extractable: true })
      const request = pair
        ? await new SignJWT({ state: 'inside' }).setProtectedHeader({ alg }).sign(pair.privateKey)
        : new UnsecuredJWT({ state: 'inside' }).encode()
      const jwks = pair && { keys: [await exportJWK(pair.publicKey)] }
      const client = await test.registerClient({ requestObjectSigningAlg: alg, ...(jwks && { jwks }) })
      const url = relyingParty(test, client).authorizeUrl({ request })
      const answer = await test.app.inject({ method: 'GET', url, headers: { cookie } })
      expect([alg, readRedirect(answer)]).toMatchObject([alg, { state: 'inside', code: expect.any(String) }])
    }
  })

  it('sign userinfo', async () => {
    for (const alg of listed('userinfo_signing_alg_values_supported')) {
      const rp = relyingParty(test, await test.registerClient({ userinfoSignedResponseAlg: alg }))
      const { body } = await rp.userinfo((await rp.tokens()).access_token)
      const [head = ''] = body.split('.')
      expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({ alg, kid: expect.any(String) })
    }
  })
})

describe('RFC 7518 §3.3, RFC 7517 §4: the size of keys', () => {
  it('is at least 2048 bits for RSA, and the size of the curve for other keys', async () => {
    const { keys } = await keySet(test)
    expect(keys.length).toBeGreaterThan(0)
    const bits = (value: unknown) => Buffer.from(String(value), 'base64url').length * 8
    const curves: Readonly<Record<string, number>> = { 'P-256': 256, 'P-384': 384, 'P-521': 528, Ed25519: 256 }
    const sound = keys.filter(({ kty, n, crv, x }) =>
      kty === 'RSA' ? bits(n) >= 2048 : bits(x) === curves[String(crv)],
    )
    expect(sound).toEqual(keys)
  })
})
