import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ALGORITHMS, ENCRYPTION } from '../../support/published-keys.ts'
import { createApi, type Api, type Person } from '../../support/api.ts'

const PATH = '/v1/admin/signing-keys'

interface Key {
  kid: string
  alg: string
  state: string
  createdAt: string
  activatesAt: string
}

let api: Api
beforeEach(async () => {
  api = await createApi()
})
afterEach(() => api.close())

const published = async () =>
  (await api.app.inject({ method: 'GET', url: '/oauth2/jwks.json' }))
    .json<{ keys: { kid: string }[] }>()
    .keys.map(({ kid }) => kid)
    .sort()
const listed = async (person: Person = api.owner) => (await api.send(person, 'GET', PATH)).json<{ data: Key[] }>().data

describe('OpenID Connect Core §10.1.1: rotation while running, by an administrator', () => {
  it('tells of every published key what it does, and nothing private', async () => {
    const keys = await listed()
    expect(keys.map(({ kid }) => kid).sort()).toEqual(await published())
    expect(keys.map(({ alg, state }) => `${alg} ${state}`).sort()).toEqual(
      [
        ...ENCRYPTION.map((alg) => `${alg} current`),
        ...ALGORITHMS.flatMap((alg) => [`${alg} current`, `${alg} next`]),
      ].sort(),
    )
    expect(Object.keys(keys[0] ?? {}).sort()).toEqual(['activatesAt', 'alg', 'createdAt', 'kid', 'state'])
  })

  it('publishes new keys at once and keeps the old ones', async () => {
    const before = await published()
    api.clock.advance(400)
    const answer = await api.send(api.owner, 'POST', `${PATH}/rotate`)
    expect(answer.statusCode).toBe(200)
    const after = await published()
    expect(after).toEqual(expect.arrayContaining(before))
    expect(after.length).toBe(before.length + 6)
    expect((await listed()).map(({ alg, state }) => `${alg} ${state}`).sort()).toEqual(
      [
        ...ENCRYPTION.flatMap((alg) => [`${alg} current`, `${alg} retired`]),
        ...ALGORITHMS.flatMap((alg) => [`${alg} current`, `${alg} next`, `${alg} retired`]),
      ].sort(),
    )
    const event = await api.database.prisma.auditEvent.findFirstOrThrow({ orderBy: { id: 'desc' } })
    expect(event).toMatchObject({ type: 'signing_keys.rotated', category: 'system', success: true })
    expect(event.userId).not.toBeNull()
  })

  it('rotates the keys of the given algorithms, immediately with when=now', async () => {
    const before = await listed()
    // Twice: a rotation of just now does not stand for one that is to happen now.
    for (const times of [1, 2]) {
      const answer = await api.send(api.owner, 'POST', `${PATH}/rotate`, {
        body: { algorithms: ['RS256'], when: 'now' },
      })
      expect(answer.statusCode).toBe(200)
      api.clock.advance(1)
      const added = (await listed()).filter(({ kid }) => !before.some((known) => known.kid === kid))
      expect(added.map(({ alg, state }) => `${alg} ${state}`).sort()).toEqual(
        ['RS256 current', ...Array.from({ length: times - 1 }, () => 'RS256 retired')].sort(),
      )
    }
    const again = await api.send(api.owner, 'POST', `${PATH}/rotate`, { body: { algorithms: ['RS256', 'ECDH-ES'] } })
    expect(again.statusCode).toBe(200)
  })

  it('names the algorithms whose keys stay, because they were replaced or published less than five minutes ago', async () => {
    interface Rotated {
      data: Key[]
      unchanged: { alg: string; rotatableFrom: string }[]
    }
    const rotate = async (body: object) => {
      const answer = await api.send(api.owner, 'POST', `${PATH}/rotate`, { body })
      const { data, unchanged } = answer.json<Rotated>()
      const newest = (name: string) =>
        Math.max(...data.filter(({ alg }) => alg === name).map(({ createdAt }) => Date.parse(createdAt)))
      return {
        kids: data.filter(({ alg }) => alg === 'RS256').map(({ kid }) => kid),
        unchanged: unchanged.map((key) => [key.alg, (Date.parse(key.rotatableFrom) - newest(key.alg)) / 1000]),
      }
    }
    const first = { algorithms: ['RS256', 'ECDH-ES'] }
    // The server has just published its first keys.
    const early = await rotate(first)
    expect(early.unchanged).toEqual([
      ['RS256', 300],
      ['ECDH-ES', 300],
    ])
    api.clock.advance(400)
    const done = await rotate(first)
    expect(done.unchanged).toEqual([])
    expect(done.kids.length).toBe(early.kids.length + 1)
    api.clock.advance(100)
    expect(await rotate({ algorithms: ['ES256', ...first.algorithms] })).toEqual({
      kids: done.kids,
      unchanged: [
        ['RS256', 300],
        ['ECDH-ES', 300],
      ],
    })
    api.clock.advance(200)
    expect((await rotate(first)).unchanged).toEqual([])
    expect((await rotate({ ...first, when: 'now' })).unchanged).toEqual([])
  })

  it.each([[{ algorithms: [] }], [{ algorithms: ['HS256'] }], [{ when: 'later' }], [{ alg: 'RS256' }], [[]]])(
    'refuses what it does not understand: %j',
    async (body) => {
      const before = await published()
      const answer = await api.send(api.owner, 'POST', `${PATH}/rotate`, { body })
      expect(answer.statusCode).toBe(400)
      expect(await published()).toEqual(before)
    },
  )

  it('is for administrators of the organisation that runs the server, who hold the right', async () => {
    const stranger = await api.addPerson(['*'], await api.addOrganisation('other'))
    const weak = await api.addPerson(['clients:*', 'signing_keys:read'])
    const before = await published()
    for (const [person, method, url, status] of [
      [stranger, 'GET', PATH, 403],
      [stranger, 'POST', `${PATH}/rotate`, 403],
      [weak, 'GET', PATH, 200],
      [weak, 'POST', `${PATH}/rotate`, 403],
    ] as const) {
      const answer = await api.send(person, method, url)
      expect([method, url, answer.statusCode]).toEqual([method, url, status])
    }
    const unauthenticated = await api.app.inject({ method: 'POST', url: `${PATH}/rotate` })
    expect(unauthenticated.statusCode).toBe(401)
    expect(await published()).toEqual(before)
  })
})
