// `config` reads the environment into one typed value. It is the only reader of `process.env`.
// It reports all problems of the environment together, one line for each.
// Opening what the values name (databases, files) belongs to `server`.

import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { readSessionSettings, type SessionSettings } from './session-settings.ts'

const booleanFlag = z.enum(['true', 'false', '1', '0', '']).transform((text) => text === 'true' || text === '1')

const integerBetween = (defaultValue: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(defaultValue)

const commaSeparatedList = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )

/** Strict, because a mistyped network would allow more addresses than intended, and a URL would allow none. */
const hostOrNetwork = z.union([z.cidrv4(), z.cidrv6(), z.ipv6(), z.string().regex(/^[A-Za-z0-9._-]+$/)])

const encryptionKey = z.string().transform((text, context) => {
  const bytes = Buffer.from(text.trim(), 'base64')
  if (bytes.length === 32) return bytes
  context.addIssue({ code: 'custom', message: 'must be the base64 form of 32 bytes (openssl rand -base64 32)' })
  return z.NEVER
})

const environmentSchema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: z.string().min(1).optional(),
  PORT: integerBetween(4000, 0, 65_535),
  WORKERS: z
    .literal('auto')
    .transform(availableParallelism)
    .or(integerBetween(1, 1, 256)),
  ISSUER_URL: z.string().optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
    .optional(),
  DB_SSL_MODE: z.enum(['disable', 'require', 'verify-full']).optional(),
  DB_POOL_SIZE: integerBetween(10, 2, 200),
  DB_STATEMENT_TIMEOUT_MS: integerBetween(2_500, 100, 600_000),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .refine((text) => URL.canParse(text), 'must be a URL')
    .optional(),
  CERBERUS_DATA_DIR: z.string().min(1).default('./data'),
  CERBERUS_ALLOW_EMBEDDED: booleanFlag.default(false),
  CERBERUS_ORG_SLUG: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lowercase letters, digits and hyphens')
    .optional(),
  CERBERUS_ADMIN_EMAIL: z.email().optional(),
  CERBERUS_ADMIN_PASSWORD: z.string().min(8, 'must have at least 8 characters').max(1024).optional(),
  SECRET_ENCRYPTION_KEY: encryptionKey.optional(),
  SECRET_ENCRYPTION_KEY_PREVIOUS: commaSeparatedList.pipe(z.array(encryptionKey)),
  JWKS_ROTATE_DAYS: integerBetween(30, 1, 3650),
  SESSION_COOKIE_NAME: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, hyphens and underscores')
    .optional(),
  SESSION_COOKIE_SECURE: booleanFlag.optional(),
  SESSION_IDLE_SEC: integerBetween(7_200, 60, 31_536_000),
  SESSION_MAX_SEC: integerBetween(43_200, 60, 31_536_000),
  TRUST_PROXY: commaSeparatedList,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SERVICE_NAME: z.string().min(1).default('cerberus'),
  MAX_CONNECTIONS_PER_ADDRESS: integerBetween(1_000, 1, 1_000_000),
  RATE_WINDOW_SEC: integerBetween(60, 1, 86_400),
  RATE_MAX: integerBetween(600, 1, 1_000_000_000),
  AUTH_RATE_WINDOW_SEC: integerBetween(60, 1, 86_400),
  AUTH_RATE_MAX: integerBetween(30, 1, 1_000_000_000),
  TOKEN_RATE_WINDOW_SEC: integerBetween(60, 1, 86_400),
  TOKEN_RATE_MAX: integerBetween(30, 1, 1_000_000_000),
  ACCOUNT_RATE_WINDOW_SEC: integerBetween(900, 1, 86_400),
  ACCOUNT_RATE_MAX: integerBetween(10, 1, 1_000_000),
  OPEN_REGISTRATION_MAX: integerBetween(1_000, 0, 1_000_000),
  OUTBOUND_ALLOW: commaSeparatedList.refine(
    (items) => items.every((item) => hostOrNetwork.safeParse(item).success),
    'must be hosts, addresses and networks (localhost, ::1, 10.0.0.0/8), without scheme or port, with commas between them',
  ),
  TLS_PORT: integerBetween(0, 0, 65_535),
  TLS_CERT_FILE: z.string().min(1).optional(),
  TLS_KEY_FILE: z.string().min(1).optional(),
  MTLS_PORT: integerBetween(0, 0, 65_535),
  MTLS_URL: z.string().optional(),
  MTLS_CA_FILE: z.string().min(1).optional(),
  CLIENT_CERT_HEADER: z
    .string()
    .regex(
      /^(nginx|envoy|traefik):[A-Za-z0-9-]+$/,
      'must be the form and the name of a header, such as nginx:x-client-cert',
    )
    .transform((value) => {
      const [form = '', name = ''] = value.split(':')
      return { form: form as 'nginx' | 'envoy' | 'traefik', name: name.toLowerCase() }
    })
    .optional(),
  OUTBOUND_CA_FILE: z.string().min(1).optional(),
  AUDIT_RETENTION_DAYS: integerBetween(365, 0, 36_500),
  METRICS_PORT: integerBetween(0, 0, 65_535),
  SHUTDOWN_GRACE_SEC: integerBetween(20, 1, 600),
  SHUTDOWN_DELAY_SEC: integerBetween(0, 0, 600),
})

/** The names of all environment variables that the server reads. */
export const environmentVariables: readonly string[] = Object.keys(environmentSchema.shape)

/** At most `max` requests or attempts within `window` seconds. */
export interface RateLimit {
  max: number
  window: number
}

export interface Config extends SessionSettings {
  production: boolean
  host: string
  port: number
  /** The number of processes that serve. */
  workers: number
  /** The issuer identifier of tokens and metadata, without a trailing slash. */
  issuer: string
  /** Undefined: the server starts the embedded PostgreSQL in `dataDirectory`. */
  databaseUrl: string | undefined
  /** Maximum number of connections of each process. */
  poolSize: number
  /** Milliseconds after which PostgreSQL cancels a statement. */
  statementTimeoutMs: number
  /** The Valkey or Redis that stores rate-limit counters; undefined: the database. */
  redisUrl: string | undefined
  dataDirectory: string
  bootstrap: { slug: string; email: string; password: string | undefined }
  /** Master keys, the current one first; empty: the key is stored in `dataDirectory`. */
  masterKeys: Buffer[]
  jwksRotateDays: number
  /** Addresses and networks of proxies whose forwarding headers are trusted. */
  trustedProxies: string[]
  /** Connections that one address may keep open in each process. */
  connectionsPerAddress: number
  log: { level: string; name: string }
  limits: { general: RateLimit; signIn: RateLimit; clientAuthentication: RateLimit; account: RateLimit }
  /** How many clients may register themselves without a token in an organisation, until they are used or expire. */
  maxOpenRegistrations: number
  /** TLS listeners: `port` for all clients, `mtlsPort` requests client certificates; 0: disabled. */
  tls: { port: number; mtlsPort: number; certificateFile: string; keyFile: string } | undefined
  /** The base URL for clients that authenticate with certificates. */
  mtlsUrl: string | undefined
  /** A PEM file with the authorities that sign client certificates. */
  clientCaFile: string | undefined
  /** The header in which trusted proxies forward the client certificate, and its format. */
  certificateHeader: { form: 'nginx' | 'envoy' | 'traefik'; name: string } | undefined
  /** Hosts and networks that may be requested although they are not public, and a PEM file of further authorities. */
  outbound: { allowlist: string[]; caFile: string | undefined }
  /** Days after which an audit event is deleted; 0: never. */
  auditRetentionDays: number
  /** The port of `/metrics`; 0: disabled. */
  metricsPort: number
  shutdown: { graceSeconds: number; delaySeconds: number }
}

/** The problems of the environment, one line for each. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:
${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** Reads and checks the environment. Throws `ConfigurationError` with every problem found. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const rawVariables = Object.fromEntries(
    Object.entries({
      RATE_MAX: environment['RATE_LIMIT_MAX'],
      RATE_WINDOW_SEC: environment['RATE_LIMIT_WINDOW_SEC'],
      ...environment,
    }).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = environmentSchema.safeParse(rawVariables)
  if (!parsed.success) {
    throw new ConfigurationError(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`))
  }
  const env = parsed.data
  const production = env.NODE_ENV === 'production'
  const problems: string[] = []
  const issuer = readIssuer(env.ISSUER_URL, env.PORT, production, problems)
  if (production) {
    if (!env.SECRET_ENCRYPTION_KEY) problems.push('SECRET_ENCRYPTION_KEY must be set in production')
    if (env.DATABASE_URL === undefined && !env.CERBERUS_ALLOW_EMBEDDED) {
      problems.push(
        'DATABASE_URL must be set in production, or CERBERUS_ALLOW_EMBEDDED=true to keep the data in one directory',
      )
    }
    if (env.SESSION_COOKIE_SECURE === false) problems.push('SESSION_COOKIE_SECURE must not be false in production')
  }
  if (env.SECRET_ENCRYPTION_KEY && isPlaceholderKey(env.SECRET_ENCRYPTION_KEY)) {
    problems.push('SECRET_ENCRYPTION_KEY is a placeholder: generate one with openssl rand -base64 32')
  }
  const { TLS_CERT_FILE: certificateFile, TLS_KEY_FILE: keyFile, TLS_PORT: tlsPort, MTLS_PORT: mtlsPort } = env
  const hasTlsListener = tlsPort > 0 || mtlsPort > 0
  if (hasTlsListener && (certificateFile === undefined || keyFile === undefined)) {
    problems.push('TLS_CERT_FILE and TLS_KEY_FILE must be set for TLS_PORT and MTLS_PORT')
  }
  const tls =
    hasTlsListener && certificateFile !== undefined && keyFile !== undefined
      ? { port: tlsPort, mtlsPort, certificateFile, keyFile }
      : undefined
  const mtlsUrl = env.MTLS_URL ?? (mtlsPort > 0 && URL.canParse(issuer) ? defaultMtlsUrl(issuer, mtlsPort) : undefined)
  if (mtlsUrl !== undefined && !/^https:\/\/[^/?#@]+$/.test(mtlsUrl)) {
    problems.push('MTLS_URL must be https, with a host and an optional port only')
  }
  if (env.CLIENT_CERT_HEADER && env.TRUST_PROXY.length === 0) {
    problems.push('CLIENT_CERT_HEADER needs TRUST_PROXY: the header is trusted from these proxies only')
  }
  const sessions = readSessionSettings(env, issuer, problems)
  if (problems.length > 0) throw new ConfigurationError(problems)
  return {
    production,
    host: env.HOST ?? (production ? '0.0.0.0' : 'localhost'),
    port: env.PORT,
    workers: env.WORKERS,
    issuer,
    databaseUrl: withSslMode(env.DATABASE_URL, env.DB_SSL_MODE),
    poolSize: env.DB_POOL_SIZE,
    statementTimeoutMs: env.DB_STATEMENT_TIMEOUT_MS,
    redisUrl: env.REDIS_URL,
    dataDirectory: env.CERBERUS_DATA_DIR,
    bootstrap: {
      slug: env.CERBERUS_ORG_SLUG ?? 'acme',
      email: env.CERBERUS_ADMIN_EMAIL ?? 'admin@acme.test',
      password: env.CERBERUS_ADMIN_PASSWORD,
    },
    masterKeys: [
      ...(env.SECRET_ENCRYPTION_KEY ? [env.SECRET_ENCRYPTION_KEY] : []),
      ...env.SECRET_ENCRYPTION_KEY_PREVIOUS,
    ],
    jwksRotateDays: env.JWKS_ROTATE_DAYS,
    ...sessions,
    trustedProxies: env.TRUST_PROXY,
    connectionsPerAddress: env.MAX_CONNECTIONS_PER_ADDRESS,
    log: { level: env.LOG_LEVEL, name: env.SERVICE_NAME },
    limits: {
      general: { max: env.RATE_MAX, window: env.RATE_WINDOW_SEC },
      signIn: { max: env.AUTH_RATE_MAX, window: env.AUTH_RATE_WINDOW_SEC },
      clientAuthentication: { max: env.TOKEN_RATE_MAX, window: env.TOKEN_RATE_WINDOW_SEC },
      account: { max: env.ACCOUNT_RATE_MAX, window: env.ACCOUNT_RATE_WINDOW_SEC },
    },
    maxOpenRegistrations: env.OPEN_REGISTRATION_MAX,
    tls,
    mtlsUrl,
    clientCaFile: env.MTLS_CA_FILE,
    certificateHeader: env.CLIENT_CERT_HEADER,
    outbound: { allowlist: env.OUTBOUND_ALLOW, caFile: env.OUTBOUND_CA_FILE },
    auditRetentionDays: env.AUDIT_RETENTION_DAYS,
    metricsPort: env.METRICS_PORT,
    shutdown: { graceSeconds: env.SHUTDOWN_GRACE_SEC, delaySeconds: env.SHUTDOWN_DELAY_SEC },
  }
}

/** Whether details of failures are printed. Works when the rest of the environment is invalid. */
export function isVerbose({ LOG_LEVEL: level }: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return level === 'debug' || level === 'trace'
}

/** RFC 8414 §2: https, no query, no fragment. Plain http is for development. */
function readIssuer(configured: string | undefined, port: number, production: boolean, problems: string[]): string {
  const issuer = configured ?? `http://localhost:${port}`
  if (configured === undefined && production) problems.push('ISSUER_URL must be set in production')
  else if (!URL.canParse(issuer)) problems.push('ISSUER_URL must be a URL')
  else {
    const { protocol, search, hash, username } = new URL(issuer)
    if (protocol !== 'https:' && (production || protocol !== 'http:')) problems.push('ISSUER_URL must use https')
    if (issuer.endsWith('/')) problems.push('ISSUER_URL must not end with a slash')
    if (search !== '' || hash !== '' || username !== '')
      problems.push('ISSUER_URL must have no query, fragment or user')
    if (new URL(issuer).pathname !== '/') problems.push('ISSUER_URL must have no path')
  }
  return issuer
}

function defaultMtlsUrl(issuer: string, port: number): string {
  return `https://${new URL(issuer).hostname}:${port}`
}

function withSslMode(url: string | undefined, mode: string | undefined): string | undefined {
  if (url === undefined || mode === undefined || !URL.canParse(url)) return url
  const withMode = new URL(url)
  withMode.searchParams.set('sslmode', mode === 'require' ? 'no-verify' : mode)
  return withMode.href
}

/** Whether a key was typed or copied from an example: few different bytes, or only printable characters. */
function isPlaceholderKey(bytes: Buffer): boolean {
  return new Set(bytes).size < 12 || /^[\x20-\x7e]+$/.test(bytes.toString('latin1'))
}
