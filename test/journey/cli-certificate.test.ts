import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Listener } from '../../src/http/server/secondary-listener.ts'
import { createTlsListener } from '../../src/http/server/tls-listener.ts'
import { readCertificates } from '../../src/keys/certificates/certificate.ts'
import type { RegisteredTestClient } from '../support/app.ts'
import { makeAuthority, makeCertificate, type TestCertificate } from '../support/certificates.ts'
import { createTerminal, type CommandResult, type Terminal } from '../support/cli.ts'
import { listenOnLoopback, startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { freePort } from '../support/server-processes.ts'

let server: JourneyServer
let terminal: Terminal
let authority: TestCertificate
let own: TestCertificate
let stranger: TestCertificate
let byAuthority: RegisteredTestClient
let bySelf: RegisteredTestClient

const robot = {
  clientType: 'confidential',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scopes: ['clients:*'],
}

/** A server over http, with another port that serves TLS and requests certificates, like MTLS_PORT. */
beforeAll(async () => {
  terminal = await createTerminal()
  authority = await makeAuthority()
  own = await makeCertificate({ subject: 'CN=Robot', authority })
  stranger = await makeCertificate({ subject: 'CN=Robot' })
  const names = [{ type: 'dns', value: 'localhost' }] as const
  const tls = await makeCertificate({ subject: 'CN=localhost', names: [...names], authority })
  const files = {
    certificateFile: await terminal.file('server.pem', tls.certificate),
    keyFile: await terminal.file('server.key', tls.key),
  }
  const port = await freePort()
  let listener: Listener | undefined
  server = await startJourneyServer({
    clientAuthorities: readCertificates(authority.certificate),
    mtls: { mtlsUrl: `https://localhost:${port}` },
    beforeReady(app) {
      listener = createTlsListener(app, { ...files, requestsClientCertificate: true, issuer: '', https: true })
    },
  })
  await listener?.listen({ host: 'localhost', port })
  await terminal.file('authority.pem', authority.certificate)
  await terminal.file('own.pem', own.certificate)
  await terminal.file('own.key', own.key)
  await terminal.file('both.pem', `${own.key}\n${own.certificate}`)
  await terminal.file('stranger.pem', `${stranger.key}\n${stranger.certificate}`)
  byAuthority = await server.registerClient({
    ...robot,
    tokenEndpointAuthMethod: 'tls_client_auth',
    tlsClientAuthSubjectDn: 'CN=Robot',
  })
  bySelf = await server.registerClient({
    ...robot,
    tokenEndpointAuthMethod: 'self_signed_tls_client_auth',
    jwks: { keys: [{ ...stranger.jwk, x5c: [stranger.x5c] }] },
  })
}, 240_000)
afterAll(async () => {
  await server.close()
  await rm(terminal.directory, { recursive: true })
})

const environment = ({ clientId }: RegisteredTestClient, more: Record<string, string>) => ({
  CERBERUS_SERVER: server.issuer,
  CERBERUS_CLIENT_ID: clientId,
  NODE_EXTRA_CA_CERTS: 'authority.pem',
  ...more,
})
const call = (words: string[], client: RegisteredTestClient, more: Record<string, string>) =>
  terminal.call(words, { environment: environment(client, more) })
const ended = ({ code, stderr }: CommandResult) => [code, stderr]
const MINE = { CERBERUS_CLIENT_CERT_FILE: 'own.pem', CERBERUS_CLIENT_KEY_FILE: 'own.key' }

describe('RFC 8705: a client authenticates with a certificate', () => {
  it.each<[string, () => RegisteredTestClient, Record<string, string>]>([
    ['of an authority', () => byAuthority, MINE],
    ['with its key in one file', () => byAuthority, { CERBERUS_CLIENT_CERT_FILE: 'both.pem' }],
    ['of its own making', () => bySelf, { CERBERUS_CLIENT_CERT_FILE: 'stranger.pem' }],
  ])('%s', async (_, client, certificate) => {
    expect(ended(await call(['client', 'list'], client(), certificate))).toEqual([0, ''])
  })

  it('introspects and revokes tokens, and calls operations for clients', async () => {
    const environmentOfMine = { environment: environment(byAuthority, MINE) }
    expect(await terminal.json(['token', 'inspect'], environmentOfMine)).toMatchObject({ active: true })
    const data = ['--data', '{"token":"nonsense"}']
    expect(await terminal.json(['introspectToken', ...data], environmentOfMine)).toEqual({ active: false })
    const revoked = await terminal.call(['token', 'revoke', '--file', '-'], { ...environmentOfMine, stdin: 'x' })
    expect(revoked.code).toBe(0)
  })

  it.each<[string, () => RegisteredTestClient, Record<string, string>, number, RegExp]>([
    ['of another client', () => byAuthority, { CERBERUS_CLIENT_CERT_FILE: 'stranger.pem' }, 3, /\(invalid_client\)/],
    [
      'with another key',
      () => byAuthority,
      { ...MINE, CERBERUS_CLIENT_KEY_FILE: 'stranger.pem' },
      2,
      /own\.pem and stranger\.pem are not a certificate and its private key/,
    ],
    [
      'without its key',
      () => byAuthority,
      { CERBERUS_CLIENT_CERT_FILE: 'own.pem' },
      2,
      /own\.pem is not a certificate and its private key/,
    ],
    ['in a missing file', () => byAuthority, { CERBERUS_CLIENT_CERT_FILE: 'none.pem' }, 2, /ENOENT/],
    ['and a secret', () => byAuthority, { ...MINE, CERBERUS_CLIENT_SECRET: 'x' }, 2, /not both/],
    [
      'to a server with an untrusted certificate',
      () => byAuthority,
      { ...MINE, NODE_EXTRA_CA_CERTS: '' },
      7,
      /certificate/,
    ],
  ])('rejects a certificate %s', async (_, client, more, code, message) => {
    const called = await call(['client', 'list'], client(), more)
    expect(ended(called)).toEqual([code, expect.stringMatching(message)])
    expect(called.stderr).not.toMatch(/^ {4}at /m)
  })

  it('requires TLS for a server without mTLS endpoint aliases', async () => {
    const plain = await listenOnLoopback((_request, response) => {
      const issuer = `http://localhost:${plain.port}`
      const endpoints = ['authorization', 'token', 'revocation', 'introspection', 'userinfo']
      const metadata = endpoints.map((name) => [`${name}_endpoint`, `${issuer}/${name}`])
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ issuer, ...Object.fromEntries(metadata) }))
    })
    const more = { ...MINE, CERBERUS_SERVER: `http://localhost:${plain.port}` }
    expect(ended(await call(['client', 'list'], byAuthority, more))).toEqual([
      2,
      `cerberus: A client certificate needs https, and http://localhost:${plain.port} has none.\n`,
    ])
    await plain.close()
  })
})
