import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'

const PATH = '/v1/admin/clients'

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

describe('the groups of a client', () => {
  it('are set, kept and taken away like any other member', async () => {
    const { id, groups } = await api.registerClient({ groups: ['production', 'team/payments'] })
    expect(groups).toEqual(['production', 'team/payments'])
    const patched = await api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body: { groups: ['Größe 1'] } })
    expect(patched.json()).toMatchObject({ groups: ['Größe 1'] })
    await api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body: { name: 'Renamed' } })
    expect((await api.send(api.owner, 'GET', `${PATH}/${id}`)).json()).toMatchObject({ groups: ['Größe 1'] })
    const merged = await api.send(api.owner, 'PATCH', `${PATH}/${id}`, {
      body: { groups: null },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    expect(merged.json()).toMatchObject({ groups: [] })
  })

  it('narrow lists, to the letter', async () => {
    for (const [name, groups] of [
      ['grouped a', ['blue', 'green']],
      ['grouped b', ['green']],
      ['grouped c', ['greenish']],
    ] as const) {
      await api.registerClient({ name, groups })
    }
    const names = async (group: string) => {
      const answer = await api.send(api.owner, 'GET', `${PATH}?sort=name&group=${group}`)
      return answer.json<{ data: { name: string }[] }>().data.map(({ name }) => name)
    }
    expect([await names('green'), await names('blue'), await names('gree'), await names('%25')]).toEqual([
      ['grouped a', 'grouped b'],
      ['grouped a'],
      [],
      [],
    ])
    expect((await api.send(api.owner, 'GET', `${PATH}?group=%00`)).statusCode).toBe(400)
  })

  it.each([[['']], [[' a']], [['a ']], [['a', 'a']], [['a\nb']], [[7]], ['a'], [['x'.repeat(64)]]])(
    'are not %j',
    async (groups) => {
      const { id } = await api.registerClient()
      const answer = await api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body: { groups } })
      expect([answer.statusCode, answer.json<{ errors: { path: string[] }[] }>().errors[0]?.path[0]]).toEqual([
        400,
        'groups',
      ])
    },
  )
})
