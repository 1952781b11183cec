import { createSecretKey } from 'node:crypto'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../../support/api.ts'
import { ISSUER } from '../../../support/app.ts'
import { startDocumentServer } from '../../../support/document-server.ts'
import { REDIRECT_URI } from '../../../support/relying-party.ts'

const REGISTER = '/oauth2/register'
const POLICY = '/v1/admin/registration-policy'
const ISSUERS = '/v1/admin/software-statement-issuers'
const DIRECTORY = 'https://directory.example.com'
const INVALID = [400, 'invalid_software_statement']
const UNAPPROVED = [400, 'unapproved_software_statement']

interface Registered {
  client_id: string
  registration_access_token: string
  [member: string]: unknown
}

let api: Api
let pair: { privateKey: CryptoKey; publicKey: CryptoKey }
let stranger: { privateKey: CryptoKey; publicKey: CryptoKey }
let published: JWK
let other: Person
beforeAll(async () => {
  api = await createApi({ allow: ['localhost'] })
  pair = await generateKeyPair('ES256', { extractable: true })
  stranger = await generateKeyPair('ES256', { extractable: true })
  published = await exportJWK(pair.publicKey)
  other = await api.addPerson(['clients:*'], await api.addOrganisation('beta'))
})
afterAll(() => api.close())

const setPolicy = (body: object, person = api.owner) => api.send(person, 'PUT', POLICY, { body })
const trust = async (more: object = {}, person = api.owner) => {
  const body = { issuer: DIRECTORY, jwks: { keys: [published] }, scopes: ['openid', 'email', 'payments'], ...more }
  const answer = await api.send(person, 'POST', ISSUERS, { body })
  return { status: answer.statusCode, ...answer.json<{ id: string }>() }
}
const seconds = () => Math.floor(api.clock.now().getTime() / 1000)
const sign = (
  claims: object,
  header: object = {},
  key: CryptoKey | ReturnType<typeof createSecretKey> = pair.privateKey,
) =>
  new SignJWT({ iss: DIRECTORY, ...claims })
    .setProtectedHeader({ alg: 'ES256', ...header })
    .sign(key, { crit: { urgent: true } })
const register = (body: object, headers: Record<string, string> = {}) =>
  api.send(undefined, 'POST', REGISTER, { body: { redirect_uris: [REDIRECT_URI], ...body }, headers })
const result = async (statement: unknown, more: object = {}, headers: Record<string, string> = {}) => {
  const answer = await register({ software_statement: statement, ...more }, headers)
  return [answer.statusCode, answer.json<{ error?: string }>().error]
}
const registered = async (claims: object, more: object = {}) => {
  const answer = await register({ software_statement: await sign(claims), ...more })
  expect([answer.statusCode, answer.json<{ error?: string }>().error]).toEqual([201, undefined])
  return answer.json<Registered>()
}

beforeEach(async () => {
  await api.prisma.softwareStatementIssuer.deleteMany()
  await setPolicy({ policy: 'open', softwareStatementRequired: false })
  await trust()
})

describe('RFC 7591 §2.3 the claims of a statement', () => {
  it("override the client's values; the client chooses the rest", async () => {
    const said = { client_name: 'Impostor', tos_uri: 'https://app.example.com/terms', software_id: 'mine' }
    const client = await registered(
      { client_name: 'Vouched for', software_id: '4NRB1', redirect_uris: ['https://vouched.example.com/cb'] },
      said,
    )
    expect(client).toMatchObject({
      client_name: 'Vouched for',
      software_id: '4NRB1',
      redirect_uris: ['https://vouched.example.com/cb'],
      tos_uri: 'https://app.example.com/terms',
    })
    const row = await api.prisma.client.findUniqueOrThrow({ where: { clientId: client.client_id } })
    expect(row).toMatchObject({ name: 'Vouched for', redirectUris: ['https://vouched.example.com/cb'] })
  })

  it("override the client's values in every language", async () => {
    const client = await registered(
      { client_name: 'Vouched for' },
      { 'client_name#fr': 'Imposteur', 'tos_uri#fr': 'https://a.example/' },
    )
    expect(client).not.toHaveProperty('client_name#fr')
    expect(client).toHaveProperty('tos_uri#fr')
    const both = await registered(
      { client_name: 'A', 'client_name#fr': 'B' },
      { 'client_name#fr': 'C', 'client_name#de': 'D' },
    )
    expect(both).toMatchObject({ 'client_name#fr': 'B' })
    expect(both).not.toHaveProperty('client_name#de')
  })

  it('are returned as sent (§3.2.1), also later', async () => {
    const statement = await sign({ client_name: 'A' })
    const answer = await register({ software_statement: statement })
    const client = answer.json<Registered>()
    expect(client['software_statement']).toBe(statement)
    const read = await api.send(undefined, 'GET', `${REGISTER}/${client.client_id}`, {
      headers: { authorization: `Bearer ${client.registration_access_token}` },
    })
    expect(read.json<Registered>()['software_statement']).toBe(statement)
  })

  it('must comply with the rules for client metadata', async () => {
    expect(await result(await sign({ redirect_uris: ['javascript:alert(1)'] }))).toEqual([400, 'invalid_redirect_uri'])
    expect(await result(await sign({ client_name: 'a\0b' }))).toEqual([400, 'invalid_software_statement'])
    expect(await result(await sign({ client_name: 'a\nb' }))).toEqual([400, 'invalid_client_metadata'])
    expect(await result(await sign({ is_first_party: true, isFirstParty: true, profile: 'oauth2.1' }))).toEqual([
      201,
      undefined,
    ])
    expect(await api.prisma.client.count({ where: { isFirstParty: true } })).toBe(0)
  })

  it('record the issuer in the audit event', async () => {
    const { client_id: clientId } = await registered({})
    const { id } = await api.prisma.client.findUniqueOrThrow({ where: { clientId } })
    const event = await api.prisma.auditEvent.findFirstOrThrow({ where: { clientId: id } })
    expect(event.metadata).toMatchObject({ statementIssuer: DIRECTORY })
  })

  it('allow the scopes of the issuer, and the named grant type', async () => {
    expect(await registered({ scope: 'openid payments' })).toMatchObject({ scope: 'openid payments' })
    expect(await registered({}, { scope: 'payments' })).toMatchObject({ scope: 'payments' })
    expect(await registered({})).toMatchObject({ scope: 'openid email' })
    expect(await result(await sign({}), { scope: 'openid profile' })).toEqual([400, 'invalid_client_metadata'])
    const machine = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'payments' }
    expect(await registered(machine)).toMatchObject({ grant_types: ['client_credentials'] })
    expect(await result(await sign({}), machine)).toEqual([400, 'invalid_client_metadata'])
  })

  it('allow no scope that the initial access token does not', async () => {
    await setPolicy({ policy: 'token' })
    const made = await api.send(api.owner, 'POST', '/v1/admin/initial-access-tokens', {
      body: { name: 'T', uses: 9, scopes: ['openid', 'reports'] },
    })
    const bearer = { authorization: `Bearer ${made.json<{ token: string }>().token}` }
    expect(await result(await sign({ scope: 'openid' }), {}, bearer)).toEqual([201, undefined])
    expect(await result(await sign({ scope: 'payments' }), {}, bearer)).toEqual([400, 'invalid_client_metadata'])
    expect(await result(await sign({}), { scope: 'reports' }, bearer)).toEqual([400, 'invalid_client_metadata'])
    // A statement is not an initial access token.
    expect(await result(await sign({}))).toEqual([401, 'invalid_token'])
  })
})

describe('RFC 7591 §3.2.2 invalid_software_statement', () => {
  it.each([
    ['another’s key', () => sign({}, {}, stranger.privateKey)],
    ['no signature', () => new UnsecuredJWT({ iss: DIRECTORY }).encode()],
    ['a secret', () => sign({}, { alg: 'HS256' }, createSecretKey(Buffer.alloc(32, 7)))],
    [
      'the public key as a secret',
      async () => sign({}, { alg: 'HS256' }, createSecretKey(Buffer.from(await exportSPKI(pair.publicKey)))),
    ],
    ['an end in the past', () => sign({ exp: seconds() - 31 })],
    ['an end that is no number', () => sign({ exp: 'never' })],
    ['a beginning in the future', () => sign({ nbf: seconds() + 120 })],
    ['an issue in the future', () => sign({ iat: seconds() + 120 })],
    ['another server as its audience', () => sign({ aud: 'https://elsewhere.example.com' })],
    ['a client as its audience, like an ID token', () => sign({ aud: 'client_abc' })],
    ['the type of an access token', () => sign({}, { typ: 'at+jwt' })],
    ['the type of a logout token', () => sign({}, { typ: 'logout+jwt' })],
    ['an extension that is critical', () => sign({}, { crit: ['urgent'], urgent: true })],
    ['an audience of which one is no text', () => sign({ aud: [ISSUER, 7] })],
    ['a jti that is a number', () => sign({ jti: 7 })],
    ['an iat that is a text', () => sign({ iat: '1' })],
    ['half a character in an unknown claim', () => sign({ color: '\ud800' })],
    ['an issuer that is an object', () => sign({ iss: { equals: DIRECTORY } })],
    ['an issuer that is a list', () => sign({ iss: [DIRECTORY] })],
    ['an issuer that is empty', () => sign({ iss: '' })],
    ['an issuer with NUL', () => sign({ iss: `${DIRECTORY}\0` })],
    ['an issuer that is huge', () => sign({ iss: `${DIRECTORY}/${'x'.repeat(600)}` })],
    ['an issuer of half a character', () => sign({ iss: '\ud800' })],
    ['no issuer', () => sign({ iss: undefined })],
    ['too much to say', () => sign({ client_name: 'x'.repeat(17_000) })],
    ['no text', () => Promise.resolve({ iss: DIRECTORY })],
    ['a list of texts', async () => [await sign({})]],
    ['no JWT', () => Promise.resolve('statement')],
    [
      'an altered claim',
      async () =>
        (await sign({ client_name: 'A' })).replace(
          /\.[^.]+\./,
          `.${btoa(`{"iss":"${DIRECTORY}"}`).replaceAll('=', '')}.`,
        ),
    ],
  ])('%s', async (_, make) => {
    const before = await api.prisma.client.count()
    expect(await result(await make())).toEqual(INVALID)
    expect(await api.prisma.client.count()).toBe(before)
  })

  it('expired, for another audience, or of another typ', async () => {
    const dates = { exp: seconds() + 60, nbf: seconds(), iat: seconds() }
    expect(await result(await sign({ ...dates, aud: ISSUER }, { typ: 'JWT' }))).toEqual([201, undefined])
    expect(await result(await sign({ aud: ['https://elsewhere.example.com', ISSUER] }))).toEqual([201, undefined])
  })

  it('if one is required and missing', async () => {
    await setPolicy({ policy: 'open', softwareStatementRequired: true })
    for (const missing of [undefined, null]) expect(await result(missing)).toEqual(INVALID)
    expect(await result(await sign({}))).toEqual([201, undefined])
  })
})

describe('RFC 7591 §3.1.1 the keys of an issuer by address', () => {
  let web: Awaited<ReturnType<typeof startDocumentServer>>
  beforeEach(async () => {
    web = await startDocumentServer()
    await trust({ issuer: web.base, jwks: null, jwksUri: `${web.base}/jwks` })
  })
  afterEach(() => web.close())
  const publish = async ({ publicKey }: { publicKey: CryptoKey }) =>
    web.documents.set('/jwks', { body: JSON.stringify({ keys: [await exportJWK(publicKey)] }) })

  it('are fetched from the configured URL, cached, and fetched again for an unknown key', async () => {
    await publish(pair)
    const elsewhere = { jwks_uri: `${web.base}/elsewhere`, iss: web.base }
    expect(await result(await sign(elsewhere))).toEqual([201, undefined])
    expect(await result(await sign({ iss: web.base }))).toEqual([201, undefined])
    expect(web.asked).toEqual(['/jwks'])
    await publish(stranger)
    api.clock.advance(6)
    expect(await result(await sign({ iss: web.base }, {}, stranger.privateKey))).toEqual([201, undefined])
    expect(web.asked).toEqual(['/jwks', '/jwks'])
  })

  it('verify nothing if the URL has no valid keys', async () => {
    expect(await result(await sign({ iss: web.base }))).toEqual(INVALID)
    web.documents.set('/jwks', { body: '<html>' })
    expect(await result(await sign({ iss: web.base }))).toEqual(INVALID)
  })
})

describe('RFC 7591 §3.2.2 unapproved_software_statement', () => {
  it('of an issuer that the organisation does not trust', async () => {
    expect(await result(await sign({ iss: 'https://elsewhere.example.com' }))).toEqual(UNAPPROVED)
    expect(await result(await sign({ iss: `${DIRECTORY}/` }))).toEqual(UNAPPROVED)
  })

  it('with a scope that its issuer may not give', async () => {
    expect(await result(await sign({ scope: 'openid clients:read' }))).toEqual(UNAPPROVED)
    expect(await result(await sign({ scope: 'openid profile' }))).toEqual(UNAPPROVED)
  })

  it('of an issuer that only another organisation trusts', async () => {
    await setPolicy({ policy: 'open' }, other)
    const there = { 'x-org-domain': other.organisation.slug }
    expect(await result(await sign({}), {}, there)).toEqual(UNAPPROVED)
    // Another issuer uses the same name in that organisation.
    await trust({ jwks: { keys: [await exportJWK(stranger.publicKey)] } }, other)
    expect(await result(await sign({}), {}, there)).toEqual(INVALID)
    expect(await result(await sign({}, {}, stranger.privateKey), {}, there)).toEqual([201, undefined])
    expect(await result(await sign({}, {}, stranger.privateKey))).toEqual(INVALID)
    expect(await result(await sign({}))).toEqual([201, undefined])
  })
})

describe('RFC 7592 §2.2 a client that was registered with a statement', () => {
  let client: Registered
  const replace = async (statement: string | undefined, more: object = {}) => {
    const answer = await api.send(undefined, 'PUT', `${REGISTER}/${client.client_id}`, {
      body: { client_id: client.client_id, redirect_uris: [REDIRECT_URI], software_statement: statement, ...more },
      headers: { authorization: `Bearer ${client.registration_access_token}` },
    })
    return [answer.statusCode, answer.json<{ error?: string }>().error]
  }
  beforeEach(async () => {
    client = await registered({ client_name: 'Vouched for', software_id: 'a', scope: 'openid payments' })
  })
  const name = async () => (await api.prisma.client.findUniqueOrThrow({ where: { clientId: client.client_id } })).name

  it('is replaced with a newer one about the same software', async () => {
    const newer = await sign({ client_name: 'Newer', software_id: 'a', scope: 'openid' })
    expect(await replace(newer, { client_name: 'Mine' })).toEqual([200, undefined])
    expect(await name()).toBe('Newer')
  })

  it('keeps its statement', async () => {
    expect(await replace(undefined, { client_name: 'Mine' })).toEqual(INVALID)
    expect(await name()).toBe('Vouched for')
  })

  it('cannot replace it with one for other software, or of another issuer', async () => {
    const elsewhere = 'https://elsewhere.example.com'
    await trust({ issuer: elsewhere })
    expect(await replace(await sign({ software_id: 'b' }))).toEqual(UNAPPROVED)
    expect(await replace(await sign({}))).toEqual(UNAPPROVED)
    expect(await replace(await sign({ iss: elsewhere, software_id: 'a' }))).toEqual(UNAPPROVED)
    expect(await replace(await sign({ software_id: 'a' }, {}, stranger.privateKey))).toEqual(INVALID)
    expect(await name()).toBe('Vouched for')
  })

  it('cannot use its statement after it expired or its issuer is no longer trusted', async () => {
    client = await registered({ client_name: 'Short', exp: seconds() + 60 })
    const same = String(client['software_statement'])
    expect(await replace(same)).toEqual([200, undefined])
    api.clock.advance(120)
    expect(await replace(same)).toEqual(INVALID)
    client = await registered({})
    await api.prisma.softwareStatementIssuer.deleteMany()
    expect(await replace(String(client['software_statement']))).toEqual(UNAPPROVED)
  })

  it('gets no additional scope, whatever the statement says', async () => {
    expect(await replace(await sign({ software_id: 'a', scope: 'openid email' }))).toEqual([
      400,
      'invalid_client_metadata',
    ])
  })
})

describe('RFC 7592 §2.2 any client', () => {
  it('cannot add client_credentials itself', async () => {
    const client = (await register({})).json<Registered>()
    const answer = await api.send(undefined, 'PUT', `${REGISTER}/${client.client_id}`, {
      body: {
        client_id: client.client_id,
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code', 'client_credentials'],
      },
      headers: { authorization: `Bearer ${client.registration_access_token}` },
    })
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_client_metadata'])
  })
})

describe('the trusted issuers of statements', () => {
  const one = (id: string) => `${ISSUERS}/${id}`

  it('are managed by administrators in their own organisation, with an audit event per change', async () => {
    await api.prisma.softwareStatementIssuer.deleteMany()
    const since = (await api.events()).length
    const { id, status, ...issuer } = await trust()
    expect([status, issuer]).toEqual([
      201,
      {
        issuer: DIRECTORY,
        jwks: { keys: [published] },
        jwksUri: null,
        scopes: ['openid', 'email', 'payments'],
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    ])
    expect((await trust()).status).toBe(409)
    const body = { jwksUri: 'https://directory.example.com/jwks', scopes: ['openid'] }
    for (const [method, content] of [
      ['PUT', { body }],
      ['DELETE', {}],
    ] as const) {
      expect((await api.send(other, method, one(id), content)).statusCode).toBe(404)
    }
    expect((await api.send(other, 'GET', ISSUERS)).json()).toMatchObject({ data: [] })
    const replaced = await api.send(api.owner, 'PUT', one(id), { body })
    expect([replaced.statusCode, replaced.json()]).toEqual([
      200,
      expect.objectContaining({ ...body, id, issuer: DIRECTORY, jwks: null }),
    ])
    expect((await api.send(api.owner, 'DELETE', one(id))).statusCode).toBe(204)
    expect((await api.send(api.owner, 'DELETE', one(id))).statusCode).toBe(404)
    expect((await api.send(api.owner, 'GET', ISSUERS)).json()).toEqual({ data: [] })
    expect((await api.events()).slice(since).map(({ type }) => type)).toEqual([
      'registration.issuer_added',
      'registration.issuer_changed',
      'registration.issuer_removed',
    ])
  })

  it('are identified by public keys, which are never those of this server', async () => {
    const jwksUri = 'https://directory.example.com/jwks'
    const oct = { kty: 'oct', k: 'c2VjcmV0' }
    const secret = await exportJWK(pair.privateKey)
    for (const [wrong, named] of [
      [{ issuer: 'a', jwks: null }, 'jwks'],
      [{ issuer: 'a', jwksUri }, 'jwks'],
      [{ issuer: 'a', jwks: { keys: [oct] } }, 'jwks'],
      [{ issuer: 'a', jwks: { keys: [secret] } }, 'jwks'],
      [{ issuer: ISSUER }, 'issuer'],
      [{ issuer: 'a\0' }, 'issuer'],
      [{ issuer: '' }, 'issuer'],
      [{ issuer: 'a', scopes: ['a b'] }, 'scopes'],
    ] as const) {
      const answer = await trust(wrong)
      expect([answer.status, JSON.stringify(answer)]).toEqual([400, expect.stringContaining(named)])
    }
  })

  it('grant no permission that the administrator lacks', async () => {
    const weak = await api.addPerson(['clients:create', 'clients:read'])
    expect((await trust({ issuer: 'w', scopes: ['openid', 'clients:delete'] }, weak)).status).toBe(403)
    const reader = await api.addPerson(['clients:read'])
    expect((await trust({ issuer: 'w' }, reader)).status).toBe(403)
    expect((await api.send(reader, 'GET', ISSUERS)).statusCode).toBe(200)
  })
})
