import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../support/app.ts'
import { relyingParty } from '../../support/relying-party.ts'

const USERINFO = '/oauth2/userinfo'

const PROFILE = {
  name: 'Ada King',
  given_name: 'Ada',
  family_name: 'King',
  middle_name: 'Augusta',
  nickname: 'Countess',
  preferred_username: 'ada',
  profile: 'https://ada.example.com/',
  picture: 'https://ada.example.com/ada.png',
  website: 'https://engine.example.com/',
  gender: 'female',
  birthdate: '1815-12-10',
  zoneinfo: 'Europe/London',
  locale: 'en-GB',
  updated_at: 1_700_000_000,
}
const EMAIL = { email: 'owner@acme.test', email_verified: true }
const PHONE = { phone_number: '+44201815', phone_number_verified: true }
const ADDRESS = { address: { formatted: '12 St James’s Square\nLondon', locality: 'London', country: 'GB' } }

let test: TestApp
let client: RegisteredTestClient
let sub: string

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient()
  const { id } = await test.database.prisma.user.findFirstOrThrow()
  sub = id
  await describePerson({})
})
afterAll(() => test.close())

/** Stores every standard claim of the owner, with these columns different. */
async function describePerson(different: Record<string, string | null>): Promise<void> {
  await test.database.prisma.user.update({
    where: { id: sub },
    data: {
      name: PROFILE.name,
      givenName: PROFILE.given_name,
      familyName: PROFILE.family_name,
      middleName: PROFILE.middle_name,
      nickname: PROFILE.nickname,
      preferredUsername: PROFILE.preferred_username,
      profile: PROFILE.profile,
      picture: PROFILE.picture,
      website: PROFILE.website,
      gender: PROFILE.gender,
      birthdate: PROFILE.birthdate,
      zoneinfo: PROFILE.zoneinfo,
      locale: PROFILE.locale,
      phoneNumber: PHONE.phone_number,
      phoneNumberVerified: true,
      address: ADDRESS.address,
      updatedAt: new Date(PROFILE.updated_at * 1000),
      ...different,
    },
  })
}

async function accessToken(scope: string, of: RegisteredTestClient = client): Promise<string> {
  return (await relyingParty(test, of).tokens(test.browser(), { scope })).access_token
}

const ask = (authorization: string | undefined, url = USERINFO) =>
  test.app.inject({ method: 'GET', url, headers: authorization === undefined ? {} : { authorization } })

const post = (form: Record<string, string> | undefined, authorization?: string) =>
  test.app.inject({
    method: 'POST',
    url: USERINFO,
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(form && { payload: new URLSearchParams(form).toString() }),
  })

describe('OpenID Connect Core §5.4: scopes request claims', () => {
  it.each([
    ['openid', {}],
    ['openid profile', PROFILE],
    ['openid email', EMAIL],
    ['openid phone', PHONE],
    ['openid address', ADDRESS],
    ['openid offline_access', {}],
    ['openid profile email phone address', { ...PROFILE, ...EMAIL, ...PHONE, ...ADDRESS }],
  ])('%s', async (scope, claims) => {
    const answer = await ask(`Bearer ${await accessToken(scope)}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ sub, ...claims })
  })

  it('omits claims without a value (§5.3.2)', async () => {
    const token = await accessToken('openid profile phone address')
    await describePerson({ middleName: null, nickname: '', website: null, gender: '', phoneNumber: null })
    await test.database.pool.query('UPDATE users SET address = NULL WHERE id = $1', [sub])
    const { middle_name: _1, nickname: _2, website: _3, gender: _4, ...known } = PROFILE
    expect((await ask(`Bearer ${token}`)).json()).toEqual({ sub, ...known })
    await describePerson({})
  })
})

describe('OpenID Connect Core §5.3: the UserInfo endpoint', () => {
  it('returns the sub of the ID token, as JSON that must not be cached', async () => {
    const tokens = await relyingParty(test, client).tokens()
    const answer = await ask(`Bearer ${tokens.access_token}`)
    const [, payload = ''] = tokens.id_token.split('.')
    const idToken = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }
    expect(answer.json()).toMatchObject({ sub: idToken.sub })
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/)
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('accepts GET and POST, with the token in the header or in the form (RFC 6750 §2.1, §2.2)', async () => {
    const token = await accessToken('openid email')
    const answers = [
      await ask(`Bearer ${token}`),
      await ask(`bearer ${token}`),
      await post(undefined, `Bearer ${token}`),
      await post({ access_token: token }),
    ]
    for (const answer of answers) {
      expect(answer.statusCode).toBe(200)
      expect(answer.json()).toEqual({ sub, ...EMAIL })
    }
  })

  it('has no other method', async () => {
    const answer = await test.app.inject({ method: 'PUT', url: USERINFO })
    expect(answer.statusCode).toBe(405)
    expect(String(answer.headers['allow']).split(', ').sort()).toEqual(['GET', 'HEAD', 'POST'])
  })

  it('returns organisation, roles and permissions to first-party clients only', async () => {
    const own = await test.registerClient({ isFirstParty: true })
    const organisation = await test.database.prisma.organisation.findFirstOrThrow()
    expect((await ask(`Bearer ${await accessToken('openid', own)}`)).json()).toEqual({
      sub,
      organisation: { id: organisation.id, slug: 'acme', name: 'Acme' },
      roles: [{ name: 'Owner', slug: 'owner' }],
      permissions: [{ name: '*', slug: '*' }],
    })
    expect((await ask(`Bearer ${await accessToken('openid')}`)).json()).toEqual({ sub })
  })
})
