// A client_id that an administrator chooses (RFC 6749 §2.2 and appendix A.1, RFC 9700 §4.15).
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRetentionSweep } from '../../../../src/storage/db/retention-sweep.ts'
import { createApi, type Api, type Person } from '../../../support/api.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const PATH = '/v1/admin/clients'
const web = {
  name: 'Web',
  clientType: 'confidential',
  redirectUris: ['https://app.example.com/callback'],
  scopes: ['openid', 'profile', 'email'],
}
const TAKEN = 'This clientId is not available: another client has it, or had it.'

let api: Api
let stranger: Person
beforeAll(async () => {
  api = await createApi()
  const other = await api.addOrganisation('others')
  stranger = await api.addPerson(['clients:create', 'clients:choose_id', 'clients:read'], other)
})
afterAll(() => api.close())

interface Created {
  id: string
  clientId: string
  clientSecret: string
  [member: string]: unknown
}

const register = (
  clientId: unknown,
  { query = '', person = api.owner, ...settings }: { query?: string; person?: Person } = {},
) => api.send(person, 'POST', PATH + query, { body: { ...web, ...settings, clientId } })
const created = async (clientId: string) => {
  const answer = await register(clientId)
  expect(answer.statusCode).toBe(201)
  return answer.json<Created>()
}

describe('a client_id that is chosen', () => {
  it('is that of the client in the protocol and in the management API', async () => {
    const client = await created('shop-web')
    expect(client).toMatchObject({ clientId: 'shop-web', name: 'Web' })
    for (const reference of ['shop-web', client.id]) {
      expect((await api.send(api.owner, 'GET', `${PATH}/${reference}`)).json()).toMatchObject({ id: client.id })
      expect((await api.send(stranger, 'GET', `${PATH}/${reference}`)).statusCode).toBe(404)
    }
    const tokens = await relyingParty(api, client).tokens()
    const [, payload = ''] = tokens.id_token?.split('.') ?? []
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ aud: 'shop-web' })
    const events = await api.events()
    expect(events.findLast(({ type }) => type === 'client.created')?.metadata).toMatchObject({ clientId: 'shop-web' })
  })

  it.each(['abc', 'A.b_c-9', '0oa1b2c3d4', '123456-abc.apps.example.com', 'x'.repeat(100), 'test', 'x'.repeat(42)])(
    'may be %s',
    async (clientId) => {
      expect(await created(clientId)).toMatchObject({ clientId })
      expect((await api.send(api.owner, 'GET', `${PATH}/${clientId}`)).json()).toMatchObject({ clientId })
    },
  )

  it.each([
    '',
    'ab',
    'x'.repeat(101),
    '.well-known',
    '..',
    '-rf',
    '_x1',
    'a b',
    'a/b',
    'a%2Fb',
    'a~b',
    'a:b',
    'ünï',
    'a\u0000b',
    'https://app.example.com/client',
    'client_abc',
    'CLIENT_abc',
    7,
    null,
    // The subjects of users, public and pairwise.
    '01900000-0000-7000-8000-000000000001',
    '01900000-0000-7000-8000-00000000000A',
    'Ab_-'.repeat(11).slice(0, 43),
  ])('is not %j', async (clientId) => {
    for (const query of ['', '?dryRun=true']) {
      const answer = await register(clientId, { query })
      expect([answer.statusCode, answer.json<{ errors: { path: string[] }[] }>().errors[0]?.path]).toEqual([
        400,
        ['clientId'],
      ])
    }
  })

  it('is unique on the server, and 409 does not say where it is taken', async () => {
    await created('taken')
    for (const query of ['', '?dryRun=true']) {
      for (const person of [api.owner, stranger]) {
        const answer = await register('taken', { query, person })
        expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([409, TAKEN])
      }
    }
    expect((await register('TAKEN')).statusCode).toBe(201)
  })

  it('is not given to two that ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => register('raced')))
    const statuses = answers.map(({ statusCode }) => statusCode)
    expect(statuses.toSorted((one, other) => one - other)).toEqual([201, ...Array<number>(7).fill(409)])
    for (const answer of answers.filter(({ statusCode }) => statusCode === 409)) {
      expect(answer.json()).toMatchObject({ detail: TAKEN })
    }
  })

  it('is never changed, and not cloned', async () => {
    const client = await created('fixed')
    const refused = [
      await api.send(api.owner, 'PATCH', `${PATH}/fixed`, { body: { clientId: 'other' } }),
      await api.send(api.owner, 'PUT', `${PATH}/fixed`, { body: { ...web, clientId: 'other' } }),
      await api.send(api.owner, 'PATCH', `${PATH}/fixed`, {
        body: [{ op: 'replace', path: '/clientId', value: 'other' }],
        headers: { 'content-type': 'application/json-patch+json' },
      }),
    ]
    for (const answer of refused) {
      expect([answer.statusCode, answer.json<{ errors: unknown[] }>().errors[0]]).toEqual([
        400,
        expect.objectContaining({
          path: ['clientId'],
          message: 'is read-only: it cannot be changed after the registration',
        }),
      ])
    }
    const { clientSecret: _secret, warnings: _warnings, ...shown } = client
    const same = await api.send(api.owner, 'PUT', `${PATH}/fixed`, { body: shown })
    expect([same.statusCode, same.json<Created>().clientId]).toEqual([200, 'fixed'])
    const clone = await api.send(api.owner, 'POST', `${PATH}/fixed/clone`)
    expect(clone.json()).toMatchObject({ clientId: expect.stringMatching(/^client_/) })
  })

  it('needs a permission of its own; a generated one does not', async () => {
    const registrar = await api.addPerson(['clients:create'])
    for (const query of ['', '?dryRun=true']) {
      for (const clientId of ['not-allowed', 'taken']) {
        const answer = await register(clientId, { query, person: registrar })
        expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
          403,
          'To choose the clientId, the permission clients:choose_id is needed. Without one, it is generated.',
        ])
      }
    }
    const generated = await register(undefined, { person: registrar })
    expect([generated.statusCode, generated.json<Created>().clientId]).toEqual([201, expect.stringMatching(/^client_/)])
    expect((await register('for-admins', { person: await api.addPerson(['clients:*']) })).statusCode).toBe(201)
  })

  it('is among the changes of a dry run', async () => {
    const answer = await register('dry', { query: '?dryRun=true' })
    expect(answer.json<{ changes: unknown[] }>().changes[0]).toEqual({ member: 'clientId', to: 'dry' })
    expect(await api.repositories.clientCache.find('dry')).toBeUndefined()
  })

  it('stays taken when its client was deleted, also after the sweep; generated ones go', async () => {
    const { id } = await created('once')
    const generated = await api.registerClient(web)
    for (const client of [id, generated.id]) await api.send(api.owner, 'DELETE', `${PATH}/${client}`)
    api.clock.advance(60 * 86_400)
    const sweep = createRetentionSweep(api.database.pool)
    await sweep(api.clock.now())
    const left = await api.prisma.client.findMany({
      where: { id: { in: [id, generated.id] } },
      select: { clientId: true },
    })
    expect(left).toEqual([{ clientId: 'once' }])
    // The owner's session has expired meanwhile.
    const person = await api.addPerson(['clients:*'])
    expect((await register('once', { person })).statusCode).toBe(409)
    expect((await api.send(person, 'GET', `${PATH}/once`)).statusCode).toBe(404)
  })
})
