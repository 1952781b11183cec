import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'

const PATH = '/v1/admin/clients'
const web = {
  name: 'Web',
  clientType: 'confidential',
  redirectUris: ['https://app.example.com/callback'],
  scopes: ['openid'],
}

let api: Api

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

async function register(body: object = web) {
  const answer = await api.send(api.owner, 'POST', PATH, { body })
  expect(answer.statusCode).toBe(201)
  return answer.json<{ id: string; warnings: { code: string }[] }>()
}

/** The whole of the stored clients and events: what a rehearsal must not change. */
const everything = async () => ({
  clients: await api.prisma.client.findMany({ orderBy: { id: 'asc' }, include: { secrets: true } }),
  events: await api.events(),
})

describe('?dryRun=true', () => {
  it('on a new client says every setting that it would get, and what is risky, and stores nothing', async () => {
    const before = await everything()
    const answer = await api.send(api.owner, 'POST', `${PATH}?dryRun=true`, { body: { ...web, requirePkce: false } })
    expect(answer.statusCode).toBe(200)
    const { dryRun, changes, warnings } = answer.json<{ dryRun: true; changes: object[]; warnings: object[] }>()
    expect(dryRun).toBe(true)
    expect(changes).toEqual(
      expect.arrayContaining([
        { member: 'name', to: 'Web' },
        { member: 'grantTypes', to: ['authorization_code', 'refresh_token'] },
        { member: 'logoUri', to: null },
      ]),
    )
    expect(warnings).toMatchObject([{ code: 'no-pkce', member: 'requirePkce' }])
    expect(await everything()).toEqual(before)
  })

  it.each([
    ['PATCH', { 'content-type': 'application/json' }, { name: 'New', requirePkce: false }],
    ['PATCH', { 'content-type': 'application/merge-patch+json' }, { name: 'New', requirePkce: false }],
    [
      'PATCH',
      { 'content-type': 'application/json-patch+json' },
      [
        { op: 'replace', path: '/name', value: 'New' },
        { op: 'replace', path: '/requirePkce', value: false },
      ],
    ],
    ['PUT', {}, { ...web, name: 'New', requirePkce: false }],
  ] as const)('on a %s says from what to what, and writes nothing', async (method, headers, body) => {
    const { id } = await register()
    const before = await everything()
    const answer = await api.send(api.owner, method, `${PATH}/${id}?dryRun=true`, { body, headers })
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        dryRun: true,
        changes: [
          { member: 'name', from: 'Web', to: 'New' },
          { member: 'requirePkce', from: true, to: false },
        ],
        warnings: [expect.objectContaining({ code: 'no-pkce' })],
      },
    ])
    expect(await everything()).toEqual(before)
  })

  it('on a DELETE says what would go, and leaves it', async () => {
    const { id } = await register()
    const before = await everything()
    const answer = await api.send(api.owner, 'DELETE', `${PATH}/${id}?dryRun=true`)
    expect(answer.json()).toMatchObject({
      dryRun: true,
      changes: expect.arrayContaining([{ member: 'name', from: 'Web' }]),
    })
    expect(await everything()).toEqual(before)
  })

  it.each(['PATCH', 'PUT'] as const)('on a %s lists all that is wrong, field by field', async (method) => {
    const { id } = await register()
    const body = { name: '', colour: 'red', redirectUris: ['/x'], grantTypes: ['refresh_token'] }
    const answer = await api.send(api.owner, method, `${PATH}/${id}?dryRun=true`, { body })
    expect(answer.statusCode).toBe(400)
    const { errors } = answer.json<{ errors: { path: string[] }[] }>()
    const paths = errors.map(({ path }) => path.join('.')).toSorted()
    expect(paths).toEqual(expect.arrayContaining(['colour', 'grantTypes.0', 'name', 'redirectUris.0']))
  })

  it('honours If-Match and the rights of who asks', async () => {
    const { id } = await register()
    const stale = await api.send(api.owner, 'PATCH', `${PATH}/${id}?dryRun=true`, {
      body: { name: 'New' },
      headers: { 'if-match': '"0"' },
    })
    const person = await api.addPerson(['clients:update'])
    const beyond = await api.send(person, 'PATCH', `${PATH}/${id}?dryRun=true`, { body: { scopes: ['users:read'] } })
    expect([stale.statusCode, beyond.statusCode]).toEqual([412, 403])
  })

  it.each(['?dryRun=yes', '?dryRun=true&dryRun=true'])('is refused as %s', async (query) => {
    const before = await everything()
    const answer = await api.send(api.owner, 'POST', `${PATH}${query}`, { body: web })
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { errors: [{ path: ['dryRun'] }] }])
    expect(await everything()).toEqual(before)
  })

  it('is no dry run as false', async () => {
    const answer = await api.send(api.owner, 'POST', `${PATH}?dryRun=false`, { body: web })
    expect(answer.statusCode).toBe(201)
  })
})

describe('warnings', () => {
  const rsaKey = (bits: number) => ({ kty: 'RSA', e: 'AQAB', n: Buffer.alloc(bits / 8, 255).toString('base64url') })
  const own = (uri: string) => ({ redirectUris: [uri] })

  it.each([
    [{}, []],
    [{ grantTypes: ['authorization_code', 'implicit'], responseTypes: ['code', 'id_token'] }, ['implicit-beside-code']],
    [{ grantTypes: ['implicit'], responseTypes: ['id_token token'] }, ['token-in-front-channel']],
    [own('http://localhost:3000/callback'), ['loopback-by-name']],
    [own('http://127.0.0.1:3000/callback'), []],
    [{ redirectUris: [...web.redirectUris, 'http://127.0.0.1/callback'] }, ['loopback-of-a-server']],
    [{ clientType: 'public', ...own('com.example.app:/callback') }, ['private-scheme']],
    [{ requirePkce: false }, ['no-pkce']],
    [{ requireConsent: false }, ['no-consent']],
    [{ requireConsent: false, isFirstParty: true }, []],
    [{ accessTokenLifetime: 3601 }, ['long-access-token']],
    [{ accessTokenLifetime: 3601, accessTokenFormat: 'opaque' }, []],
    [{ refreshTokenLifetime: 90 * 86_400 + 1 }, ['long-refresh-token']],
    [{ idTokenLifetime: 3601 }, ['long-id-token']],
    [{ refreshTokenReuseWindow: 31 }, ['long-reuse-window']],
    [{ idTokenSignedResponseAlg: 'none' }, ['unsigned-id-token']],
    [{ includeClaimsInIdToken: true }, ['claims-in-id-token']],
    [
      {
        includeClaimsInIdToken: true,
        idTokenEncryptedResponseAlg: 'ECDH-ES',
        jwksUri: 'https://app.example.com/keys',
      },
      [],
    ],
    [{ claims: [{ source: 'groups', name: 'groups', in: ['id_token'] }] }, ['claims-without-scope']],
    [{ claims: [{ source: 'groups', name: 'groups', in: ['id_token'], scope: 'groups' }] }, []],
    [{ maxClaimBytes: 4097 }, ['large-claims']],
    [{ accessTokenTyp: 'JWT' }, ['access-token-as-jwt']],
    [{ requestObjectSigningAlg: 'none' }, ['unsigned-request-object']],
    [{ requestUris: ['https://app.example.com/r'], jwksUri: 'https://app.example.com/keys' }, ['any-request-object']],
    [
      { tokenEndpointAuthMethod: 'private_key_jwt', jwks: { keys: [rsaKey(2048)] } },
      ['any-assertion-algorithm', 'short-rsa-key', 'keys-by-value'],
    ],
    [
      {
        tokenEndpointAuthMethod: 'private_key_jwt',
        tokenEndpointAuthSigningAlg: 'ES256',
        jwksUri: 'https://app.example.com/keys',
      },
      [],
    ],
    [{ jwks: { keys: [rsaKey(3072)] } }, []],
    [{ tokenEndpointAuthMethod: 'client_secret_post' }, ['secret-in-body']],
    [{ grantTypes: ['client_credentials'], scopes: ['*'] }, ['all-rights']],
  ])('on %j are %j, in each answer that sets it, at /lint, and not in the client', async (settings, codes) => {
    const { id, warnings } = await register({ ...web, ...settings })
    expect(warnings.map(({ code }) => code)).toEqual(codes)
    const changed = await api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body: { description: 'Same' } })
    const linted = await api.send(api.owner, 'GET', `${PATH}/${id}/lint`)
    const read = await api.send(api.owner, 'GET', `${PATH}/${id}`)
    expect(changed.json()).toMatchObject({ warnings })
    expect(linted.json()).toEqual({ data: warnings })
    expect(read.json()).not.toHaveProperty('warnings')
  })

  it('say the member, why it is risky, and what would be better', async () => {
    const { warnings } = await register({ ...web, requirePkce: false })
    expect(warnings).toEqual([
      {
        code: 'no-pkce',
        member: 'requirePkce',
        message: expect.stringMatching(/^is false/),
        advice: expect.stringMatching(/RFC 9700/),
      },
    ])
  })
})
