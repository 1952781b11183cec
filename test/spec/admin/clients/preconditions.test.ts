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

async function register() {
  const answer = await api.send(api.owner, 'POST', PATH, { body: web })
  return { ...answer.json<{ id: string }>(), etag: String(answer.headers.etag) }
}
const patch = (id: string, body: object, headers: Record<string, string> = {}) =>
  api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body, headers })
const get = (id: string, headers: Record<string, string> = {}) =>
  api.send(api.owner, 'GET', `${PATH}/${id}`, { headers })

describe('RFC 9110 §8.8.3: the ETag of a client', () => {
  it('is strong, the same wherever the client is answered, and another after each change', async () => {
    const { id, etag } = await register()
    expect(etag).toMatch(/^"[^"]+"$/)
    const read = await get(id)
    const same = await patch(id, { name: 'Web' })
    expect([read.headers.etag, same.headers.etag]).toEqual([etag, etag])
    const seen = new Set([etag])
    for (const act of [
      () => patch(id, { name: 'New' }),
      () => api.send(api.owner, 'PUT', `${PATH}/${id}`, { body: web }),
      () => api.send(api.owner, 'POST', `${PATH}/${id}/rotate-secret`),
    ]) {
      const changed = await act()
      expect(changed.headers.etag).toBe((await get(id)).headers.etag)
      seen.add(String(changed.headers.etag))
    }
    await api.send(api.owner, 'POST', `${PATH}/${id}/revoke`)
    seen.add(String((await get(id)).headers.etag))
    expect(seen.size).toBe(5)
  })

  it('is another after a change in the same millisecond', async () => {
    const { id } = await register()
    const tags = await Promise.all(
      ['A', 'B', 'C'].map(async (name) =>
        api.app.inject({
          method: 'PATCH',
          url: `${PATH}/${id}`,
          headers: { cookie: api.owner.cookie },
          payload: { name },
        }),
      ),
    )
    expect(tags.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
    expect(new Set(tags.map(({ headers }) => headers.etag)).size).toBe(3)
  })
})

describe('RFC 9110 §13.1.2: If-None-Match', () => {
  it.each([
    [(etag: string) => etag, 304],
    [(etag: string) => `"other", W/${etag}`, 304],
    [() => '*', 304],
    [() => '"other"', 200],
  ])('%s answers %i', async (header, status) => {
    const { id, etag } = await register()
    const answer = await get(id, { 'if-none-match': header(etag) })
    expect([answer.statusCode, answer.headers.etag, answer.body === '']).toEqual([status, etag, status === 304])
  })
})

describe('RFC 9110 §13.1.1: If-Match', () => {
  const acts = {
    PATCH: { body: { name: 'Mine' } },
    PUT: { body: { ...web, name: 'Mine' } },
    DELETE: {},
  }
  const methods = Object.entries(acts) as ['PATCH' | 'PUT' | 'DELETE', { body?: object }][]

  it.each(methods)('lets a %s of the state that was read pass', async (method, message) => {
    const { id, etag } = await register()
    for (const tags of [etag, `"0", ${etag}`, '*'].slice(method === 'DELETE' ? 1 : 0, method === 'DELETE' ? 2 : 1)) {
      const answer = await api.send(api.owner, method, `${PATH}/${id}`, { ...message, headers: { 'if-match': tags } })
      expect(answer.statusCode).toBeLessThan(300)
    }
  })

  it.each(methods)('refuses a %s of any other state with 412, and does nothing', async (method, message) => {
    const { id, etag } = await register()
    await patch(id, { name: 'Theirs' })
    const events = await api.events()
    for (const tags of [etag, `W/${(await get(id)).headers.etag}`, '"0"', 'nonsense']) {
      const answer = await api.send(api.owner, method, `${PATH}/${id}`, { ...message, headers: { 'if-match': tags } })
      expect([tags, answer.statusCode, answer.headers['content-type'], answer.json()]).toMatchObject([
        tags,
        412,
        'application/problem+json',
        { type: expect.stringMatching(/precondition-failed$/) },
      ])
    }
    expect((await get(id)).json()).toMatchObject({ name: 'Theirs' })
    expect(await api.events()).toEqual(events)
  })

  it('lets exactly one of many writers of the same state pass', async () => {
    const { id, etag } = await register()
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => patch(id, { name: `Writer ${index}` }, { 'if-match': etag })),
    )
    expect(answers.map(({ statusCode }) => String(statusCode)).toSorted()).toEqual([
      '200',
      ...Array<string>(7).fill('412'),
    ])
    const winner = answers.find(({ statusCode }) => statusCode === 200)
    expect((await get(id)).json()).toMatchObject({ name: winner?.json<{ name: string }>().name })
  })
})

describe('writers without If-Match', () => {
  it('all succeed when many write at once, and no change is lost', async () => {
    const { id } = await register()
    const members = Array.from({ length: 20 }, (_, index) => `/attributes/of-${index}`)
    const answers = await Promise.all(
      members.map((path) =>
        api.app.inject({
          method: 'PATCH',
          url: `${PATH}/${id}`,
          headers: { cookie: api.owner.cookie, 'content-type': 'application/json-patch+json' },
          payload: JSON.stringify([{ op: 'add', path, value: 'written' }]),
        }),
      ),
    )
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(members.map(() => 200))
    const { attributes } = (await get(id)).json<{ attributes: object }>()
    expect(Object.keys(attributes)).toHaveLength(members.length)
  })

  it('who send a representation that is older than the client get 412 instead of issues of its members', async () => {
    const { id } = await register()
    const { updatedAt, ...read } = (await get(id)).json<{ updatedAt: string }>()
    await patch(id, { name: 'Theirs' })
    const body = { ...read, updatedAt, name: 'Mine', redirectUris: ['not a URI'] }
    const put = await api.send(api.owner, 'PUT', `${PATH}/${id}`, { body })
    const merge = await patch(id, body, { 'content-type': 'application/merge-patch+json' })
    for (const answer of [put, merge]) {
      expect([answer.statusCode, answer.json()]).toMatchObject([
        412,
        { type: expect.stringMatching(/precondition-failed$/), detail: expect.stringContaining(updatedAt) },
      ])
    }
    expect((await get(id)).json()).toMatchObject({ name: 'Theirs' })
    for (const invented of ['2999-01-01T00:00:00.000Z', 'yesterday', 5, null]) {
      const answer = await api.send(api.owner, 'PUT', `${PATH}/${id}`, { body: { ...web, updatedAt: invented } })
      expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
        400,
        expect.stringContaining('read-only'),
      ])
    }
  })

  it('contradict each other as little at once as one after another', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await register()
      // Each is right for itself; together they would make a client that asks for codes and has nowhere to send them.
      await patch(id, { grantTypes: ['client_credentials'], scopes: ['api'] })
      const answers = await Promise.all([
        patch(id, { redirectUris: [] }),
        patch(id, { grantTypes: ['authorization_code'], scopes: ['openid'] }),
      ])
      expect(answers.map(({ statusCode }) => String(statusCode)).toSorted()).toEqual(['200', '400'])
    }
  })
})
