import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSafeFetch, SafeFetchError, type ResolveName } from '../../src/safe-fetch/safe-fetch.ts'
import { makeAuthority, makeCertificate, type TestCertificate } from '../support/certificates.ts'
import {
  closeServers,
  respondHello,
  createLoopbackResolver,
  startHttpServer,
  startHttpsServer,
} from '../support/loopback-servers.ts'

const HOST = 'keys.example.test'

let authority: TestCertificate
let trusted: TestCertificate

beforeAll(async () => {
  authority = await makeAuthority()
  trusted = await makeCertificate({ subject: `CN=${HOST}`, names: [{ type: 'dns', value: HOST }], authority })
})
afterEach(closeServers)

describe('where a name leads is looked at when the connection is made', () => {
  // What each network is, is tested with `isPublic`; here, that everybody asks it.
  const INTERNAL = [
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['172.16.0.1'],
    ['192.168.1.1'],
    ['100.64.0.1'],
    ['198.18.0.1'],
    ['0.0.0.0'],
    ['224.0.0.1'],
    ['::1'],
    ['::'],
    ['fc00::1'],
    ['fe80::1'],
    ['ff02::1'],
    ['::ffff:127.0.0.1'],
    ['64:ff9b::7f00:1'],
    ['2002:7f00:1::'],
    ['127.0.0.1', '::1'],
  ]

  it.each(INTERNAL)('a name that leads to %s, by name or by address', async (...addresses) => {
    const server = await startHttpsServer(respondHello, trusted)
    const resolve = createLoopbackResolver({ 'rebound.example.test': addresses })
    const outbound = createSafeFetch({ allowlist: [], authorities: authority.certificate }, resolve)
    for (const host of [
      'rebound.example.test',
      ...addresses.map((text) => (text.includes(':') ? `[${text}]` : text)),
    ]) {
      for (const scheme of ['https', 'http']) {
        await expect(outbound.get(`${scheme}://${host}:${server.port}/`)).rejects.toThrow(
          /public address|not an https URL/,
        )
      }
    }
    expect(server.connections).toBe(0)
  })

  it.each(['127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.0.0.1.', '①②⑦.0.0.1', 'LOCALHOST'])(
    'the loopback interface by another name: %s',
    async (host) => {
      const server = await startHttpsServer(respondHello, trusted)
      const outbound = createSafeFetch({ allowlist: [], authorities: authority.certificate })
      await expect(outbound.get(`https://${host}:${server.port}/`)).rejects.toThrow(/public address/)
      expect(server.connections).toBe(0)
    },
  )

  it('a name that leads elsewhere the second time leads nowhere', async () => {
    const server = await startHttpsServer(respondHello, trusted)
    const asked: string[] = []
    const resolve: ResolveName = async (name) => {
      asked.push(name)
      return [{ address: asked.length === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }]
    }
    const outbound = createSafeFetch({ allowlist: ['127.0.0.2'], authorities: authority.certificate }, resolve)
    // No server listens there. The name is not resolved again for another address.
    await expect(outbound.get(`https://${HOST}:${server.port}/`)).rejects.toThrow(SafeFetchError)
    await expect(outbound.get(`https://${HOST}:${server.port}/`)).rejects.toThrow(/no public address/)
    expect([asked.length, server.connections]).toEqual([2, 0])
  })

  it('of several addresses only those that may be asked are', async () => {
    const server = await startHttpsServer(respondHello, trusted)
    const resolve = createLoopbackResolver({ [HOST]: ['10.255.255.1', '169.254.169.254', '127.0.0.1'] })
    const outbound = createSafeFetch({ allowlist: ['127.0.0.0/8'], authorities: authority.certificate }, resolve)
    expect(await outbound.get(`https://${HOST}:${server.port}/`)).toMatchObject({ status: 200 })
  })

  it('a name that leads nowhere', async () => {
    const outbound = createSafeFetch({ allowlist: [], authorities: undefined })
    await expect(outbound.get('https://unknown.invalid/')).rejects.toThrow(SafeFetchError)
  })
})

describe('what is allowed besides', () => {
  const ask = async (allowlist: string[], url: (port: number) => string, server = startHttpServer(respondHello)) => {
    const { port } = await server
    return createSafeFetch({ allowlist, authorities: authority.certificate }, createLoopbackResolver())
      .get(url(port))
      .then(
        ({ status }) => status,
        () => 'refused',
      )
  }

  it.each([
    ['the host that is named', [HOST], HOST, 200],
    ['in whichever case', ['Keys.Example.TEST'], HOST.toUpperCase(), 200],
    ['no host above it', [HOST], 'example.test', 'refused'],
    ['no host below it', [HOST], `a.${HOST}`, 'refused'],
    ['no host that ends like it', [HOST], `other${HOST}`, 'refused'],
    ['no host that it is the beginning of', [HOST], `${HOST}.evil.test`, 'refused'],
    ['no address that it leads to', [HOST], '127.0.0.1', 'refused'],
    ['an address', ['127.0.0.1'], '127.0.0.1', 200],
    ['a network', ['127.0.0.0/8'], '127.0.0.1', 200],
    ['no other address', ['127.0.0.2'], '127.0.0.1', 'refused'],
    ['no other network', ['10.0.0.0/8'], '127.0.0.1', 'refused'],
    ['no IPv4 by a network of IPv6', ['::ffff:0:0/96'], '127.0.0.1', 'refused'],
    ['nothing by a pattern', ['*'], HOST, 'refused'],
    ['nothing by an empty entry', [''], HOST, 'refused'],
  ])('is %s: %j, %s', async (_, allow, host, expected) => {
    expect(await ask(allow, (port) => `http://${host}:${port}/`)).toBe(expected)
  })

  it('by http is the host, not who leads to an address that is allowed', async () => {
    expect(await ask(['127.0.0.1'], (port) => `http://${HOST}:${port}/`)).toBe('refused')
    expect(
      await ask(['127.0.0.1'], (port) => `https://${HOST}:${port}/`, startHttpsServer(respondHello, trusted)),
    ).toBe(200)
  })
})
