import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createSafeFetch, createTextFetcher, SafeFetchError } from '../../src/safe-fetch/safe-fetch.ts'
import { makeAuthority, makeCertificate, type TestCertificate } from '../support/certificates.ts'
import {
  closeServers,
  expectFetchError,
  respondHello,
  createLoopbackResolver,
  startLoopbackServer,
  startHttpServer,
  startHttpsServer,
} from '../support/loopback-servers.ts'
import { compileServer, ROOT } from '../support/server-processes.ts'

const HOST = 'keys.example.test'
const LARGEST = 262_144

let authority: TestCertificate
let trusted: TestCertificate

const nameOf = (name: string) => [{ type: 'dns' as const, value: name }]
beforeAll(async () => {
  authority = await makeAuthority()
  trusted = await makeCertificate({ subject: `CN=${HOST}`, names: nameOf(HOST), authority })
})
afterEach(closeServers)

const create = (allowlist: string[] = [HOST], authorities: string | undefined = authority.certificate) =>
  createSafeFetch({ allowlist, authorities }, createLoopbackResolver())

describe('another server is believed by its certificate alone', () => {
  it('of an authority of our own, under the name that was asked', async () => {
    const { port } = await startHttpsServer(respondHello, trusted)
    expect(await create().get(`https://${HOST}:${port}/`)).toMatchObject({ status: 200, body: 'hello' })
  })

  const wrong: [string, () => Promise<TestCertificate>][] = [
    ['signed by itself', () => makeCertificate({ subject: `CN=${HOST}`, names: nameOf(HOST) })],
    [
      'of an unknown authority',
      async () =>
        makeCertificate({ subject: `CN=${HOST}`, names: nameOf(HOST), authority: await makeAuthority('CN=X') }),
    ],
    ['of another name', () => makeCertificate({ subject: `CN=${HOST}`, names: nameOf('other.test'), authority })],
    [
      'that has expired',
      () =>
        makeCertificate({ subject: `CN=${HOST}`, names: nameOf(HOST), authority, notAfter: new Date('2021-01-01') }),
    ],
    [
      'that is to come',
      () =>
        makeCertificate({ subject: `CN=${HOST}`, names: nameOf(HOST), authority, notBefore: new Date('2119-01-01') }),
    ],
  ]
  it.each(wrong)('and not by one %s', async (_, make) => {
    let asked = 0
    const { port } = await startHttpsServer(() => (asked += 1), await make())
    await expect(create().get(`https://${HOST}:${port}/`)).rejects.toThrow(SafeFetchError)
    await expect(create().postForm(`https://${HOST}:${port}/`, { a: 'b' })).rejects.toThrow(SafeFetchError)
    expect(asked).toBe(0)
  })

  it('nor by one of our authority where that was not given', async () => {
    const { port } = await startHttpsServer(respondHello, trusted)
    await expect(
      createSafeFetch({ allowlist: [HOST], authorities: undefined }, createLoopbackResolver()).get(
        `https://${HOST}:${port}/`,
      ),
    ).rejects.toThrow(SafeFetchError)
  })

  it('nor over a TLS that is too old', async () => {
    const { port } = await startHttpsServer(respondHello, trusted, {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    await expect(create().get(`https://${HOST}:${port}/`)).rejects.toThrow(SafeFetchError)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('over %s, with the name in it', async (version) => {
    const seen: unknown[] = []
    const listener: RequestListener = ({ socket, headers }, response) => {
      seen.push((socket as Socket & { servername?: unknown }).servername, headers.host?.split(':')[0])
      response.end()
    }
    const { port } = await startHttpsServer(listener, trusted, { minVersion: version, maxVersion: version })
    await create().get(`https://${HOST}:${port}/`)
    expect(seen).toEqual([HOST, HOST])
  })
})

describe('what is sent', () => {
  it('has the expected headers, without user data', async () => {
    const seen: object[] = []
    const listener: RequestListener = (request, response) => {
      const { host: _, ...headers } = request.headers
      request.on('data', (body: Buffer) => void seen.push({ body: body.toString() }))
      request.on('end', () => {
        seen.push({ method: request.method, url: request.url, headers })
        response.end()
      })
    }
    const { port } = await startHttpsServer(listener, trusted)
    await create().get(`https://${HOST}:${port}/a?b=c#d`)
    await create().postForm(`https://${HOST}:${port}/`, { logout_token: 'a+b' })
    const always = {
      accept: '*/*',
      'accept-encoding': 'gzip, deflate, br',
      'user-agent': 'cerberus',
      connection: 'close',
    }
    expect(seen).toEqual([
      { method: 'GET', url: '/a?b=c', headers: always },
      { body: 'logout_token=a%2Bb' },
      {
        method: 'POST',
        url: '/',
        headers: { ...always, 'content-type': 'application/x-www-form-urlencoded', 'content-length': '18' },
      },
    ])
  })

  it.each([
    ['nothing', ''],
    ['no URL', 'keys.example.test'],
    ['http', `http://elsewhere.test/`],
    ['a file', 'file:///etc/passwd'],
    ['another scheme', `ftp://${HOST}/`],
    ['data', 'data:text/plain,x'],
    ['credentials', `https://user:password@${HOST}/`],
    ['a name', `https://user@${HOST}/`],
  ])('is nothing at all to %s', async (_, url) => {
    await expect(create().get(url)).rejects.toThrow(SafeFetchError)
    await expect(create().postForm(url, {})).rejects.toThrow(SafeFetchError)
  })
})

describe('an answer', () => {
  it.each([301, 302, 303, 307, 308])('that leads on, by %i, is where it ends', async (status) => {
    const asked: (string | undefined)[] = []
    const { port } = await startHttpsServer((request, response) => {
      asked.push(request.url)
      response.writeHead(status, { location: '/elsewhere' }).end()
    }, trusted)
    expect(await create().get(`https://${HOST}:${port}/a`)).toMatchObject({ status, body: '' })
    expect(await create().postForm(`https://${HOST}:${port}/b`, {})).toMatchObject({ status, body: '' })
    await expect(createTextFetcher(create())(`https://${HOST}:${port}/c`)).rejects.toThrow(SafeFetchError)
    expect(asked).toEqual(['/a', '/b', '/c'])
  })

  it.each([204, 400, 404, 500])('of %i is no document', async (status) => {
    const { port } = await startHttpsServer((_, response) => void response.writeHead(status).end(), trusted)
    await expect(createTextFetcher(create())(`https://${HOST}:${port}/`)).rejects.toThrow(String(status))
  })

  it('is read to the last byte that is allowed, and no further', async () => {
    let size = LARGEST
    const { port } = await startHttpsServer((_, response) => void response.end(Buffer.alloc(size, 'x')), trusted)
    expect((await create().get(`https://${HOST}:${port}/`)).body).toHaveLength(LARGEST)
    size += 1
    await expect(create().get(`https://${HOST}:${port}/`)).rejects.toThrow(`${LARGEST} bytes`)
  })

  it('without end is not waited for, and the other is left', async () => {
    const server = await startHttpsServer((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      }
      response.on('drain', more)
      more()
    }, trusted)
    await expect(create().get(`https://${HOST}:${server.port}/`)).rejects.toThrow(`${LARGEST} bytes`)
    await expect.poll(() => server.open.size).toBe(0)
  })

  it('that breaks off is an error', async () => {
    const { port } = await startHttpsServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => void response.destroy())
    }, trusted)
    await expect(create().get(`https://${HOST}:${port}/`)).rejects.toThrow(SafeFetchError)
  })

  it('that does not come, or not to its end, is given up', async () => {
    const silent = await startHttpsServer(() => undefined, trusted)
    const mute = await startLoopbackServer(createServer((socket) => void socket.resume()))
    const dripping = await startHttpsServer((_, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      const drop = setInterval(() => response.write('x'), 50)
      response.on('close', () => clearInterval(drop))
    }, trusted)
    const slow = [silent, mute, dripping]
    const failures = await Promise.all(
      slow.map(({ port }) => expectFetchError(create().get(`https://${HOST}:${port}/`))),
    )
    expect(failures.map(({ message }) => message)).toEqual(slow.map(() => 'There was no response in time.'))
    await expect.poll(() => slow.map(({ open }) => open.size)).toEqual([0, 0, 0])
  })
})

describe('the environment', () => {
  it('neither sends requests by way of a proxy nor has certificates believed', async () => {
    await compileServer()
    const proxied: string[] = []
    const proxy = await startHttpServer((request, response) => {
      proxied.push(request.url ?? '')
      response.end('by proxy')
    })
    const direct = await startHttpServer(respondHello)
    const untrusted = await startHttpsServer(
      respondHello,
      await makeCertificate({ subject: 'CN=localhost', names: nameOf('localhost') }),
    )
    const program = `
      const { createSafeFetch } = await import(${JSON.stringify(join(ROOT, 'dist/safe-fetch/safe-fetch.js'))})
      const outbound = createSafeFetch({ allowlist: ['localhost'], authorities: undefined })
      const said = []
      for (const url of ['http://localhost:${direct.port}/', 'https://localhost:${untrusted.port}/'])
        said.push(await outbound.get(url).then(({ body }) => body, (error) => error.name))
      process.stdout.write(JSON.stringify(said))`
    const address = `http://127.0.0.1:${proxy.port}`
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy']
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      env: {
        ...Object.fromEntries(names.map((name) => [name, address])),
        NODE_USE_ENV_PROXY: '1',
        NODE_TLS_REJECT_UNAUTHORIZED: '0',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    await once(child, 'close')
    expect([JSON.parse(said), proxied]).toEqual([['hello', 'SafeFetchError'], []])
  })
})

describe('RFC 9110 §8.4 responses may be compressed', () => {
  const text = JSON.stringify({ keys: [], note: 'ä'.repeat(1_000) })
  const respondWith =
    (coding: string | undefined, body: Buffer): RequestListener =>
    (_request, response) => {
      response.writeHead(200, coding === undefined ? {} : { 'content-encoding': coding })
      response.end(body)
    }
  const getFrom = async (listener: RequestListener) => {
    const { port } = await startHttpServer(listener)
    return create().get(`http://${HOST}:${port}/`)
  }

  it('and that is asked for', async () => {
    let asked: string | undefined
    await getFrom((request, response) => {
      asked = request.headers['accept-encoding']
      response.end()
    })
    expect(asked).toBe('gzip, deflate, br')
  })

  it.each<[string, Buffer]>([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', Buffer.from(text)],
    ['', Buffer.from(text)],
  ])('by %s', async (coding, body) => {
    expect(await getFrom(respondWith(coding, body))).toMatchObject({ status: 200, body: text, isUtf8: true })
  })

  it.each<[string, string, Buffer]>([
    ['a gzip that decodes to more than the limit', 'gzip', gzipSync(Buffer.alloc(LARGEST + 1))],
    ['a bomb of gzip', 'gzip', gzipSync(Buffer.alloc(50_000_000))],
    [
      'a bomb of br',
      'br',
      brotliCompressSync(Buffer.alloc(50_000_000), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    ],
    ['a bomb of deflate', 'deflate', deflateSync(Buffer.alloc(50_000_000))],
  ])('but not %s', async (_, coding, body) => {
    const { message } = await expectFetchError(getFrom(respondWith(coding, body)))
    expect(message).toBe(`The response has more than ${LARGEST} bytes.`)
  })

  it.each<[string, string, Buffer]>([
    ['that is cut off', 'gzip', gzipSync(text).subarray(0, -12)],
    ['that is not compressed', 'gzip', Buffer.from(text)],
    ['by an unknown coding', 'zstd', Buffer.from(text)],
    ['twice', 'gzip, br', brotliCompressSync(gzipSync(text))],
  ])('nor one %s', async (_, coding, body) => {
    expect(await expectFetchError(getFrom(respondWith(coding, body)))).toBeInstanceOf(SafeFetchError)
  })

  it('and a document that is not UTF-8 is refused, not stored with other characters', async () => {
    const { port } = await startHttpServer(respondWith(undefined, Buffer.from([0x22, 0xff, 0x22])))
    const url = `http://${HOST}:${port}/`
    expect((await create().get(url)).isUtf8).toBe(false)
    await expectFetchError(createTextFetcher(create())(url))
  })

  it('a byte order mark is left out (RFC 8259 §8.1)', async () => {
    expect(await getFrom(respondWith(undefined, Buffer.from('\ufeff{}')))).toMatchObject({ body: '{}' })
  })
})
