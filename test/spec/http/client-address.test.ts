import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseNetworkAddress } from '../../../src/lib/network-address.ts'
import { createTestApp, OWNER, type TestApp } from '../../support/app.ts'
import { readForm } from '../../support/browser.ts'

const PROXY = '10.0.0.1'
const MAX = 5

describe('the address of a client', () => {
  let test: TestApp
  beforeAll(async () => {
    const limit = { max: MAX, window: 60 }
    test = await createTestApp({
      limits: { signIn: limit, clientAuthentication: limit, account: limit },
      onboarding: 'invitation',
      mtls: { trustedProxies: [PROXY, 'fd00::/8'] },
    })
  })
  afterAll(() => test.close())

  interface Origin {
    /** The peer of the connection. */
    peer?: string
    /** `X-Forwarded-For`. */
    forwarded?: string
  }
  const from = ({ peer = PROXY, forwarded }: Origin) => ({
    remoteAddress: peer,
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  })

  async function signIn(origin: Origin, count: number) {
    const payload = { email: `unknown-${count}@acme.test`, password: 'wrong' }
    return (await test.app.inject({ method: 'POST', url: '/v1/auth/login', payload, ...from(origin) })).statusCode
  }
  async function authenticate(origin: Origin) {
    const { headers, ...peer } = from(origin)
    const authorization = `Basic ${Buffer.from('unknown:wrong').toString('base64')}`
    const payload = 'grant_type=client_credentials'
    const type = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
    const request = {
      method: 'POST',
      url: '/oauth2/token',
      payload,
      headers: { ...headers, ...type },
      ...peer,
    } as const
    return (await test.app.inject(request)).statusCode
  }
  async function enterUserCode(origin: Origin) {
    const { headers, ...peer } = from(origin)
    const page = await test.app.inject({ url: '/device' })
    const { action, hidden } = readForm(page.body)
    const cookie = page.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    const payload = new URLSearchParams({ ...hidden, user_code: 'BBBB-BBBB', action: 'continue' }).toString()
    const type = { cookie, 'content-type': 'application/x-www-form-urlencoded' }
    return (await test.app.inject({ method: 'POST', url: action, payload, headers: { ...headers, ...type }, ...peer }))
      .statusCode
  }
  async function register(origin: Origin) {
    const payload = { redirect_uris: ['https://app.example.com/cb'] }
    return (await test.app.inject({ method: 'POST', url: '/oauth2/register', payload, ...from(origin) })).statusCode
  }
  const post = async (origin: Origin, url: string, payload: object) =>
    (await test.app.inject({ method: 'POST', url, payload, ...from(origin) })).statusCode
  const onboard = (origin: Origin) => {
    const owner = { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@acme.test', password: 'a long password' }
    return post(origin, '/v1/auth/onboard', { organisationName: 'Research', ...owner, token: 'unknown' })
  }
  const reportLeak = (origin: Origin) => post(origin, '/v1/api-keys/report-leak', { keys: ['ck_live_unknown'] })
  const acceptInvitation = (origin: Origin) => {
    const answer = { firstName: 'Ada', lastName: 'Lovelace', password: 'a long password' }
    return post(origin, '/v1/public/invitations/inv_unknown/accept', answer)
  }

  const operations = [
    ['sign-in', signIn],
    ['client authentication', authenticate],
    ['user code', enterUserCode],
    ['registration', register],
    ['sign-up of an organisation', onboard],
    ['report of leaked API keys', reportLeak],
    ['answer to an invitation', acceptInvitation],
  ] as const

  /** The notations of one client; `n` makes those of different cases different clients. */
  const clients: [string, (n: string, count: number) => Origin][] = [
    ['14 addresses of one IPv6 /64', (n, i) => ({ forwarded: `2001:db8:1:${n}::${(i + 1).toString(16)}` })],
    ['peers of one IPv6 /64', (n, i) => ({ peer: `2001:db8:2:${n}::${(i + 1).toString(16)}` })],
    ['an IPv4 address with the port of each connection', (n, i) => ({ forwarded: `192.0.2.${n}:${40_000 + i}` })],
    ['an IPv6 address in brackets, with a port', (n, i) => ({ forwarded: `[2001:db8:3:${n}::1]:${40_000 + i}` })],
    ['an IPv4 address, also mapped into IPv6', (n, i) => ({ forwarded: `${i % 2 ? '::ffff:' : ''}198.51.100.${n}` })],
    ['a peer mapped into IPv6', (n, i) => ({ peer: `${i % 2 ? '::ffff:' : ''}203.0.113.${n}` })],
    [
      'an IPv6 address in several spellings',
      (n, i) => ({
        forwarded: [`2001:db8:4:${n}::a`, `2001:0DB8:4:${n}:0:0:0:A`, `"[2001:db8:4:${n}::a]"`][i % 3] ?? '',
      }),
    ],
    [
      'what a client forwards through the proxy itself',
      (n, i) => ({ forwarded: `203.0.113.${i}, 192.0.2.1${n}`, peer: `::ffff:${PROXY}` }),
    ],
    ['a peer that is no proxy, whatever it forwards', (n, i) => ({ peer: `192.0.2.2${n}`, forwarded: `10.9.9.${i}` })],
  ]

  describe.each(operations)('limits the %s', (_name, operation) => {
    const n = String(operations.findIndex(([, other]) => other === operation) + 1)
    it.each(clients)('for %s', async (_client, origin) => {
      const statuses: number[] = []
      for (let count = 0; count <= MAX; count += 1) statuses.push(await operation(origin(n, count), count))
      expect(statuses.slice(0, MAX)).not.toContain(429)
      expect(statuses[MAX]).toBe(429)
    })

    it('not for another /64', async () => {
      for (let count = 0; count <= MAX; count += 1) {
        expect(await operation({ forwarded: `2001:db8:5:${n}${count}::1` }, count)).not.toBe(429)
      }
    })
  })

  it.each([
    ['[2001:DB8::0:1]:443', '2001:db8::1'],
    ['::ffff:c000:0201', '192.0.2.1'],
    ['192.0.2.7:5000', '192.0.2.7'],
    ['unknown', PROXY],
    ['_hidden', PROXY],
    ['192.0.2.1, <script>alert(1)</script>', PROXY],
    ['0x7f.1', PROXY],
  ])('is stored as an address for the header %j', async (forwarded, stored) => {
    test.clock.advance(60)
    const { headers, ...peer } = from({ forwarded })
    const request = { method: 'POST', url: '/v1/auth/login', headers, payload: OWNER, ...peer } as const
    expect((await test.app.inject(request)).statusCode).toBe(200)
    const { prisma } = test.database
    const session = await prisma.session.findFirstOrThrow({ orderBy: { id: 'desc' } })
    const event = await prisma.auditEvent.findFirstOrThrow({
      where: { type: 'user.login.success' },
      orderBy: { id: 'desc' },
    })
    expect([session.ipAddress, event.ipAddress]).toEqual([stored, stored])
    expect(test.logs.at(-1)).toContain(`"ip":"${stored}"`)
  })
})

describe('the text of an address', () => {
  const SOURCES = join(import.meta.dirname, '../../../src')
  const uses = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) => {
      const [...found] = readFileSync(join(SOURCES, file), 'utf8').matchAll(/ddress\.text\b/g)
      return found.length === 0 ? [] : [`${file} ${found.length}`]
    })

  // A limit that counted it would count each address of a /64. Limits of pages and of other endpoints are not tried above.
  it('is stored, logged and compared with proxies, and used nowhere else', () => {
    expect(uses.toSorted()).toEqual([
      'clients/registration/resolve-cimd-client.ts 1',
      'http/request/client-address.ts 1',
      'http/request/request-metadata.ts 1',
      'http/server/server.ts 1',
      'users/api-keys/authenticate-api-key.ts 1',
    ])
  })
})

describe('parseNetworkAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1:80 ', '192.0.2.1', '192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1', 'fe80::/64'],
    ['64:ff9b::192.0.2.1', '192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
    ['::1', '::1', '::/64'],
  ])('reads %j', (given, text, network) => {
    expect(parseNetworkAddress(given)).toEqual({ text, network })
  })

  it.each([
    '',
    'unknown',
    '1.2.3',
    '256.1.1.1',
    '010.0.0.1',
    '2130706433',
    '[::1',
    '::1]:80',
    '1.2.3.4:',
    '1.2.3.4:80:1',
    'a.b',
  ])('rejects %j', (given) => {
    expect(parseNetworkAddress(given)).toBeUndefined()
  })
})
