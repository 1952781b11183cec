import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../support/app.ts'
import { sendRaw } from '../../support/raw-http.ts'

let test: TestApp
let port: number

beforeAll(async () => {
  test = await createTestApp()
  port = Number(new URL(await test.app.listen({ port: 0, host: '127.0.0.1' })).port)
})
afterAll(() => test.close())

const HEAD = 'Host: auth.example.com\r\nConnection: close\r\n'
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n'

/** What no answer may say of our insides. */
const INSIDES = /node_modules|\.ts:\d|\n\s+at |FST_|Error:|ECONN|prisma|postgres|fastify/i

/** What an attacker would want to see two servers read differently, and what a server must not be brought down by. */
const malformed: [string, number[], string | Buffer][] = [
  ['two Host headers', [400], `GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n`],
  ['no Host header', [400], `GET /health HTTP/1.1\r\nConnection: close\r\n\r\n`],
  ['an absolute-form target with a user', [400], `GET http://a@evil.test/health HTTP/1.1\r\n${HEAD}\r\n`],
  ['an absolute-form target without a host', [400], `GET http:///health HTTP/1.1\r\n${HEAD}\r\n`],
  ['an absolute-form target of another scheme', [400], `GET ftp://evil.test/health HTTP/1.1\r\n${HEAD}\r\n`],
  ['an absolute-form target with two Hosts', [400], `GET http://a/health HTTP/1.1\r\nHost: b\r\n${HEAD}\r\n`],
  ['an authority-form target', [400], `GET evil.test:80 HTTP/1.1\r\n${HEAD}\r\n`],
  ['an asterisk-form target', [400], `OPTIONS * HTTP/1.1\r\n${HEAD}\r\n`],
  ['a target with a double slash', [404], `GET //evil.test/health HTTP/1.1\r\n${HEAD}\r\n`],
  ['a target with a backslash', [400, 404], `GET /\\evil.test HTTP/1.1\r\n${HEAD}\r\n`],
  ['a target with raw bytes', [400, 404], Buffer.from(`GET /health\xff HTTP/1.1\r\n${HEAD}\r\n`, 'latin1')],
  ['a NUL in the target', [400], `GET /health\0 HTTP/1.1\r\n${HEAD}\r\n`],
  ['an encoded NUL in the path', [400], `GET /health%00 HTTP/1.1\r\n${HEAD}\r\n`],
  ['an encoded NUL in the query', [400], `GET /oauth2/authorize?state=%00 HTTP/1.1\r\n${HEAD}\r\n`],
  ['broken percent-encoding in the path', [400], `GET /%E0%A4%A HTTP/1.1\r\n${HEAD}\r\n`],
  ['broken percent-encoding in a parameter', [400], `GET /v1/admin/clients/%ZZ HTTP/1.1\r\n${HEAD}\r\n`],
  ['TRACE', [404, 405], `TRACE /health HTTP/1.1\r\n${HEAD}X-Secret: secret-header-value\r\n\r\n`],
  ['CONNECT', [0, 400, 404, 405], `CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n`],
  ['an unknown method', [400, 404, 405, 501], `BREW /health HTTP/1.1\r\n${HEAD}\r\n`],
  ['another protocol', [400], `SSH-2.0-OpenSSH_9.6\r\n\r\n`],
  ['HTTP of another version', [400, 505], `GET /health HTTP/9.9\r\n${HEAD}\r\n`],
  [
    'Transfer-Encoding beside Content-Length',
    [400],
    `POST /oauth2/token HTTP/1.1\r\n${HEAD}${FORM}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    'two Content-Lengths',
    [400],
    `POST /oauth2/token HTTP/1.1\r\n${HEAD}${FORM}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`,
  ],
  [
    'a Content-Length that is no number',
    [400],
    `POST /oauth2/token HTTP/1.1\r\n${HEAD}${FORM}Content-Length: +4\r\n\r\nabcd`,
  ],
  [
    'an unknown transfer coding',
    [400, 501],
    `POST /oauth2/token HTTP/1.1\r\n${HEAD}${FORM}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    'a chunk of no size',
    [400],
    `POST /oauth2/token HTTP/1.1\r\n${HEAD}${FORM}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`,
  ],
  ['a header name with a space', [400], `GET /health HTTP/1.1\r\n${HEAD}X Evil: 1\r\n\r\n`],
  ['a space before the colon', [400], `GET /health HTTP/1.1\r\n${HEAD}X-Evil : 1\r\n\r\n`],
  ['a NUL in a header', [400], `GET /health HTTP/1.1\r\n${HEAD}X-Evil: a\0b\r\n\r\n`],
  ['a bare line feed in a header', [400], `GET /health HTTP/1.1\r\n${HEAD}X-Evil: a\nX-More: b\r\n\r\n`],
  ['a folded header', [400], `GET /health HTTP/1.1\r\n${HEAD}X-Evil: a\r\n b\r\n\r\n`],
  ['headers beyond 16 KiB', [431], `GET /health HTTP/1.1\r\n${HEAD}X-Long: ${'a'.repeat(17_000)}\r\n\r\n`],
  ['a target beyond 16 KiB', [414, 431], `GET /${'a'.repeat(17_000)} HTTP/1.1\r\n${HEAD}\r\n`],
]

describe('RFC 9112: malformed messages are rejected without internal details', () => {
  it.each(malformed)('%s', async (_, statuses, request) => {
    const answer = await sendRaw(port, request)
    expect(statuses).toContain(answer.status)
    expect(answer.text).not.toMatch(INSIDES)
    expect(answer.text).not.toContain('secret-header-value')
    // Browsers must not guess what a refusal is, nor caches keep it. Some have nothing in them.
    if (answer.headers['content-type'] === undefined) return
    expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
  })

  it('and the server goes on as if nothing had been', async () => {
    for (const [, , request] of malformed) await sendRaw(port, request)
    const answer = await sendRaw(port, `GET /health HTTP/1.1\r\n${HEAD}\r\n`)
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, expect.objectContaining({ status: 'ok' })])
    expect(test.logs.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toEqual([])
  })
})

describe('RFC 9112 §3.2.2: a target in absolute form', () => {
  it.each([
    ['GET', 'http://auth.example.com/.well-known/openid-configuration', 200],
    ['GET', 'HTTPS://AUTH.example.com:443/health', 200],
    ['GET', 'http://[::1]:4000/health?x=1', 200],
    ['GET', 'http://proxied.test?x=1', 200],
    ['GET', 'http://proxied.test/oauth2/authorize?state=a', 400],
    ['GET', 'http://proxied.test/v1/admin/clients', 401],
    ['POST', 'http://proxied.test/oauth2/token', 400],
  ])('%s %s is the path that it names', async (method, target, status) => {
    const { pathname, search } = new URL(target)
    const lines = (sent: string) => `${method} ${sent} HTTP/1.1\r\n${HEAD}Content-Length: 0\r\n\r\n`
    const [absolute, path] = [await sendRaw(port, lines(target)), await sendRaw(port, lines(pathname + search))]
    expect([absolute.status, path.status]).toEqual([status, status])
    expect(absolute.headers['content-type']).toBe(path.headers['content-type'])
    expect(absolute.text).not.toContain('proxied.test')
  })
})

describe('addresses come from the configuration', () => {
  it('whatever the request says of where it was sent', async () => {
    const forwarded = 'X-Forwarded-Host: evil.test\r\nX-Forwarded-Proto: http\r\nForwarded: host=evil.test\r\n'
    for (const path of ['/.well-known/openid-configuration', '/auth/login', '/oauth2/logout', '/nothing']) {
      const request = `GET ${path} HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n${forwarded}\r\n`
      const answer = await sendRaw(port, request)
      expect(answer.text).not.toContain('evil.test')
    }
  })

  it('and X-Forwarded-For is accepted from trusted proxies only', async () => {
    const payload = JSON.stringify({ email: 'unknown@acme.test', password: 'wrong' })
    await sendRaw(
      port,
      `POST /v1/auth/login HTTP/1.1\r\n${HEAD}X-Forwarded-For: 203.0.113.9\r\nContent-Type: application/json\r\nContent-Length: ${payload.length}\r\n\r\n${payload}`,
    )
    const event = await test.database.prisma.auditEvent.findFirstOrThrow({ where: { type: 'user.login.failed' } })
    expect(event.ipAddress).toBe('127.0.0.1')
  })
})
