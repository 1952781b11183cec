// What tokens carry about a user beside the standard claims: roles, teams, permissions, the organisation and constants.
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { relyingParty, type Tokens } from '../../support/relying-party.ts'

const SCOPES = ['openid', 'profile', 'email', 'roles', 'groups', 'permissions', 'organisation', 'api']
const ORGANISATION_SCOPES = 'openid roles groups permissions organisation'
const CLIENTS = '/v1/admin/clients'
const OWNER_PERMISSIONS = ['*']

let api: Api
let browser: ReturnType<Api['browser']>
let acme: { id: string; slug: string; name: string }
let endsAt: number
let teams: Record<'platform' | 'support', string>

interface Body {
  id: string
}

async function ok(method: 'POST' | 'DELETE' | 'PATCH', url: string, body?: unknown): Promise<Body> {
  const answer = await api.send(api.owner, method, url, body === undefined ? {} : { body })
  if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode} ${answer.body}`)
  return answer.json<Body>()
}

beforeAll(async () => {
  api = await createApi()
  browser = api.browser()
  const { id, slug, name } = await api.prisma.organisation.findFirstOrThrow()
  acme = { id, slug, name }
  const team = async (teamSlug: string) => {
    const { id: teamId } = await ok('POST', '/v1/admin/teams', { name: `The ${teamSlug} team`, slug: teamSlug })
    await ok('POST', `/v1/admin/teams/${teamId}/members`, { userId: api.owner.id })
    return teamId
  }
  teams = { platform: await team('platform'), support: await team('support') }
  const role = (roleSlug: string, permissions: string[] = []) =>
    ok('POST', '/v1/admin/roles', { name: `An ${roleSlug}`, slug: roleSlug, permissions })
  const auditor = await role('auditor', ['audit:read'])
  const editor = await role('editor', ['clients:update'])
  const former = await role('former')
  endsAt = Math.floor(api.clock.now().getTime() / 1000) + 86_400
  // Through a team, and with an end.
  await ok('POST', `/v1/admin/teams/${teams.platform}/roles`, {
    roleId: auditor.id,
    expiresAt: new Date(endsAt * 1000).toISOString(),
  })
  // Within a team only.
  await ok('POST', `/v1/admin/users/${api.owner.id}/roles`, { roleId: editor.id, teamId: teams.support })
  // Two attributes of the user, one of them hidden from the user, and one without a value. Names may be those of other parts.
  for (const attribute of [
    { name: 'roles', type: 'string', access: 'hidden' },
    { name: 'sites', type: 'string[]', access: 'readable' },
    { name: 'constructor', type: 'number', access: 'editable' },
  ])
    await ok('POST', '/v1/admin/user-attributes', attribute)
  await ok('PATCH', `/v1/admin/users/${api.owner.id}`, { attributes: { roles: '4711', sites: ['Bern', 'Aarau'] } })
  // Ended.
  const soon = new Date(api.clock.now().getTime() + 60_000).toISOString()
  await ok('POST', `/v1/admin/users/${api.owner.id}/roles`, { roleId: former.id, expiresAt: soon })
  api.clock.advance(120)
})
afterAll(() => api.close())

/** A claim in some places, as its client is configured for it. */
const claim = (source: string, more: object = {}) => ({
  source,
  name: source,
  in: ['id_token', 'access_token', 'userinfo', 'introspection'],
  ...more,
})

/** Everything that a client with these settings receives for a scope. */
async function received(settings: Record<string, unknown>, scope = 'openid', more: Record<string, string> = {}) {
  const client = await api.registerClient({ clientType: 'confidential', scopes: SCOPES, ...settings })
  const rp = relyingParty(api, client)
  const tokens = await rp.tokens(browser, { scope, ...more })
  const places = {
    id_token: decodeJwt(tokens.id_token),
    userinfo: (await rp.userinfo(tokens.access_token)).json<Record<string, unknown>>(),
    introspection: (await rp.introspect(tokens.access_token)).json<Record<string, unknown>>(),
  }
  const isOpaque = settings['accessTokenFormat'] === 'opaque'
  return { ...places, access_token: isOpaque ? {} : decodeJwt(tokens.access_token), rp, tokens, client }
}

const NAMES = ['roles', 'groups', 'permissions', 'organisation']
/** The members of these names. */
const pick = (claims: Record<string, unknown>, names: readonly string[] = NAMES) =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => names.includes(name)))

describe('the scopes roles, groups, permissions and organisation', () => {
  const defaults = () => ({
    roles: ['auditor', 'owner'],
    groups: ['platform', 'support'],
    permissions: expect.arrayContaining([...OWNER_PERMISSIONS, 'audit:read']),
    organisation: acme,
  })

  it('are at userinfo, as lists of slugs and the organisation, and not in tokens', async () => {
    const { id_token, access_token, userinfo, introspection } = await received({}, ORGANISATION_SCOPES)
    expect(pick(userinfo)).toEqual(defaults())
    for (const claims of [id_token, access_token, introspection]) expect(pick(claims)).toEqual({})
  })

  it('are in the ID token too with includeClaimsInIdToken, also after a refresh', async () => {
    const { id_token, rp, tokens } = await received({ includeClaimsInIdToken: true }, ORGANISATION_SCOPES)
    expect(pick(id_token)).toEqual(defaults())
    const refreshed = (await rp.refresh(tokens.refresh_token)).json<Tokens>()
    expect(pick(decodeJwt(refreshed.id_token))).toEqual(defaults())
    const narrowed = await rp.refresh(refreshed.refresh_token, { scope: 'openid groups' })
    expect(pick(decodeJwt(narrowed.json<Tokens>().id_token))).toEqual({ groups: ['platform', 'support'] })
  })

  it('release only what was granted', async () => {
    const { userinfo } = await received({}, 'openid groups')
    expect(pick(userinfo)).toEqual({ groups: ['platform', 'support'] })
  })

  it('are in an ID token that is issued without an access token (OpenID Connect Core §5.4)', async () => {
    const settings = {
      clientType: 'confidential',
      grantTypes: ['implicit'],
      responseTypes: ['id_token'],
      scopes: SCOPES,
    }
    const rp = relyingParty(api, await api.registerClient(settings))
    await browser.get(rp.authorizeUrl({ response_type: 'id_token', scope: ORGANISATION_SCOPES, nonce: 'n' }))
    expect(pick(decodeJwt(browser.answer().get('id_token') ?? ''))).toEqual(defaults())
  })

  it('are requested by the parameter claims, too', async () => {
    const claims = JSON.stringify({ id_token: { groups: null }, userinfo: { roles: null } })
    const { id_token, userinfo } = await received({}, 'openid', { claims })
    expect(pick(id_token)).toEqual({ groups: ['platform', 'support'] })
    expect(pick(userinfo)).toEqual({ roles: ['auditor', 'owner'] })
  })

  it('are not for client_credentials, and not for a client that is not registered for them', async () => {
    const client = await api.registerClient({
      clientType: 'confidential',
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scopes: ['api', 'roles'],
    })
    const answer = await relyingParty(api, client).exchange('', { grant_type: 'client_credentials', scope: 'roles' })
    expect(answer.json()).toMatchObject({ error: 'invalid_scope' })
    const other = relyingParty(api, await api.registerClient())
    await browser.get(other.authorizeUrl({ scope: 'openid roles' }))
    expect(browser.answer().get('error')).toBe('invalid_scope')
  })

  it('are listed in the metadata', async () => {
    const metadata = (await api.app.inject('/.well-known/openid-configuration')).json<Record<string, string[]>>()
    for (const list of ['scopes_supported', 'claims_supported'])
      expect(metadata[list]).toEqual(expect.arrayContaining(NAMES))
  })
})

describe('a first-party client', () => {
  it('receives roles, permissions and the organisation without a scope, as the contract has them', async () => {
    const { id_token, access_token, userinfo } = await received({ isFirstParty: true }, 'openid')
    expect(pick(access_token)).toEqual({ roles: ['auditor', 'owner'] })
    expect(pick(id_token)).toEqual({})
    expect(pick(userinfo)).toEqual({
      roles: [
        { slug: 'auditor', name: 'An auditor' },
        { slug: 'owner', name: 'Owner' },
      ],
      permissions: expect.arrayContaining([{ name: 'audit:read', slug: 'audit:read' }]),
      organisation: acme,
    })
  })

  it('receives what it configures instead, source by source', async () => {
    const { access_token, userinfo } = await received({
      isFirstParty: true,
      claims: [claim('roles', { in: ['userinfo'] })],
    })
    expect(pick(access_token)).toEqual({})
    expect(userinfo['roles']).toEqual(['auditor', 'owner'])
    expect(userinfo['organisation']).toEqual(acme)
  })
})

describe('claims that a client configures', () => {
  const editor = () => ({ slug: 'editor', name: 'An editor', team: { slug: 'support', name: 'The support team' } })

  it.each<[settings: object, value: () => unknown]>([
    [{ source: 'roles' }, () => ['auditor', 'owner']],
    [{ source: 'roles', shape: 'name', prefix: 'x:' }, () => ['x:An auditor', 'x:Owner']],
    [{ source: 'roles', shape: 'path' }, () => ['acme/auditor', 'acme/support/editor', 'acme/owner']],
    [
      { source: 'roles', shape: 'object' },
      () => [{ slug: 'auditor', name: 'An auditor', expires_at: endsAt }, editor(), { slug: 'owner', name: 'Owner' }],
    ],
    [{ source: 'groups', prefix: 'team:' }, () => ['team:platform', 'team:support']],
    [{ source: 'groups', shape: 'path' }, () => ['acme/platform', 'acme/support']],
    [
      { source: 'groups', shape: 'object' },
      () => (['platform', 'support'] as const).map((slug) => ({ id: teams[slug], slug, name: `The ${slug} team` })),
    ],
    [{ source: 'permissions' }, () => expect.arrayContaining(['audit:read', '*'])],
    [{ source: 'organisation' }, () => acme],
    [{ source: 'organisation', shape: 'slug', prefix: '/' }, () => '/acme'],
    [{ source: 'constant', value: { tier: ['gold', 2] } }, () => ({ tier: ['gold', 2] })],
    [{ source: 'email' }, () => 'owner@acme.test'],
    [{ source: 'attribute', attribute: 'roles' }, () => '4711'],
    [{ source: 'attribute', attribute: 'sites' }, () => ['Bern', 'Aarau']],
    [{ source: 'attribute', attribute: 'constructor' }, () => undefined],
    [{ source: 'attribute', attribute: 'notDefined' }, () => undefined],
  ])('%j, in all four places', async (settings, value) => {
    const all = await received({ claims: [claim('it', { ...settings, name: 'https://acme.test/it' })] })
    for (const place of ['id_token', 'access_token', 'userinfo', 'introspection'] as const)
      expect([place, all[place]['https://acme.test/it']]).toEqual([place, value()])
  })

  it('are only where it wants them, and only with their scope', async () => {
    const claims = [claim('groups', { in: ['access_token'], scope: 'api' }), claim('roles', { in: ['introspection'] })]
    const without = await received({ claims }, 'openid groups')
    expect(pick(without.access_token)).toEqual({})
    expect(pick(without.userinfo)).toEqual({})
    expect(pick(without.introspection)).toEqual({ roles: ['auditor', 'owner'] })
    const granted = await received({ claims }, 'openid api')
    expect(pick(granted.access_token)).toEqual({ groups: ['platform', 'support'] })
    expect(pick(granted.introspection)).toEqual({ groups: ['platform', 'support'], roles: ['auditor', 'owner'] })
  })

  it('are at the introspection of an opaque token, as they are then', async () => {
    const { rp, tokens, introspection } = await received({
      accessTokenFormat: 'opaque',
      claims: [claim('groups', { in: ['introspection'] })],
    })
    expect(introspection['groups']).toEqual(['platform', 'support'])
    await ok('DELETE', `/v1/admin/teams/${teams.platform}/members/${api.owner.id}`)
    expect((await rp.introspect(tokens.access_token)).json()).toMatchObject({ groups: ['support'] })
    await ok('POST', `/v1/admin/teams/${teams.platform}/members`, { userId: api.owner.id })
  })

  it('are attributes without the roles whose name they have, also after a refresh', async () => {
    const attribute = { source: 'attribute', attribute: 'roles', name: 'cost_centre', scope: 'api' }
    const claims = [{ ...attribute, in: ['access_token'] }, claim('groups', { name: 'g', in: ['id_token'] })]
    const { access_token, id_token, rp, tokens } = await received({ claims }, 'openid api')
    expect([access_token['cost_centre'], access_token['roles'], id_token['g']]).toEqual([
      '4711',
      undefined,
      ['platform', 'support'],
    ])
    await ok('PATCH', `/v1/admin/users/${api.owner.id}`, { attributes: { roles: '4712' } })
    const refreshed = (await rp.refresh(tokens.refresh_token)).json<Tokens>()
    expect(decodeJwt(refreshed.access_token)['cost_centre']).toBe('4712')
    expect(decodeJwt((await received({ claims })).tokens.access_token)).not.toHaveProperty('cost_centre')
    await ok('PATCH', `/v1/admin/users/${api.owner.id}`, { attributes: { roles: '4711' } })
  })

  it('are warned about where no attribute has the name', async () => {
    const attribute = (name: string) => ({ source: 'attribute', attribute: name, name, in: ['userinfo'] })
    const lintOf = async (claims: object[]) => {
      const { id } = await api.registerClient({ isFirstParty: true, claims })
      const answer = await api.send(api.owner, 'GET', `${CLIENTS}/${id}/lint`)
      return answer
        .json<{ data: { code: string; message: string }[] }>()
        .data.filter(({ code }) => code === 'unknown-attribute')
    }
    expect(await lintOf([attribute('sites')])).toEqual([])
    expect(await lintOf([attribute('sites'), attribute('sitse')])).toMatchObject([
      { message: expect.stringMatching(/: sitse$/) },
    ])
  })

  it('are in tokens of the front channel', async () => {
    const settings = { grantTypes: ['implicit'], responseTypes: ['id_token token'], scopes: SCOPES }
    const claims = [
      claim('groups', { in: ['access_token'] }),
      claim('roles', { in: ['id_token'] }),
      { source: 'attribute', attribute: 'sites', name: 'sites', in: ['id_token'] },
    ]
    const rp = relyingParty(api, await api.registerClient({ clientType: 'confidential', ...settings, claims }))
    await browser.get(rp.authorizeUrl({ response_type: 'id_token token', scope: 'openid', nonce: 'n' }))
    expect(pick(decodeJwt(browser.answer().get('access_token') ?? ''))).toEqual({ groups: ['platform', 'support'] })
    expect(pick(decodeJwt(browser.answer().get('id_token') ?? ''), [...NAMES, 'sites'])).toEqual({
      roles: ['auditor', 'owner'],
      sites: ['Bern', 'Aarau'],
    })
  })
})

describe('what a client cannot configure', () => {
  const rejected: [problem: string, path: string, claims: unknown][] = [
    ['a claim of the protocol', 'claims.0.name', [claim('roles', { name: 'sub' })]],
    ['a claim that we read from our tokens', 'claims.0.name', [claim('roles', { name: 'org_id' })]],
    ['the mark of an access token', 'claims.0.name', [claim('constant', { name: 'token_use', value: 'access' })]],
    ['the mark of an overflow', 'claims.0.name', [claim('roles', { name: 'groups_overflow' })]],
    ['__proto__', 'claims.0.name', [claim('roles', { name: '__proto__' })]],
    ['an unknown source', 'claims.0.source', [claim('password')]],
    ['an unknown place', 'claims.0.in.0', [claim('roles', { in: ['header'] })]],
    ['no place', 'claims.0.in', [claim('roles', { in: [] })]],
    ['a shape of another source', 'claims.0.shape', [claim('organisation', { shape: 'path' })]],
    ['a prefix of objects', 'claims.0.prefix', [claim('roles', { shape: 'object', prefix: 'x' })]],
    ['a shape of a standard claim', 'claims.0.shape', [claim('email', { shape: 'slug' })]],
    ['a constant without a value', 'claims.0.value', [claim('constant')]],
    ['an attribute without its name', 'claims.0.attribute', [claim('attribute', { name: 'x' })]],
    ['a name that no attribute can have', 'claims.0.attribute', [claim('attribute', { name: 'x', attribute: 'a b' })]],
    ['an attribute of a role', 'claims.0.attribute', [claim('roles', { attribute: 'sites' })]],
    ['a value of a role', 'claims.0.value', [claim('roles', { value: 1 })]],
    ['a large constant', 'claims.0.value', [claim('constant', { value: 'x'.repeat(1024) })]],
    [
      'one name twice in a place',
      'claims.1.name',
      [claim('roles'), claim('groups', { name: 'roles', in: ['userinfo'] })],
    ],
    ['too many', 'claims', Array.from({ length: 21 }, (_, n) => claim('constant', { name: `c${n}`, value: n }))],
  ]
  it.each(rejected)('%s', async (_, path, claims) => {
    const body = { name: 'X', clientType: 'public', redirectUris: ['https://app.example.com/callback'], claims }
    const answer = await api.send(api.owner, 'POST', CLIENTS, { body })
    expect(answer.statusCode).toBe(400)
    const { errors } = answer.json<{ errors: { path: (string | number)[] }[] }>()
    expect(errors.map((error) => error.path.join('.'))).toContain(path)
  })
})

describe('maxClaimBytes', () => {
  it('leaves the largest claims out of tokens, says so, and userinfo has them', async () => {
    const long = { source: 'constant', name: 'long', in: ['access_token', 'id_token'], value: 'x'.repeat(900) }
    const longer = { ...long, name: 'longer', in: ['access_token'], value: 'y'.repeat(1000) }
    const claims = [long, longer, claim('groups', { in: ['access_token', 'id_token'] })]
    const settings = { claims, maxClaimBytes: 1000 }
    const { id_token, access_token, userinfo } = await received(settings)
    const names = ['long', 'longer', 'groups', 'long_overflow', 'longer_overflow', 'groups_overflow']
    expect(pick(access_token, names)).toEqual({
      long: long.value,
      longer_overflow: true,
      groups: ['platform', 'support'],
    })
    expect(pick(id_token, names)).toEqual({ long: long.value, groups: ['platform', 'support'] })
    expect(pick(userinfo, names)).toEqual({ longer: longer.value })
  })

  it('keeps a token within 8 kB by default, whatever the number of teams', async () => {
    const now = api.clock.now()
    const many = Array.from({ length: 400 }, (_, index) => ({
      id: crypto.randomUUID(),
      organisationId: acme.id,
      slug: `a-team-with-quite-a-long-name-${index}`,
      name: 'One of many',
      createdAt: now,
      updatedAt: now,
    }))
    await api.prisma.team.createMany({ data: many })
    await api.prisma.teamMember.createMany({
      data: many.map(({ id: teamId }) => ({ teamId, userId: api.owner.id, organisationId: acme.id, joinedAt: now })),
    })
    const { access_token, userinfo, tokens } = await received({ claims: [claim('groups', { in: ['access_token'] })] })
    expect(access_token).toMatchObject({ groups_overflow: true })
    expect(access_token).not.toHaveProperty('groups')
    expect(tokens.access_token.length).toBeLessThan(8192)
    expect(userinfo['groups']).toHaveLength(402)
    await api.prisma.team.deleteMany({ where: { id: { in: many.map(({ id }) => id) } } })
  })
})

describe('accessTokenTyp', () => {
  it.each([
    ['at+jwt', undefined],
    ['JWT', 'access'],
  ])('%s is the header of access tokens, which work everywhere', async (accessTokenTyp, use) => {
    const { rp, tokens, access_token, introspection, userinfo } = await received(
      { accessTokenTyp },
      'openid profile email',
    )
    expect(decodeProtectedHeader(tokens.access_token).typ).toBe(accessTokenTyp)
    expect(access_token['token_use']).toBe(use)
    expect(introspection['active']).toBe(true)
    expect(userinfo['email']).toBe('owner@acme.test')
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    expect((await api.app.inject({ url: '/v1/me/profile', headers })).statusCode).toBe(200)
    expect((await rp.revoke(tokens.access_token)).statusCode).toBe(200)
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(401)
  })

  it('does not make an access token of what else is signed with the typ JWT (RFC 8725 §3.11)', async () => {
    const { rp, access_token } = await received({ accessTokenTyp: 'JWT' }, 'openid')
    const { token_use: _, ...claims } = access_token
    expect((await rp.userinfo(await api.signer.sign(claims, 'ES256', 'access token as JWT'))).statusCode).toBe(200)
    expect((await rp.userinfo(await api.signer.sign(claims, 'ES256', 'JWT'))).statusCode).toBe(401)
  })
})
