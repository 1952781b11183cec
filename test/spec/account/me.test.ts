import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../support/api.ts'
import { OWNER } from '../../support/app.ts'
import { relyingParty } from '../../support/relying-party.ts'

const PROFILE = '/v1/me/profile'
const SESSIONS = '/v1/me/sessions'

let api: Api

beforeAll(async () => {
  api = await createApi()
})

afterAll(() => api.close())

/** An `Authorization` header of a client that the owner uses. */
async function bearer(isFirstParty: boolean): Promise<string> {
  const client = await api.registerClient({ isFirstParty })
  const { access_token } = await relyingParty(api, client).tokens()
  return `Bearer ${access_token}`
}

async function sessionsOf(person: Person) {
  const answer = await api.send(person, 'GET', SESSIONS)
  return answer.json<{ data: { id: string; current: boolean; [member: string]: unknown }[] }>().data
}

describe('one’s own profile', () => {
  it('says who one is and what one may do', async () => {
    const answer = await api.send(api.owner, 'GET', PROFILE)
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({
      id: api.owner.id,
      email: 'owner@acme.test',
      name: 'Owner',
      firstName: null,
      middleName: null,
      lastName: null,
      nickname: null,
      preferredUsername: null,
      profile: null,
      picture: null,
      website: null,
      gender: null,
      birthdate: null,
      zoneinfo: null,
      locale: null,
      emailVerified: true,
      phone: null,
      phoneVerified: false,
      address: null,
      mfaEnabled: false,
      organisation: { id: api.owner.organisation.id, slug: 'acme', name: 'Acme' },
      roles: [{ id: expect.any(String), name: 'Owner', slug: 'owner' }],
      permissions: ['*'],
      attributes: {},
    })
  })

  it('is read by an access token too, of whatever client', async () => {
    for (const firstParty of [true, false]) {
      const authorization = await bearer(firstParty)
      const answer = await api.send(undefined, 'GET', PROFILE, { headers: { authorization } })
      expect(answer.json()).toMatchObject({ id: api.owner.id })
    }
  })

  it('is changed where something is sent, in one event that names the members', async () => {
    const person = await api.addPerson([])
    const body = { firstName: ' Ada ', lastName: 'Lovelace', phone: '+49 (30) 123-4567' }
    const answer = await api.send(person, 'PATCH', PROFILE, { body })
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({
      firstName: 'Ada',
      lastName: 'Lovelace',
      name: 'Ada Lovelace',
      phone: '+49301234567',
    })
    const changed = await api.send(person, 'PATCH', PROFILE, { body: { phone: null } })
    expect(changed.json()).toMatchObject({ firstName: 'Ada', phone: null })
    const nothing = await api.send(person, 'PATCH', PROFILE, { body: {} })
    expect(nothing.json()).toEqual(changed.json())
    const events = (await api.events()).filter(({ userId }) => userId === person.id)
    expect(events.map(({ type, resourceId, metadata }) => ({ type, resourceId, metadata }))).toEqual([
      { type: 'user.updated', resourceId: person.id, metadata: { fields: ['firstName', 'lastName', 'phone'] } },
      { type: 'user.updated', resourceId: person.id, metadata: { fields: ['phone'] } },
    ])
  })

  it('is changed in every standard claim, and composes a removed full name', async () => {
    const person = await api.addPerson([])
    const claims = {
      name: 'Countess of Lovelace',
      middleName: 'King',
      nickname: 'Ada',
      preferredUsername: 'ada',
      profile: 'https://acme.test/ada',
      picture: 'https://acme.test/ada.png',
      website: 'https://ada.test/',
      gender: 'female',
      birthdate: '1815-12-10',
      zoneinfo: 'Europe/London',
      locale: 'en-GB',
      address: { locality: 'London', country: 'GB' },
    }
    const answer = await api.send(person, 'PATCH', PROFILE, { body: claims })
    expect(answer.json()).toMatchObject(claims)
    const removed = await api.send(person, 'PATCH', PROFILE, { body: { firstName: 'Ada', name: null, address: null } })
    expect(removed.json()).toMatchObject({ ...claims, firstName: 'Ada', name: 'Ada', address: null })
  })

  it.each([
    [{ birthdate: '1815-02-30' }, ['birthdate']],
    [{ zoneinfo: 'Mars/Olympus', website: 'javascript:alert(1)' }, ['website', 'zoneinfo']],
    [{ emailVerified: true, externalId: 'x', phoneVerified: true }, ['']],
    [{ firstName: '' }, ['firstName']],
    [{ firstName: null }, ['firstName']],
    [{ firstName: 'x'.repeat(101), lastName: 'a\u202e' }, ['firstName', 'lastName']],
    [{ lastName: 'a\0' }, ['lastName']],
    [{ firstName: '\u3164', lastName: 'a\u200b' }, ['firstName', 'lastName']],
    [{ lastName: 'a\ud800' }, ['lastName']],
    [{ lastName: 'a\nb' }, ['lastName']],
    [{ phone: '030 1234567' }, ['phone']],
    [{ phone: '+1' }, ['phone']],
    [{ phone: '+1234567890123456' }, ['phone']],
    [{ phone: 30 }, ['phone']],
    [{ email: 'other@example.test', permissions: ['*'] }, ['']],
    [[], ['']],
    ['null', ['']],
  ])('is not changed by %j', async (body, paths) => {
    const before = await api.send(api.owner, 'GET', PROFILE)
    const answer = await api.send(api.owner, 'PATCH', PROFILE, { body })
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([400, 'application/problem+json'])
    const { errors } = answer.json<{ errors: { path: string[] }[] }>()
    expect(errors.map(({ path }) => path.join('.'))).toEqual(paths)
    const after = await api.send(api.owner, 'GET', PROFILE)
    expect(after.json()).toEqual(before.json())
  })

  it('is rejected for a blocked user', async () => {
    const person = await api.addPerson([])
    await api.prisma.user.update({ where: { id: person.id }, data: { blockedAt: api.clock.now() } })
    const answer = await api.send(person, 'PATCH', PROFILE, { body: { firstName: 'A' } })
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([401, 'application/problem+json'])
  })
})

describe('one’s own sessions', () => {
  it('are listed, the most recently used first, with the one that asks marked', async () => {
    const first = await api.addPerson([])
    api.clock.advance(10)
    const second = await api.signInAgain(first)
    const listed = await sessionsOf(second)
    expect(listed.map(({ id, current }) => [id, current])).toEqual([
      [second.sessionId, true],
      [first.sessionId, false],
    ])
    expect(listed[1]).toEqual({
      id: first.sessionId,
      ipAddress: '127.0.0.1',
      userAgent: 'lightMyRequest',
      lastActivityAt: expect.stringMatching(/^\d{4}-.*Z$/),
      expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      current: false,
    })
  })

  it('end one by one, at once, in one event', async () => {
    const first = await api.addPerson([])
    const second = await api.signInAgain(first)
    for (let times = 0; times < 2; times += 1) {
      const answer = await api.send(first, 'DELETE', `${SESSIONS}/${second.sessionId}`)
      expect([answer.statusCode, answer.body]).toEqual([204, ''])
    }
    const ended = await api.send(second, 'GET', PROFILE)
    expect(ended.statusCode).toBe(401)
    expect((await sessionsOf(first)).map(({ id }) => id)).toEqual([first.sessionId])
    const events = (await api.events()).filter(({ userId }) => userId === first.id)
    expect(events).toMatchObject([
      { type: 'user.session_ended', resourceType: 'session', resourceId: second.sessionId },
    ])
  })

  it.each(['0197f3a0-0000-7000-8000-000000000000', 'x', 'client_x', "'"])(
    'end with 204 for an unknown session: %s',
    async (id) => {
      const answer = await api.send(api.owner, 'DELETE', `${SESSIONS}/${id}`)
      expect(answer.statusCode).toBe(204)
    },
  )

  it('end all but the one that asks, in one event', async () => {
    const first = await api.addPerson([])
    const second = await api.signInAgain(first)
    const third = await api.signInAgain(first)
    for (let times = 0; times < 2; times += 1) {
      const answer = await api.send(second, 'DELETE', SESSIONS)
      expect([answer.statusCode, answer.body]).toEqual([204, ''])
    }
    expect((await sessionsOf(second)).map(({ id }) => id)).toEqual([second.sessionId])
    for (const ended of [first, third]) expect((await api.send(ended, 'GET', PROFILE)).statusCode).toBe(401)
    expect((await api.send(api.owner, 'GET', PROFILE)).statusCode).toBe(200)
    const events = (await api.events()).filter(({ userId }) => userId === first.id)
    expect(events).toMatchObject([{ type: 'user.other_sessions_ended', resourceType: 'user', resourceId: first.id }])
  })

  it('cannot be ended by another user', async () => {
    const person = await api.addPerson(['*'])
    const answer = await api.send(person, 'DELETE', `${SESSIONS}/${api.owner.sessionId}`)
    expect(answer.statusCode).toBe(204)
    const still = await api.send(api.owner, 'GET', PROFILE)
    expect(still.statusCode).toBe(200)
  })
})

describe('authentication', () => {
  const requests = [
    ['PATCH', PROFILE, { firstName: 'Eve' }],
    ['GET', SESSIONS, undefined],
    ['DELETE', `${SESSIONS}/0197f3a0-0000-7000-8000-000000000000`, undefined],
  ] as const

  it('rejects requests without a session', async () => {
    for (const [method, url, body] of [['GET', PROFILE, undefined] as const, ...requests]) {
      const answer = await api.send(undefined, method, url, { body })
      expect(answer.statusCode).toBe(401)
    }
  })

  it('is a client of the organisation itself, and no other', async () => {
    for (const [method, url, body] of requests) {
      const foreign = { authorization: await bearer(false) }
      const refused = await api.send(undefined, method, url, { body, headers: foreign })
      expect([refused.statusCode, refused.headers['content-type']]).toEqual([403, 'application/problem+json'])
      const own = { authorization: await bearer(true) }
      const allowed = await api.send(undefined, method, url, { body, headers: own })
      expect(allowed.statusCode).toBeLessThan(300)
    }
  })

  it('is never an access token where all other sessions end', async () => {
    const headers = { authorization: await bearer(true) }
    const passwords = { currentPassword: OWNER.password, newPassword: 'another fine password' }
    for (const [method, url, body] of [
      ['DELETE', SESSIONS, undefined],
      ['POST', '/v1/me/password', passwords],
    ] as const) {
      expect((await api.send(undefined, method, url, { body, headers })).statusCode).toBe(403)
      const origin = { origin: 'https://evil.example' }
      expect((await api.send(api.owner, method, url, { body, headers: origin })).statusCode).toBe(403)
      expect((await api.send(undefined, method, url, { body })).statusCode).toBe(401)
    }
    expect((await api.send(api.owner, 'GET', PROFILE)).statusCode).toBe(200)
  })

  it('is no page of another site, by cookie', async () => {
    const headers = { origin: 'https://evil.example' }
    for (const [method, url, body] of requests.filter(([name]) => name !== 'GET')) {
      const answer = await api.send(api.owner, method, url, { body, headers })
      expect(answer.statusCode).toBe(403)
    }
    const authorization = await bearer(true)
    const answer = await api.send(undefined, 'PATCH', PROFILE, {
      body: { firstName: 'A' },
      headers: { ...headers, authorization },
    })
    expect(answer.statusCode).toBe(200)
  })

  it.each([
    ['POST', PROFILE, 'GET, PATCH, HEAD'],
    ['POST', SESSIONS, 'GET, DELETE, HEAD'],
    ['GET', '/v1/me/password', 'POST'],
    ['GET', `${SESSIONS}/x`, 'DELETE'],
  ] as const)('%s %s is rejected with 405', async (method, url, allow) => {
    const answer = await api.send(api.owner, method, url)
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow])
  })
})
