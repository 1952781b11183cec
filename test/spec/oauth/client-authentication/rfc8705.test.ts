import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request as askOverTls } from 'node:https'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCertificates } from '../../../../src/keys/certificates/certificate.ts'
import type { Listener } from '../../../../src/http/server/secondary-listener.ts'
import { createTlsListener } from '../../../../src/http/server/tls-listener.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import {
  KeyUsageFlags,
  makeAuthority,
  makeCertificate,
  SERVER_AUTH,
  type CertificateOptions,
  type TestCertificate,
} from '../../../support/certificates.ts'
import { startDocumentServer } from '../../../support/document-server.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const TOKEN = '/oauth2/token'
const HEADER = 'x-client-cert'
/** In the order of RFC 4514 §2.1: the last encoded name first. */
const SUBJECT = 'CN=Reports,O=Example\\, Inc.,C=DE'
const ENCODED = 'C=DE, O=Example\\, Inc., CN=Reports'
const NAMES = [
  { type: 'dns', value: 'reports.example.com' },
  { type: 'url', value: 'https://reports.example.com/identity' },
  { type: 'ip', value: '192.0.2.7' },
  { type: 'email', value: 'reports@example.com' },
] as const

let test: TestApp
let web: Awaited<ReturnType<typeof startDocumentServer>>
let authority: TestCertificate
let stranger: TestCertificate
let own: TestCertificate

const MACHINE = {
  clientType: 'confidential',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scopes: ['api'],
  tokenEndpointAuthMethod: 'tls_client_auth',
}

beforeAll(async () => {
  authority = await makeAuthority()
  stranger = await makeAuthority('CN=Authority of strangers')
  own = await makeCertificate({ subject: ENCODED, names: [...NAMES], authority })
  test = await createTestApp({
    allow: ['localhost'],
    clientAuthorities: readCertificates(authority.certificate),
    mtls: {
      trustedProxies: ['127.0.0.1'],
      certificateHeader: { form: 'nginx', name: HEADER },
      mtlsUrl: 'https://mtls.example.com',
    },
  })
  web = await startDocumentServer()
})
afterAll(async () => {
  await web.close()
  await test.close()
})

/** The form of nginx: PEM, percent-encoded. */
const shown = ({ certificate }: TestCertificate) => ({ [HEADER]: encodeURIComponent(certificate) })
const result = async (client: RegisteredTestClient, headers: Record<string, string>, more = {}) => {
  const answer = await relyingParty(test, client).post(
    TOKEN,
    { grant_type: 'client_credentials', client_id: client.clientId, ...more },
    headers,
  )
  return [answer.statusCode, answer.json<{ error?: string }>().error]
}
const GRANTED = [200, undefined]
const REFUSED = [401, 'invalid_client']

describe('RFC 8705 §2.1 tls_client_auth', () => {
  it.each([
    ['the subject', { tlsClientAuthSubjectDn: SUBJECT }],
    ['the subject in other letters and spaces', { tlsClientAuthSubjectDn: 'cn=reports , o=EXAMPLE\\2C  inc., c=de' }],
    [
      'the subject by numbers of attributes',
      { tlsClientAuthSubjectDn: '2.5.4.3=Reports,2.5.4.10=Example\\, Inc.,C=DE' },
    ],
    ['a DNS name', { tlsClientAuthSanDns: 'reports.example.com' }],
    ['a URI', { tlsClientAuthSanUri: 'https://reports.example.com/identity' }],
    ['an IP address', { tlsClientAuthSanIp: '192.0.2.7' }],
    ['an e-mail address', { tlsClientAuthSanEmail: 'reports@example.com' }],
  ])('authenticates a client that registered %s', async (_what, settings) => {
    const client = await test.registerClient({ ...MACHINE, ...settings })
    expect(client.clientSecret).toBeNull()
    expect(await result(client, shown(own))).toEqual(GRANTED)
  })

  it.each([
    ['part of the subject', { tlsClientAuthSubjectDn: 'CN=Reports' }],
    ['the subject in another order', { tlsClientAuthSubjectDn: 'C=DE,O=Example\\, Inc.,CN=Reports' }],
    ['a neighbour of the DNS name', { tlsClientAuthSanDns: 'example.com' }],
    ['the common name as a DNS name', { tlsClientAuthSanDns: 'Reports' }],
    ['the start of the URI', { tlsClientAuthSanUri: 'https://reports.example.com/' }],
    ['another IP address', { tlsClientAuthSanIp: '192.0.2.8' }],
    ['another e-mail address', { tlsClientAuthSanEmail: 'others@example.com' }],
  ])('rejects a client that registered %s', async (_what, settings) => {
    expect(await result(await test.registerClient({ ...MACHINE, ...settings }), shown(own))).toEqual(REFUSED)
  })

  it('does not match a wildcard in a certificate', async () => {
    const client = await test.registerClient({ ...MACHINE, tlsClientAuthSanDns: 'reports.example.com' })
    const wild = await makeCertificate({ subject: 'CN=x', names: [{ type: 'dns', value: '*.example.com' }], authority })
    expect(await result(client, shown(wild))).toEqual(REFUSED)
  })

  it('does not match text inside another name', async () => {
    const client = await test.registerClient({
      ...MACHINE,
      tlsClientAuthSanUri: 'https://reports.example.com/identity',
    })
    const value = 'https://evil.example.com/, URI:https://reports.example.com/identity'
    const sly = await makeCertificate({ subject: 'CN=x', names: [{ type: 'url', value }], authority })
    expect(await result(client, shown(sly))).toEqual(REFUSED)
  })

  it.each<[string, () => Record<string, string> | Promise<Record<string, string>>]>([
    ['no certificate', () => ({})],
    ['an invalid one', () => ({ [HEADER]: 'nonsense' })],
    ['an invalid one, percent-encoded wrongly', () => ({ [HEADER]: '%E0%A4%A' })],
    [
      'one of an untrusted authority',
      async () => shown(await makeCertificate({ subject: ENCODED, names: [...NAMES], authority: stranger })),
    ],
    ['one that it issued itself', async () => shown(await makeCertificate({ subject: ENCODED, names: [...NAMES] }))],
    [
      'one of an authority of the same name',
      async () => {
        const namesake = await makeAuthority()
        return shown(await makeCertificate({ subject: ENCODED, names: [...NAMES], authority: namesake }))
      },
    ],
    [
      'one that has expired',
      async () => {
        const notAfter = new Date(test.clock.now().getTime() - 1000)
        return shown(await makeCertificate({ subject: ENCODED, names: [...NAMES], authority, notAfter }))
      },
    ],
    [
      'one that is not valid yet',
      async () => {
        const notBefore = new Date(test.clock.now().getTime() + 60_000)
        return shown(await makeCertificate({ subject: ENCODED, names: [...NAMES], authority, notBefore }))
      },
    ],
  ])('rejects %s', async (_what, headers) => {
    const client = await test.registerClient({ ...MACHINE, tlsClientAuthSanDns: 'reports.example.com' })
    expect(await result(client, await headers())).toEqual(REFUSED)
  })

  it('is rejected for a client of another method, and other methods for its clients', async () => {
    const other = await test.registerClient({ ...MACHINE, tokenEndpointAuthMethod: 'client_secret_post' })
    expect(await result(other, shown(own))).toEqual(REFUSED)
    const client = await test.registerClient({ ...MACHINE, tlsClientAuthSanDns: 'reports.example.com' })
    expect(await result(client, shown(own), { client_secret: 'secret_x' })).toEqual(REFUSED)
  })

  it.each([
    ['no subject', {}],
    ['two subjects', { tlsClientAuthSanDns: 'a.example.com', tlsClientAuthSanIp: '192.0.2.7' }],
    ['a wildcard', { tlsClientAuthSanDns: '*.example.com' }],
    ['a subject that is no name', { tlsClientAuthSubjectDn: 'Reports' }],
    ['an invalid address', { tlsClientAuthSanIp: '192.0.2.300' }],
    [
      'a subject for another method',
      { tokenEndpointAuthMethod: 'client_secret_post', tlsClientAuthSanIp: '192.0.2.7' },
    ],
  ])('is not registered with %s', async (_what, settings) => {
    await expect(test.registerClient({ ...MACHINE, ...settings })).rejects.toThrow('Registration answered 400')
  })
})

describe('RFC 8705 §2.1 a certificate of an intermediate authority', () => {
  const CHAIN_HEADER = { form: 'traefik', name: HEADER } as const
  const SETTINGS = { ...MACHINE, tlsClientAuthSanUri: 'https://reports.example.com/identity' }
  let server: TestApp
  let client: RegisteredTestClient
  let intermediate: TestCertificate

  beforeAll(async () => {
    server = await createTestApp({
      clientAuthorities: readCertificates(authority.certificate),
      mtls: { trustedProxies: ['127.0.0.1'], certificateHeader: CHAIN_HEADER },
    })
    client = await server.registerClient(SETTINGS)
    intermediate = await makeCertificate({ subject: 'CN=Intermediate', isAuthority: true, authority })
  })
  afterAll(() => server.close())

  const issue = (by: TestCertificate) => makeCertificate({ subject: ENCODED, names: [...NAMES], authority: by })
  const present = async (...chain: TestCertificate[]) => {
    const answer = await relyingParty(server, client).post(
      TOKEN,
      { grant_type: 'client_credentials', client_id: client.clientId },
      { [HEADER]: encodeURIComponent(chain.map(({ x5c }) => x5c).join(',')) },
    )
    return [answer.statusCode, answer.json<{ error?: string }>().error]
  }
  const subordinate = (options: Partial<CertificateOptions> = {}) =>
    makeCertificate({ subject: 'CN=Subordinate', isAuthority: true, authority, ...options })

  it('is accepted with the intermediate', async () => {
    expect(await present(await issue(intermediate), intermediate)).toEqual(GRANTED)
  })

  it('is accepted with two intermediates in any order, and with the root', async () => {
    const second = await subordinate({ authority: intermediate })
    const leaf = await issue(second)
    expect(await present(leaf, second, intermediate)).toEqual(GRANTED)
    expect(await present(leaf, intermediate, second, authority)).toEqual(GRANTED)
  })

  it('is rejected without the intermediate, or with another one', async () => {
    const leaf = await issue(intermediate)
    expect(await present(leaf)).toEqual(REFUSED)
    expect(await present(leaf, await subordinate({ subject: 'CN=Intermediate' }))).toEqual(REFUSED)
    expect(await present(leaf, await subordinate())).toEqual(REFUSED)
  })

  it.each<[string, () => Promise<TestCertificate>]>([
    ['is not an authority', () => subordinate({ isAuthority: false })],
    ['has expired', () => subordinate({ notAfter: new Date(test.clock.now().getTime() - 1000) })],
    ['is not valid yet', () => subordinate({ notBefore: new Date(test.clock.now().getTime() + 60_000) })],
    ['belongs to an authority that is not trusted', () => subordinate({ authority: stranger })],
    ['issued itself', () => makeCertificate({ subject: 'CN=Subordinate', isAuthority: true })],
    ['may not issue certificates', () => subordinate({ usages: KeyUsageFlags.digitalSignature })],
    ['is limited to servers', () => subordinate({ extendedUsages: [SERVER_AUTH] })],
    ['has a critical extension that is not supported', () => subordinate({ criticalExtension: '2.5.29.36' })],
  ])('is rejected if the intermediate %s', async (_what, make) => {
    const by = await make()
    expect(await present(await issue(by), by, authority)).toEqual(REFUSED)
  })

  it('is rejected if the chain is longer than an authority allows', async () => {
    const last = await subordinate({ pathLength: 0 })
    expect(await present(await issue(last), last)).toEqual(GRANTED)
    const further = await subordinate({ subject: 'CN=Further', authority: last })
    expect(await present(await issue(further), further, last)).toEqual(REFUSED)
  })

  it('is rejected if it is registered by another name', async () => {
    const other = await makeCertificate({ subject: ENCODED, authority: intermediate })
    expect(await present(other, intermediate)).toEqual(REFUSED)
  })

  it('is accepted in the form of envoy, from the header or the pair Chain', async () => {
    const leaf = await issue(intermediate)
    const envoy = await createTestApp({
      clientAuthorities: readCertificates(authority.certificate),
      mtls: { trustedProxies: ['127.0.0.1'], certificateHeader: { form: 'envoy', name: HEADER } },
    })
    try {
      const registered = await envoy.registerClient(SETTINGS)
      const ask = async (header: string) => {
        const form = { grant_type: 'client_credentials', client_id: registered.clientId }
        return (await relyingParty(envoy, registered).post(TOKEN, form, { [HEADER]: header })).statusCode
      }
      const pem = encodeURIComponent(leaf.certificate)
      const chain = encodeURIComponent(`${leaf.certificate}\n${intermediate.certificate}`)
      expect(await ask(`Hash=00;Cert="${pem}";Chain="${chain}"`)).toBe(200)
      expect(await ask(`Hash=00;Cert="${pem}"`)).toBe(401)
      expect(await ask(`Chain="${chain}",Hash=00;Cert="${pem}"`)).toBe(401)
    } finally {
      await envoy.close()
    }
  })
})

describe('RFC 8705 §2.2 self_signed_tls_client_auth', () => {
  const METHOD = { ...MACHINE, tokenEndpointAuthMethod: 'self_signed_tls_client_auth' }

  it('authenticates a client by the certificate in its key set, from any issuer', async () => {
    const mine = await makeCertificate({ subject: 'CN=mine' })
    const client = await test.registerClient({ ...METHOD, jwks: { keys: [{ ...mine.jwk, x5c: [mine.x5c] }] } })
    expect(await result(client, shown(mine))).toEqual(GRANTED)
    // The same key, but not the certificate that was registered.
    expect(await result(client, shown(await makeCertificate({ subject: 'CN=mine', keys: mine.own.keys })))).toEqual(
      REFUSED,
    )
    expect(await result(client, shown(own))).toEqual(REFUSED)
    expect(await result(client, {})).toEqual(REFUSED)
  })

  it('authenticates a client by a key without a certificate', async () => {
    const mine = await makeCertificate({ subject: 'CN=mine' })
    const client = await test.registerClient({ ...METHOD, jwks: { keys: [mine.jwk] } })
    expect(await result(client, shown(mine))).toEqual(GRANTED)
    expect(await result(client, shown(own))).toEqual(REFUSED)
  })

  it('rejects a certificate that has expired', async () => {
    const mine = await makeCertificate({ subject: 'CN=mine', notAfter: new Date(test.clock.now().getTime() - 1000) })
    const client = await test.registerClient({ ...METHOD, jwks: { keys: [{ ...mine.jwk, x5c: [mine.x5c] }] } })
    expect(await result(client, shown(mine))).toEqual(REFUSED)
  })

  it("fetches the client's key set again for an unknown certificate", async () => {
    const [first, second] = await Promise.all([
      makeCertificate({ subject: 'CN=1' }),
      makeCertificate({ subject: 'CN=2' }),
    ])
    const publish = (...list: TestCertificate[]) =>
      web.documents.set('/jwks', {
        body: JSON.stringify({ keys: list.map(({ jwk, x5c }) => ({ ...jwk, x5c: [x5c] })) }),
      })
    publish(first)
    const client = await test.registerClient({ ...METHOD, jwksUri: `${web.base}/jwks` })
    expect(await result(client, shown(first))).toEqual(GRANTED)
    publish(first, second)
    test.clock.advance(10)
    expect(await result(client, shown(second))).toEqual(GRANTED)
  })

  it('is not registered without keys', async () => {
    await expect(test.registerClient(METHOD)).rejects.toThrow('Registration answered 400')
  })
})

describe('RFC 8705 §6.5 the certificate that a proxy forwards', () => {
  const forms = {
    nginx: ({ certificate }: TestCertificate) => encodeURIComponent(certificate),
    envoy: ({ certificate }: TestCertificate) =>
      `By=spiffe://a/b;Hash=00;Cert="${encodeURIComponent(stranger.certificate)}",Hash=01;Cert="${encodeURIComponent(certificate)}";Subject="CN=x"`,
    traefik: ({ x5c }: TestCertificate) => encodeURIComponent(`${x5c},${authority.x5c}`),
  } as const

  it.each(['nginx', 'envoy', 'traefik'] as const)('is read in the form of %s', async (form) => {
    const proxied = await createTestApp({
      clientAuthorities: readCertificates(authority.certificate),
      mtls: { trustedProxies: ['127.0.0.0/8'], certificateHeader: { form, name: HEADER } },
    })
    try {
      const client = await proxied.registerClient({ ...MACHINE, tlsClientAuthSanDns: 'reports.example.com' })
      const ask = (header: string) =>
        relyingParty(proxied, client).post(
          TOKEN,
          { grant_type: 'client_credentials', client_id: client.clientId },
          { [HEADER]: header },
        )
      expect((await ask(forms[form](own))).statusCode).toBe(200)
      expect((await ask('nonsense')).statusCode).toBe(401)
      // What a client sends and the proxy adds to cannot be distinguished in these forms.
      const lines = [forms[form](own), forms[form](own)].join(', ')
      expect((await ask(lines)).statusCode).toBe(form === 'envoy' ? 200 : 401)
    } finally {
      await proxied.close()
    }
  })

  it('is that of the nearest hop in the form of envoy, never of an older one', async () => {
    const proxied = await createTestApp({
      clientAuthorities: readCertificates(authority.certificate),
      mtls: { trustedProxies: ['127.0.0.0/8'], certificateHeader: { form: 'envoy', name: HEADER } },
    })
    try {
      const client = await proxied.registerClient({ ...MACHINE, tlsClientAuthSanDns: 'reports.example.com' })
      const form = { grant_type: 'client_credentials', client_id: client.clientId }
      const ask = async (header: string) =>
        (await relyingParty(proxied, client).post(TOKEN, form, { [HEADER]: header })).statusCode
      const cert = `Cert="${encodeURIComponent(own.certificate)}"`
      const foreign = `Cert="${encodeURIComponent(stranger.certificate)}"`
      for (const nearest of [
        'By=y;Hash=2',
        'Hash=2;Cert=""',
        'Hash=2;Subject=""',
        'Hash=2;Subject="CN=\\"a\\""',
        '',
        ' ',
        ';',
        'Hash',
        '"',
        'Subject="CN=x',
        foreign,
        `${foreign};${cert}`,
        `Subject="${cert}"`,
        `Subject="\\",${cert}`,
      ]) {
        expect([nearest, await ask(`Hash=1;${cert},${nearest}`)]).toEqual([nearest, 401])
      }
      for (const nearest of [
        cert,
        `cert="${encodeURIComponent(own.certificate)}"`,
        `Hash=2; ${cert}`,
        `Subject="O=M\\"u, GmbH;Cert=\\"x\\"";${cert};URI=spiffe://x;DNS=a;DNS=b`,
      ]) {
        expect([nearest, await ask(`Hash=1;${foreign}, ${nearest}`)]).toEqual([nearest, 200])
      }
    } finally {
      await proxied.close()
    }
  })

  it('is accepted from the trusted proxy only', async () => {
    const direct = await createTestApp({
      clientAuthorities: readCertificates(authority.certificate),
      mtls: { trustedProxies: ['10.0.0.0/8'], certificateHeader: { form: 'nginx', name: HEADER } },
    })
    try {
      const client = await direct.registerClient({ ...MACHINE, tlsClientAuthSanDns: 'reports.example.com' })
      const form = { grant_type: 'client_credentials', client_id: client.clientId }
      const forged = { ...shown(own), 'x-forwarded-for': '10.0.0.1' }
      expect((await relyingParty(direct, client).post(TOKEN, form, forged)).statusCode).toBe(401)
    } finally {
      await direct.close()
    }
  })
})

describe('RFC 8705 §5 mtls_endpoint_aliases', () => {
  const discover = async (app: TestApp) =>
    (await app.app.inject('/.well-known/openid-configuration')).json<Record<string, unknown>>()

  it('are in the metadata, with the methods, where clients can present certificates', async () => {
    const found = await discover(test)
    expect(found['mtls_endpoint_aliases']).toEqual({
      token_endpoint: 'https://mtls.example.com/oauth2/token',
      revocation_endpoint: 'https://mtls.example.com/oauth2/revoke',
      introspection_endpoint: 'https://mtls.example.com/oauth2/introspect',
      userinfo_endpoint: 'https://mtls.example.com/oauth2/userinfo',
      device_authorization_endpoint: 'https://mtls.example.com/oauth2/device_authorization',
      pushed_authorization_request_endpoint: 'https://mtls.example.com/oauth2/par',
    })
    expect(found['token_endpoint_auth_methods_supported']).toEqual(
      expect.arrayContaining(['tls_client_auth', 'self_signed_tls_client_auth']),
    )
  })

  it('are not in the metadata without an mTLS URL', async () => {
    const plain = await createTestApp()
    try {
      const found = await discover(plain)
      expect(found['mtls_endpoint_aliases']).toBeUndefined()
      expect(found['token_endpoint_auth_methods_supported']).not.toContain('tls_client_auth')
    } finally {
      await plain.close()
    }
  })
})

describe('the TLS listener', () => {
  let directory: string
  let server: TestApp
  let port: number
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cerberus-tls-'))
    const name = await makeCertificate({
      subject: 'CN=localhost',
      names: [{ type: 'dns', value: 'localhost' }],
      authority,
    })
    const files = { certificateFile: join(directory, 'tls.crt'), keyFile: join(directory, 'tls.key') }
    await writeFile(files.certificateFile, name.certificate)
    await writeFile(files.keyFile, name.key, { mode: 0o600 })
    let listener: Listener | undefined
    server = await createTestApp({
      clientAuthorities: readCertificates(authority.certificate),
      beforeReady(app) {
        listener = createTlsListener(app, {
          ...files,
          requestsClientCertificate: true,
          issuer: 'https://x.example',
          https: true,
        })
      },
    })
    port = await freePort()
    await listener?.listen({ host: 'localhost', port })
  })
  afterAll(async () => {
    await server.close()
    await rm(directory, { recursive: true, force: true })
  })

  /** Requests a token over TLS and returns the status, or the code of the error. */
  const ask = (clientId: string, options: object = {}) =>
    new Promise<number | string>((resolve) => {
      const body = `grant_type=client_credentials&client_id=${clientId}`
      const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
      const asked = askOverTls(
        {
          host: 'localhost',
          port,
          path: TOKEN,
          method: 'POST',
          headers,
          ca: authority.certificate,
          agent: false,
          ...options,
        },
        (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        },
      )
      asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      asked.end(body)
    })

  it('accepts the certificate of the connection', async () => {
    const client = await server.registerClient({ ...MACHINE, tlsClientAuthSubjectDn: SUBJECT })
    expect(await ask(client.clientId, { cert: own.certificate, key: own.key })).toBe(200)
    expect(await ask(client.clientId)).toBe(401)
    const { certificate: cert, key } = await makeCertificate({ subject: ENCODED, authority: stranger })
    expect(await ask(client.clientId, { cert, key })).toBe(401)
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('uses the intermediates of the connection, under %s', async (version) => {
    const client = await server.registerClient({ ...MACHINE, tlsClientAuthSubjectDn: SUBJECT })
    const intermediate = await makeCertificate({ subject: 'CN=Intermediate', isAuthority: true, authority })
    const { certificate, key } = await makeCertificate({ subject: ENCODED, authority: intermediate })
    // One agent without keep-alive: the second connection would resume the TLS session of the first, if it could.
    const options = { minVersion: version, maxVersion: version, key, agent: new Agent({ maxCachedSessions: 10 }) }
    const cert = `${certificate}\n${intermediate.certificate}`
    expect(await ask(client.clientId, { ...options, cert })).toBe(200)
    expect(await ask(client.clientId, { ...options, cert })).toBe(200)
    expect(await ask(client.clientId, { ...options, cert: certificate, agent: false })).toBe(401)
  })

  it.each([
    ['TLS 1.3', { minVersion: 'TLSv1.3' }],
    ['TLS 1.2 with forward secrecy and GCM', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }],
  ])('accepts %s', async (_what, options) => {
    expect(await ask('client_unknown', options)).toBe(401)
  })

  it.each([
    ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384' }],
    ['ChaCha20', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' }],
  ])('rejects %s', async (_what, options) => {
    expect(await ask('client_unknown', options)).toEqual(expect.stringMatching(/^E/))
  })
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
