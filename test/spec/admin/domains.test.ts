import { createSocket, type Socket } from 'node:dgram'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTxtResolver, type TxtAnswer } from '../../../src/safe-fetch/resolve-txt.ts'
import { recheckDomains } from '../../../src/users/domains/verify-domain.ts'
import { createApi, type Api, type Person } from '../../support/api.ts'

const DOMAINS = '/v1/admin/domains'
const DAY = 86_400

interface Domain {
  id: string
  domain: string
  displayName: string
  status: string
  record: { type: string; name: string; value: string }
  missingSince: string | null
}

/** The TXT records of each name. A name without an entry does not exist; undefined: there is no answer. */
const records = new Map<string, string[] | undefined>()
const resolveTxt = async (name: string): Promise<TxtAnswer> => {
  const found = records.has(name) ? records.get(name) : []
  return found ? { outcome: 'answered', records: found } : { outcome: 'unanswered' }
}

let api: Api
let other: Person
let made = 0
beforeAll(async () => {
  api = await createApi({ resolveTxt })
  other = await api.addPerson(['*'], await api.addOrganisation('other'))
})
afterAll(() => api.close())

const nextName = () => `acme-${(made += 1)}.example`
const add = (domain: string, as: Person = api.owner) => api.send(as, 'POST', DOMAINS, { body: { domain } })
const added = async (domain = nextName(), as?: Person) => (await add(domain, as)).json<Domain>()
const publish = ({ record }: Domain, ...more: string[]) => records.set(record.name, [...more, record.value])
const verify = ({ id }: Domain, as: Person = api.owner) => api.send(as, 'POST', `${DOMAINS}/${id}/verify`)
const shown = async ({ id }: Domain, as: Person = api.owner) =>
  (await api.send(as, 'GET', `${DOMAINS}/${id}`)).json<Domain>()
async function verified() {
  const domain = await added()
  publish(domain)
  expect((await verify(domain)).statusCode).toBe(200)
  return domain
}
/** What the scheduled job does, day by day. */
async function daysPass(days: number) {
  for (let day = 0; day < days; day += 1) {
    api.clock.advance(DAY)
    await recheckDomains({ domains: api.repositories.domains, resolveTxt, clock: api.clock }, api.clock.now())
  }
  api.owner.cookie = await api.signIn()
}
const eventsOf = async ({ id }: Domain) =>
  (await api.prisma.auditEvent.findMany({ where: { resourceId: id }, orderBy: { id: 'asc' } })).map(({ type }) => type)

describe('a domain', () => {
  it('is added, found, verified by its record, and deleted', async () => {
    const response = await add('Acme.Example.')
    expect(response.statusCode).toBe(201)
    const domain = response.json<Domain>()
    expect(response.headers.location).toBe(`${DOMAINS}/${domain.id}`)
    expect(domain).toMatchObject({ domain: 'acme.example', status: 'pending', missingSince: null })
    expect(domain.record).toMatchObject({ type: 'TXT', name: '_cerberus-challenge.acme.example' })
    expect((await verify(domain)).statusCode).toBe(409)
    records.set(domain.record.name, [`${domain.record.value}x`])
    expect((await verify(domain)).statusCode).toBe(409)
    records.set(domain.record.name, undefined)
    expect((await verify(domain)).json()).toMatchObject({ detail: expect.stringContaining('gave no answer') as string })
    publish(domain, 'v=spf1 -all')
    expect((await verify(domain)).json()).toMatchObject({ status: 'verified' })
    const found = async (query: string) =>
      (await api.send(api.owner, 'GET', `${DOMAINS}?${query}`)).json<{ data: Domain[] }>().data.map(({ id }) => id)
    expect(await found('search=ACME.ex')).toEqual([domain.id])
    expect(await found('search=acme.ex&status=pending')).toEqual([])
    const url = `${DOMAINS}/${domain.id}`
    expect((await api.send(api.owner, 'DELETE', `${url}?dryRun=true`)).json()).toMatchObject({ dryRun: true })
    const stale = { headers: { 'if-match': '"1"' } }
    expect((await api.send(api.owner, 'DELETE', url, stale)).statusCode).toBe(412)
    expect((await api.send(api.owner, 'DELETE', url)).statusCode).toBe(204)
    expect((await api.send(api.owner, 'GET', url)).statusCode).toBe(404)
    expect(await eventsOf(domain)).toEqual(['domain.created', 'domain.verified', 'domain.deleted'])
  })

  it('is stored in the form of the DNS', async () => {
    expect(await added('Münch.Example')).toMatchObject({ domain: 'xn--mnch-0ra.example', displayName: 'münch.example' })
    expect((await add('xn--mnch-0ra.example')).statusCode).toBe(409)
  })

  it.each([
    ['a', 'must be a domain name'],
    ['a/b.com', 'must be a domain name'],
    ['192.0.2.1', 'must be a domain name'],
    ['*.example.com', 'must be a domain name'],
    [`${'a'.repeat(64)}.example`, 'must be a domain name'],
    ['co.uk', 'anyone can register'],
    ['github.io', 'anyone can register'],
    ['GMail.com', 'provider of e-mail'],
    ['mail.gmx.de', 'provider of e-mail'],
  ])('cannot be %s', async (name, reason) => {
    const response = await add(name)
    expect(response.statusCode).toBe(400)
    expect(response.body).toContain(reason)
  })

  it('is verified by one organisation at most, however many try at once', async () => {
    const [own, theirs] = [await added('shared.example'), await added('shared.example', other)]
    records.set(own.record.name, [own.record.value, theirs.record.value])
    expect(own.record.value).not.toBe(theirs.record.value)
    const attempts = [verify(own), verify(theirs, other), verify(own), verify(theirs, other)]
    const statuses = (await Promise.all(attempts)).map(({ statusCode }) => statusCode)
    expect(new Set(statuses)).toEqual(new Set([200, 409]))
    const states = [(await shown(own)).status, (await shown(theirs, other)).status]
    expect(states.toSorted()).toEqual(['pending', 'verified'])
    const [winner, loser] = states[0] === 'verified' ? [api.owner, other] : [other, api.owner]
    const [won, lost] = winner === other ? [theirs, own] : [own, theirs]
    await api.send(winner, 'DELETE', `${DOMAINS}/${won.id}`)
    expect((await verify(lost, loser)).statusCode).toBe(200)
  })

  it('belongs to its organisation', async () => {
    const domain = await added()
    expect((await verify(domain, other)).statusCode).toBe(404)
    expect((await api.send(other, 'DELETE', `${DOMAINS}/${domain.id}`)).statusCode).toBe(404)
    expect((await api.send(other, 'GET', `${DOMAINS}?search=${domain.domain}`)).json()).toMatchObject({ data: [] })
    const reader = await api.addPerson(['domains:read'])
    expect((await add(nextName(), reader)).statusCode).toBe(403)
    expect((await verify(domain, reader)).statusCode).toBe(403)
  })
})

describe('the record of a verified domain', () => {
  it('may be absent for less than seven days', async () => {
    const domain = await verified()
    records.delete(domain.record.name)
    await daysPass(1)
    const { missingSince } = await shown(domain)
    expect(missingSince).not.toBeNull()
    await daysPass(6)
    expect(await shown(domain)).toMatchObject({ status: 'verified', missingSince })
    publish(domain)
    await daysPass(1)
    expect(await shown(domain)).toMatchObject({ status: 'verified', missingSince: null })
    expect((await eventsOf(domain)).slice(2)).toEqual(['domain.record_missing', 'domain.record_found'])
  })

  it('ends the verification when it is absent for seven days', async () => {
    const domain = await verified()
    records.delete(domain.record.name)
    await daysPass(8)
    expect(await shown(domain)).toMatchObject({ status: 'pending', missingSince: null })
    expect((await eventsOf(domain)).slice(2)).toEqual(['domain.record_missing', 'domain.lost'])
  })

  it('is not judged by lookups without an answer, and is looked up once a day', async () => {
    const domain = await verified()
    records.set(domain.record.name, undefined)
    await daysPass(10)
    expect(await shown(domain)).toMatchObject({ status: 'verified', missingSince: null })
    const asked: string[] = []
    const counting = async (name: string) => {
      asked.push(name)
      return resolveTxt(name)
    }
    const services = { domains: api.repositories.domains, resolveTxt: counting, clock: api.clock }
    await recheckDomains(services, api.clock.now())
    expect(asked).toEqual([])
    api.clock.advance(DAY)
    await Promise.all([recheckDomains(services, api.clock.now()), recheckDomains(services, api.clock.now())])
    expect(asked.filter((name) => name === domain.record.name)).toHaveLength(1)
  })
})

describe('the resolver of TXT records', () => {
  /** A DNS server on loopback that answers each query by `answer`. */
  async function startDns(answer: (query: Buffer) => Buffer | undefined): Promise<{ address: string; socket: Socket }> {
    const socket = createSocket('udp4')
    socket.on('message', (query, { port, address }) => {
      const response = answer(query)
      if (response) socket.send(response, port, address)
    })
    await new Promise<void>((resolve) => void socket.bind(0, '127.0.0.1', resolve))
    return { address: `127.0.0.1:${socket.address().port}`, socket }
  }
  /** The response to a query with this code, and TXT records of these parts (RFC 1035 §4.1). */
  function respond(query: Buffer, rcode: number, txt: readonly (readonly string[])[] = []): Buffer {
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x8180 + rcode, 2)
    header.writeUInt16BE(txt.length, 6)
    header.writeUInt32BE(0, 8)
    const questionEnd = query.indexOf(0, 12) + 5
    const answers = txt.map((parts) => {
      const data = Buffer.concat(parts.map((part) => Buffer.concat([Buffer.of(part.length), Buffer.from(part)])))
      return Buffer.concat([Buffer.of(0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, data.length), data])
    })
    return Buffer.concat([header, query.subarray(12, questionEnd), ...answers])
  }

  it.each([
    ['joins the parts of a record', 0, [['one, ', 'two'], ['three']], ['one, two', 'three']],
    ['reads a name that does not exist as one without records', 3, [], []],
    ['reads a failure of the server as no answer', 2, [], undefined],
  ])('%s', async (_, rcode, txt, expected) => {
    const { address, socket } = await startDns((query) => respond(query, rcode, txt))
    const answer = await createTxtResolver({ servers: [address] })('name.example')
    expect(answer).toEqual(expected ? { outcome: 'answered', records: expected } : { outcome: 'unanswered' })
    socket.close()
  })

  it('gives up a server that does not answer', async () => {
    const { address, socket } = await startDns(() => undefined)
    const resolve = createTxtResolver({ servers: [address], timeoutMs: 50 })
    expect(await resolve('name.example')).toEqual({ outcome: 'unanswered' })
    socket.close()
  })
})
