import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as connectHttp2, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import { request as requestHttp1 } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Listener } from '../../../src/http/server/secondary-listener.ts'
import { createTlsListener } from '../../../src/http/server/tls-listener.ts'
import { readCertificates } from '../../../src/keys/certificates/certificate.ts'
import { createTestApp, ISSUER, OWNER, type TestApp } from '../../support/app.ts'
import { makeAuthority, makeCertificate, type TestCertificate } from '../../support/certificates.ts'
import { freePort } from '../../support/server-processes.ts'

let directory: string
let test: TestApp
let authority: TestCertificate
let own: TestCertificate
let port: number
let session: ClientHttp2Session
let files: { certificateFile: string; keyFile: string }
let closing: Listener | undefined

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cerberus-h2-'))
  authority = await makeAuthority()
  own = await makeCertificate({ subject: 'CN=machine', authority })
  const names = [{ type: 'dns', value: 'localhost' }] as const
  const name = await makeCertificate({ subject: 'CN=localhost', names: [...names], authority })
  files = { certificateFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') }
  await writeFile(files.certificateFile, name.certificate)
  await writeFile(files.keyFile, name.key, { mode: 0o600 })
  let listener: Listener | undefined
  test = await createTestApp({
    clientAuthorities: readCertificates(authority.certificate),
    beforeReady(app) {
      listener = createTlsListener(app, { ...files, requestsClientCertificate: true, issuer: ISSUER, https: true })
    },
  })
  port = await freePort()
  await listener?.listen({ host: 'localhost', port })
  session = connect()
})
afterAll(async () => {
  session.destroy()
  await test.close()
  await rm(directory, { recursive: true, force: true })
})

function connect(more: { cert?: string; key?: string } = {}): ClientHttp2Session {
  return connectHttp2(`https://localhost:${port}`, { ca: authority.certificate, ...more })
}

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: string
}

function send(path: string, headers: OutgoingHttpHeaders = {}, payload?: string, by = session): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = by.request({ ':path': path, ':method': payload === undefined ? 'GET' : 'POST', ...headers })
    let answered: Record<string, unknown> = {}
    let body = ''
    stream.setEncoding('utf8')
    stream.on('response', (found) => (answered = found))
    stream.on('data', (chunk: string) => (body += chunk))
    stream.on('end', () => resolve({ status: Number(answered[':status']), headers: answered, body }))
    stream.on('error', reject)
    stream.end(payload)
  })
}
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

describe('RFC 9113: HTTP/2 at the TLS listener', () => {
  it('§3.2 is negotiated by ALPN, and HTTP/1.1 stays', async () => {
    const answer = await send('/.well-known/openid-configuration')
    expect([answer.status, session.alpnProtocol]).toEqual([200, 'h2'])
    const status = await new Promise((resolve, reject) => {
      requestHttp1({ host: 'localhost', port, path: '/health', ca: authority.certificate }, (found) => {
        found.resume()
        resolve([found.httpVersion, found.statusCode])
      })
        .on('error', reject)
        .end()
    })
    expect(status).toEqual(['1.1', 200])
  })

  it.each([
    ['/.well-known/openid-configuration', {}, undefined, 200, 'application/json'],
    ['/oauth2/authorize', {}, undefined, 400, 'text/html'],
    ['/oauth2/token', FORM, 'grant_type=x', 401, 'application/json'],
    ['/oauth2/token', { 'content-type': 'text/xml' }, '<x/>', 400, 'application/json'],
    ['/v1/me/profile', {}, undefined, 401, 'application/problem+json'],
    ['/nothing', {}, undefined, 404, 'application/problem+json'],
    ['/health%00', {}, undefined, 400, 'application/problem+json'],
    ['/auth/login', { ':method': 'HEAD' }, undefined, 200, 'text/html'],
  ])('§8 %s answers as by HTTP/1.1', async (path, headers, payload, status, type) => {
    const answer = await send(path, headers, payload)
    expect([answer.status, String(answer.headers['content-type']).split(';')[0]]).toEqual([status, type])
    expect(answer.headers['strict-transport-security']).toBeDefined()
  })

  it('§5 serves many streams of one connection, and cookies and bodies work', async () => {
    const payload = JSON.stringify(OWNER)
    const signedIn = await send('/v1/auth/login', { 'content-type': 'application/json' }, payload)
    const cookie = (signedIn.headers['set-cookie'] as string[]).map((set) => set.split(';')[0]).join('; ')
    const answers = await Promise.all(Array.from({ length: 60 }, () => send('/v1/me/profile', { cookie })))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const documents = await Promise.all(Array.from({ length: 20 }, () => send('/openapi.json')))
    for (const { body } of documents) expect(JSON.parse(body)).toMatchObject({ openapi: '3.1.0' })
  })

  it('§6.8 ends when the server closes, after the streams in progress', async () => {
    const other = await createTestApp({
      beforeReady(app) {
        closing = createTlsListener(app, { ...files, requestsClientCertificate: false, issuer: ISSUER, https: true })
      },
    })
    const at = await freePort()
    await closing?.listen({ host: 'localhost', port: at })
    const client = connectHttp2(`https://localhost:${at}`, { ca: authority.certificate })
    const answer = send('/openapi.json', {}, undefined, client)
    const gone = new Promise((resolve) => client.once('close', resolve))
    expect((await answer).status).toBe(200)
    await Promise.all([other.close(), gone])
    expect(client.closed).toBe(true)
  })

  it('carries client certificates (RFC 8705 §2)', async () => {
    const client = await test.registerClient({
      clientType: 'confidential',
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scopes: ['api'],
      tokenEndpointAuthMethod: 'tls_client_auth',
      tlsClientAuthSubjectDn: 'CN=machine',
    })
    const form = `grant_type=client_credentials&client_id=${client.clientId}`
    expect((await send('/oauth2/token', FORM, form)).status).toBe(401)
    const withCertificate = connect({ cert: own.certificate, key: own.key })
    expect((await send('/oauth2/token', FORM, form, withCertificate)).status).toBe(200)
    withCertificate.destroy()
  })
})
