import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { ConfigurationError, misspeltVariables, readConfig } from '../../src/config/config.ts'

const KEY = Buffer.from('4f1c9a02e7b35d68f0a91b7c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f50', 'hex').toString('base64')
const OTHER_KEY = Buffer.from('00f1e2d3c4b5a69788796a5b4c3d2e1f0a9b8c7d6e5f40312233445566778899', 'hex').toString(
  'base64',
)
const PRODUCTION = {
  NODE_ENV: 'production',
  ISSUER_URL: 'https://auth.example.com',
  DATABASE_URL: 'postgresql://cerberus@db.internal/cerberus',
  SECRET_ENCRYPTION_KEY: KEY,
}

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
  return []
}

describe('the configuration', () => {
  it('needs nothing: a server for development, with its own database', () => {
    expect(readConfig({})).toEqual({
      production: false,
      host: 'localhost',
      port: 4000,
      workers: 1,
      issuer: 'http://localhost:4000',
      databaseUrl: undefined,
      poolSize: 10,
      statementTimeoutMs: 2_500,
      redisUrl: undefined,
      dataDirectory: './data',
      bootstrap: { slug: 'acme', email: 'admin@acme.test', password: undefined },
      masterKeys: [],
      jwksRotateDays: 30,
      sessionCookie: { name: 'cerb_sid', secure: false },
      sessionLifetimes: { idle: 7_200, max: 43_200 },
      onboarding: 'off',
      mail: undefined,
      maxOpenRegistrations: 1_000,
      trustedProxies: [],
      connectionsPerAddress: 1_000,
      log: { level: 'info', name: 'cerberus' },
      limits: {
        general: { max: 600, window: 60 },
        signIn: { max: 30, window: 60 },
        clientAuthentication: { max: 30, window: 60 },
        account: { max: 10, window: 900 },
      },
      tls: undefined,
      mtlsUrl: undefined,
      clientCaFile: undefined,
      certificateHeader: undefined,
      outbound: { allowlist: [], caFile: undefined },
      auditRetentionDays: 365,
      metricsPort: 0,
      shutdown: { graceSeconds: 20, delaySeconds: 0 },
    })
  })

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({ PORT: '', ISSUER_URL: '', DATABASE_URL: '', SECRET_ENCRYPTION_KEY: '' })).toEqual(
      readConfig({}),
    )
  })

  it('takes a number of processes, or as many as there are processors', () => {
    expect(readConfig({ WORKERS: '3' }).workers).toBe(3)
    expect(readConfig({ WORKERS: 'auto' }).workers).toBe(availableParallelism())
    for (const WORKERS of ['0', '-1', '1.5', 'many']) {
      expect(problemsOf({ WORKERS })).toEqual([expect.stringMatching(/^WORKERS /)])
    }
  })

  it('follows the port with the issuer', () => {
    expect(readConfig({ PORT: '8080' }).issuer).toBe('http://localhost:8080')
  })

  it('knows RATE_LIMIT_MAX and RATE_LIMIT_WINDOW_SEC as other names, which the names proper outdo', () => {
    const others = { RATE_LIMIT_MAX: '5', RATE_LIMIT_WINDOW_SEC: '7' }
    expect(readConfig(others).limits.general).toEqual({ max: 5, window: 7 })
    expect(readConfig({ ...others, RATE_MAX: '6' }).limits.general).toEqual({ max: 6, window: 7 })
  })

  it('reads lists: trusted proxies, and the master keys with the current one first', () => {
    const config = readConfig({
      TRUST_PROXY: ' 10.0.0.0/8 , ::1,',
      SECRET_ENCRYPTION_KEY: KEY,
      SECRET_ENCRYPTION_KEY_PREVIOUS: OTHER_KEY,
    })
    expect(config.trustedProxies).toEqual(['10.0.0.0/8', '::1'])
    expect(config.masterKeys.map((key) => key.toString('base64'))).toEqual([KEY, OTHER_KEY])
  })

  it('reads what may be asked though it is not public', () => {
    const allow = ['localhost', 'keys.example.test', '127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8']
    expect(readConfig({ OUTBOUND_ALLOW: allow.join(', ') }).outbound.allowlist).toEqual(allow)
  })

  it('puts the certificates of clients where they are shown', () => {
    const tls = { TLS_CERT_FILE: 'tls.crt', TLS_KEY_FILE: 'tls.key', MTLS_PORT: '8444' }
    const issuer = { ISSUER_URL: 'https://auth.example.com' }
    expect(readConfig({ ...tls, ...issuer })).toMatchObject({
      tls: { port: 0, mtlsPort: 8444, certificateFile: 'tls.crt', keyFile: 'tls.key' },
      mtlsUrl: 'https://auth.example.com:8444',
    })
    expect(readConfig({ ...tls, ...issuer, MTLS_URL: 'https://mtls.example.com' }).mtlsUrl).toBe(
      'https://mtls.example.com',
    )
    const header = { CLIENT_CERT_HEADER: 'envoy:X-Forwarded-Client-Cert', TRUST_PROXY: '10.0.0.1' }
    expect(readConfig(header).certificateHeader).toEqual({ form: 'envoy', name: 'x-forwarded-client-cert' })
  })

  it.each([
    ['disable', 'disable'],
    ['require', 'no-verify'],
    ['verify-full', 'verify-full'],
  ])('puts DB_SSL_MODE=%s into the connection string as sslmode=%s', (mode, sslmode) => {
    const { databaseUrl } = readConfig({ DATABASE_URL: 'postgresql://a@b/c?application_name=x', DB_SSL_MODE: mode })
    expect(new URL(databaseUrl ?? '').search).toBe(`?application_name=x&sslmode=${sslmode}`)
  })
})

describe('values are used in the form in which they were checked', () => {
  it.each([
    ['HTTPS://Auth.Example.com', 'https://auth.example.com'],
    [' https://auth.example.com\n', 'https://auth.example.com'],
    ['https://auth.example.com:443', 'https://auth.example.com'],
    ['https://auth.example.com:8443', 'https://auth.example.com:8443'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https:auth.example.com', 'https://auth.example.com'],
    ['https://[2001:DB8:0::1]', 'https://[2001:db8::1]'],
  ])('ISSUER_URL=%j is %s', (ISSUER_URL, issuer) => {
    const config = readConfig({ ...PRODUCTION, ISSUER_URL })
    expect(config).toMatchObject({ issuer, sessionCookie: { secure: true } })
  })

  it('URLs of other variables', () => {
    expect(readConfig({ MTLS_URL: ' HTTPS://MTLS.example.com:443/ ' }).mtlsUrl).toBe('https://mtls.example.com')
    expect(readConfig({ REDIS_URL: 'REDISS://Redis.Internal:6380/2 ' }).redisUrl).toMatch(
      /^rediss:\/\/redis\.internal:6380\/2$/i,
    )
    expect(readConfig({ DATABASE_URL: ' POSTGRES://me:p%w@db.internal/mine\n' }).databaseUrl).toBe(
      'postgresql://me:p%25w@db.internal/mine',
    )
    expect(readConfig({ DATABASE_URL: 'postgresql://me@/mine?host=/run/postgresql' }).databaseUrl).toBe(
      'postgresql://me@localhost/mine?host=/run/postgresql',
    )
    expect(readConfig({ DATABASE_URL: 'postgresql:///mine?host=/run/postgresql' }).databaseUrl).toBe(
      'postgresql:///mine?host=/run/postgresql',
    )
  })

  it.each([
    ['me:p,w@A.internal:5433,[::1]/mine', 'me:p,w@localhost/mine?host=a.internal,::1&port=5433,5432'],
    ['me@/mine?host=/run/A,/run/b&port=6432', 'me@localhost/mine?host=/run/A,/run/b&port=6432,6432'],
    ['me@a,b/mine?port=1,2&target_session_attrs=any', 'me@localhost/mine?port=1,2&target_session_attrs=any&host=a,b'],
  ])('several hosts: %s', (given, normalised) => {
    const { databaseUrl = '' } = readConfig({ DATABASE_URL: `postgresql://${given}` })
    const attributes = given.includes('target_session_attrs') ? '' : '&target_session_attrs=read-write'
    expect(decodeURIComponent(databaseUrl)).toBe(`postgresql://${normalised}${attributes}`)
  })

  it.each(['prefer', 'require', 'verify-ca'])('sslmode=%s verifies, which `pg` does too, with a warning', (mode) => {
    const { databaseUrl } = readConfig({ DATABASE_URL: `postgresql://me@db/mine?sslmode=${mode}` })
    expect(databaseUrl).toBe('postgresql://me@db/mine?sslmode=verify-full')
  })

  it('numbers, words, hosts and lists, without blanks; a password with them', () => {
    const config = readConfig({
      PORT: ' 8080 ',
      LOG_LEVEL: 'WARN ',
      HOST: ' [::1] ',
      CERBERUS_ALLOW_EMBEDDED: 'True',
      CERBERUS_DATA_DIR: ' /srv/cerberus ',
      CERBERUS_ADMIN_PASSWORD: ' correct horse ',
      TRUST_PROXY: 'loopback, FD00::/8 ,10.0.0.0/255.0.0.0, 192.0.2.1',
      SERVICE_NAME: '   ',
      SECRET_ENCRYPTION_KEY: `${KEY}\n`,
    })
    expect(config).toMatchObject({
      port: 8080,
      host: '::1',
      dataDirectory: '/srv/cerberus',
      bootstrap: { password: ' correct horse ' },
      trustedProxies: ['loopback', 'fd00::/8', '10.0.0.0/255.0.0.0', '192.0.2.1'],
      log: { level: 'warn', name: 'cerberus' },
    })
    expect(config.masterKeys.map((key) => key.toString('base64'))).toEqual([KEY])
  })
})

describe('names that are almost those of settings', () => {
  it.each([
    ['ISUER_URL', 'ISSUER_URL'],
    ['ISSUER_URLS', 'ISSUER_URL'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DB_SSLMODE', 'DB_SSL_MODE'],
    ['SESSION_COOKIE_SECRUE', 'SESSION_COOKIE_SECURE'],
    ['CERBERUS_ADMIN_EMIAL', 'CERBERUS_ADMIN_EMAIL'],
    ['TLS_CA_FILE', 'MTLS_CA_FILE'],
  ])('%s: the server does not start, and names %s', (name, suggestion) => {
    expect(problemsOf({ [name]: 'x' })).toEqual([`${name} is not a setting: ${suggestion} is meant`])
  })

  it.each([
    // The setting itself is there.
    [{ DATABASE_URI: 'x', DATABASE_URL: 'postgresql://me@db/mine' }, ['DATABASE_URI', 'DATABASE_URL']],
    [{ LOGLEVEL: 'debug' }, ['LOGLEVEL', 'LOG_LEVEL']],
    [{ METRIC_PORTS: '1' }, ['METRIC_PORTS', 'METRICS_PORT']],
    [{ Issuer_Url: 'x' }, ['Issuer_Url', 'ISSUER_URL']],
    [{ CERBERUS_SLUG: 'x' }, ['CERBERUS_SLUG', undefined]],
  ])('%j: a warning', (environment, [name, suggestion]) => {
    expect(problemsOf(environment)).toEqual([])
    expect(misspeltVariables(environment)).toEqual([{ name, suggestion, certain: false }])
  })

  it('are no others: those of the shell, of OpenSSL, of Kubernetes and of the command line', () => {
    const names = [
      'PATH',
      'HOSTNAME',
      'PORTS',
      'POST',
      'SHELL',
      'USER',
      'PGHOST',
      'SSL_CERT_FILE',
      'SSL_KEY_FILE',
      'WORK',
    ]
    const ours = [
      'CERBERUS_PORT',
      'CERBERUS_PORT_4000_TCP',
      'CERBERUS_SERVICE_HOST',
      'CERBERUS_TOKEN',
      'RATE_LIMIT_MAX',
    ]
    const environment = Object.fromEntries([...names, ...ours].map((name) => [name, '1']))
    expect(misspeltVariables({ ...environment, ISUER_URL: '' })).toEqual([])
    expect(problemsOf(environment)).toEqual([])
  })
})

describe('mail', () => {
  const sender = { EMAIL_FROM: 'Acme <no-reply@acme.test>' }
  const tlsOf = (environment: Record<string, string>) => {
    const { mail } = readConfig({ ...sender, SMTP_HOST: 'mail.test', ...environment })
    return mail?.transport.kind === 'smtp' ? mail.transport.tls : undefined
  }

  it('is sent by SMTP where a host is set, and never sends a password unencrypted', () => {
    expect(readConfig({ ...sender, SMTP_HOST: 'mail.test' }).mail).toMatchObject({
      from: { name: 'Acme', address: 'no-reply@acme.test' },
      transport: { kind: 'smtp', host: 'mail.test', port: 587 },
    })
    expect(tlsOf({})).toBe('optional')
    expect(tlsOf({ SMTP_PORT: '465' })).toBe('implicit')
    expect(tlsOf({ SMTP_USER: 'me', SMTP_PASS: 'x' })).toBe('required')
    expect(tlsOf({ SMTP_TLS: 'off' })).toBe('off')
  })

  it('is not sent without one, or where that is asked for', () => {
    expect(readConfig(sender).mail).toBeUndefined()
    expect(readConfig({ ...sender, SMTP_HOST: 'mail.test', MAIL_TRANSPORT: 'none' }).mail).toBeUndefined()
    expect(readConfig({ ...sender, MAIL_TRANSPORT: 'file' }).mail?.transport).toEqual({
      kind: 'file',
      directory: 'data/mails',
    })
  })
})

describe('problems with the environment', () => {
  it('of values and of what production needs come together, in the words of the server', () => {
    const problems = problemsOf({
      NODE_ENV: 'prodution',
      PORT: '80x',
      TLS_PORT: '443',
      MTLS_PORT: '443',
      RATE_MAX: '1e3',
    })
    expect(problems).toEqual([
      'NODE_ENV must be development, test or production; it is "prodution"',
      'PORT must be a whole number from 0 to 65535; it is "80x"',
      'RATE_MAX must be a whole number from 1 to 1000000000; it is "1e3"',
      'ISSUER_URL must be set in production',
      'SECRET_ENCRYPTION_KEY must be set in production',
      'DATABASE_URL must be set in production, or CERBERUS_ALLOW_EMBEDDED=true to keep the data in one directory',
      'TLS_CERT_FILE and TLS_KEY_FILE must be set for TLS_PORT and MTLS_PORT',
      'MTLS_PORT must differ from TLS_PORT; both are 443',
    ])
  })

  it('never repeat a secret', () => {
    const secret = 'geheim'
    const problems = problemsOf({
      DATABASE_URL: `postgresql://me:${secret}/x@db/mine`,
      REDIS_URL: `redis://me:${secret}@/0?x`,
      CERBERUS_ADMIN_PASSWORD: secret,
      SECRET_ENCRYPTION_KEY: secret,
      SECRET_ENCRYPTION_KEY_PREVIOUS: secret,
    })
    expect(problems).toHaveLength(5)
    expect(problems.join('\n')).not.toContain(secret)
  })

  it('are all listed at once, one a line', () => {
    const environment = {
      PORT: 'x',
      CERBERUS_ORG_SLUG: 'Not A Slug',
      DATABASE_URL: 'mysql://',
      SECRET_ENCRYPTION_KEY: 'eA==',
    }
    const problems = problemsOf(environment)
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual(Object.keys(environment).sort())
    expect(() => readConfig(environment)).toThrow(/has 4 problems:\n(?: {2}- .+\n?){4}$/)
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ...['10.0.0.0/', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129', 'https://keys.test', 'keys.test:443', '*', '[::1]'].map(
      (entry): [string, Record<string, string>, RegExp] => [
        `${entry} as what may be asked`,
        { OUTBOUND_ALLOW: `localhost,${entry}` },
        /^OUTBOUND_ALLOW /,
      ],
    ),
    ...['postgresql://me:pa/ss@db/mine', 'postgresql://me:pa#ss@db/mine', 'postgresql://me:p@db:port/mine'].map(
      (DATABASE_URL): [string, Record<string, string>, RegExp] => [
        DATABASE_URL,
        { DATABASE_URL },
        /^DATABASE_URL .*must be percent-encoded/,
      ],
    ),
    [
      'bytes that are not UTF-8 in a database URL',
      { DATABASE_URL: 'postgresql://me:%e9@db/mine' },
      /^DATABASE_URL .*UTF-8/,
    ],
    ['a database URL with a schema', { DATABASE_URL: 'postgresql://me@db/mine?schema=x' }, /must not name a schema/],
    ...['me@a,a/x', 'me@a,/x', 'me@a:0,b/x', 'me@a:x,b/x', 'me@a b,c/x', 'me@a,b/x?port=1,2,3', 'me@a/x?port=1,2'].map(
      (hosts): [string, Record<string, string>, RegExp] => [
        `${hosts} as hosts of a database`,
        { DATABASE_URL: `postgresql://${hosts}` },
        /^DATABASE_URL must name each of several hosts once/,
      ],
    ),
    [
      'sessions that cannot write',
      { DATABASE_URL: 'postgresql://me@a,b/mine?target_session_attrs=standby' },
      /^DATABASE_URL must have a target_session_attrs of read-write/,
    ],
    ['mail without a sender', { SMTP_HOST: 'mail.test' }, /^EMAIL_FROM must be set/],
    ['a sender that is no address', { EMAIL_FROM: 'Acme' }, /^EMAIL_FROM must be an e-mail address/],
    ['SMTP without a host', { MAIL_TRANSPORT: 'smtp', EMAIL_FROM: 'a@b.test' }, /^SMTP_HOST must be set/],
    [
      'an account without its password',
      { SMTP_HOST: 'mail.test', EMAIL_FROM: 'a@b.test', SMTP_USER: 'me' },
      /^SMTP_USER and SMTP_PASS/,
    ],
    [
      'a password in clear text',
      { SMTP_HOST: 'mail.test', EMAIL_FROM: 'a@b.test', SMTP_USER: 'me', SMTP_PASS: 'x', SMTP_TLS: 'off' },
      /^SMTP_TLS must not be off/,
    ],
    [
      'links in the log of production',
      { ...PRODUCTION, MAIL_TRANSPORT: 'log', EMAIL_FROM: 'a@b.test' },
      /^MAIL_TRANSPORT must not be log/,
    ],
    ['an unknown sslmode', { DATABASE_URL: 'postgresql://me@db/mine?sslmode=on' }, /^DATABASE_URL .*verify-full/],
    ...['redis://', 'redis://host/db', 'redis://host?db=1', 'redis://me:%e9@host', 'http://host'].map(
      (REDIS_URL): [string, Record<string, string>, RegExp] => [REDIS_URL, { REDIS_URL }, /^REDIS_URL /],
    ),
    ...['true', '1', '10.0.0.0/33', '10.0.0', 'proxy.internal', '10.0.0.1:80', '[::1]', '*', 'fd00::/129'].map(
      (TRUST_PROXY): [string, Record<string, string>, RegExp] => [
        `${TRUST_PROXY} as a trusted proxy`,
        { TRUST_PROXY },
        /^TRUST_PROXY must be addresses and networks/,
      ],
    ),
    ...['http://localhost', 'localhost:4000', '0.0.0.0:4000', '*', 'a b'].map(
      (HOST): [string, Record<string, string>, RegExp] => [`${HOST} as host`, { HOST }, /^HOST must be an address/],
    ),
    ['an issuer with a password', { ISSUER_URL: 'https://:pw@auth.example.com' }, /no query, fragment or user/],
    ['an issuer with an empty query', { ISSUER_URL: 'https://auth.example.com?' }, /no query, fragment or user/],
    ['an issuer with a backslash', { ISSUER_URL: 'https://auth.example.com\\iam' }, /must have no path/],
    ['a hexadecimal number', { PORT: '0x50' }, /^PORT must be a whole number/],
    [
      'a word for a flag',
      { SESSION_COOKIE_SECURE: 'yes' },
      /^SESSION_COOKIE_SECURE must be true or false; it is "yes"/,
    ],
    ['a port twice', { METRICS_PORT: '4000' }, /^METRICS_PORT must differ from PORT; both are 4000/],
    ['a TLS port without a certificate', { TLS_PORT: '443' }, /TLS_CERT_FILE and TLS_KEY_FILE/],
    ['a certificate header in no known form', { CLIENT_CERT_HEADER: 'x-cert' }, /^CLIENT_CERT_HEADER /],
    ['a certificate header without a trusted proxy', { CLIENT_CERT_HEADER: 'nginx:x-cert' }, /needs TRUST_PROXY/],
    ['an mTLS address by http', { MTLS_URL: 'http://mtls.example.com' }, /MTLS_URL must be https/],
    ['an mTLS address with a path', { MTLS_URL: 'https://mtls.example.com/x' }, /MTLS_URL must be https/],
    ['an invalid port', { PORT: '65536' }, /^PORT /],
    ['a short password', { CERBERUS_ADMIN_PASSWORD: 'short' }, /at least 8/],
    ['an invalid e-mail address', { CERBERUS_ADMIN_EMAIL: 'owner' }, /^CERBERUS_ADMIN_EMAIL /],
    ['an idle time beyond the lifetime', { SESSION_IDLE_SEC: '601', SESSION_MAX_SEC: '600' }, /^SESSION_IDLE_SEC /],
    [
      'a __Host- cookie without https',
      { SESSION_COOKIE_NAME: '__Host-x', ISSUER_URL: 'http://localhost' },
      /^SESSION_COOKIE_NAME /,
    ],
    ['a cookie name with a space', { SESSION_COOKIE_NAME: 'a b' }, /^SESSION_COOKIE_NAME /],
    ['an unknown log level', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL /],
    ['an issuer that is no URL', { ISSUER_URL: 'auth.example.com' }, /must be a URL/],
    ['an issuer of another scheme', { ISSUER_URL: 'ftp://auth.example.com' }, /must use https/],
    ['an issuer with a slash at its end', { ISSUER_URL: 'https://auth.example.com/' }, /must not end with a slash/],
    ['an issuer with a path', { ISSUER_URL: 'https://auth.example.com/iam' }, /must have no path/],
    ['an issuer with a query', { ISSUER_URL: 'https://auth.example.com?a' }, /no query, fragment or user/],
    ['an issuer with a user', { ISSUER_URL: 'https://me@auth.example.com' }, /no query, fragment or user/],
    ['a placeholder key', { SECRET_ENCRYPTION_KEY: btoa('change-me-change-me-change-me-ok') }, /placeholder/],
    ['a key of one byte over and over', { SECRET_ENCRYPTION_KEY: btoa('\x80'.repeat(32)) }, /placeholder/],
    ['a previous key of the wrong length', { SECRET_ENCRYPTION_KEY_PREVIOUS: 'eA==' }, /32 bytes/],
    ['a window of nothing', { RATE_WINDOW_SEC: '0' }, /^RATE_WINDOW_SEC /],
  ])('%s', (_, environment, expected) => {
    const problems = problemsOf(environment)
    expect(problems).toEqual([expect.stringMatching(expected)])
  })
})

describe('production', () => {
  it('starts with an https issuer, a database and a key, on every address', () => {
    const config = readConfig(PRODUCTION)
    expect(config).toMatchObject({
      production: true,
      host: '0.0.0.0',
      sessionCookie: { name: '__Host-cerb_sid', secure: true },
    })
  })

  it('needs all three', () => {
    const problems = problemsOf({ NODE_ENV: 'production' })
    expect(problems).toHaveLength(3)
    expect(problems.join('\n')).toMatch(/ISSUER_URL[^]*SECRET_ENCRYPTION_KEY[^]*DATABASE_URL/)
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['an http issuer', { ISSUER_URL: 'http://auth.example.com' }, /must use https/],
    ['a cookie that travels in the clear', { SESSION_COOKIE_SECURE: 'false' }, /SESSION_COOKIE_SECURE/],
    ['a placeholder for a key', { SECRET_ENCRYPTION_KEY: btoa('0123456789abcdef0123456789abcdef') }, /placeholder/],
    ['a database of its own', { DATABASE_URL: '' }, /CERBERUS_ALLOW_EMBEDDED/],
  ])('refuses %s', (_, change, expected) => {
    expect(problemsOf({ ...PRODUCTION, ...change })).toEqual([expect.stringMatching(expected)])
  })

  it('keeps its own database where that is asked for', () => {
    const config = readConfig({ ...PRODUCTION, DATABASE_URL: '', CERBERUS_ALLOW_EMBEDDED: 'true' })
    expect(config.databaseUrl).toBeUndefined()
  })
})
