// `config` reads the environment into one typed value. It is the only reader of `process.env`.
// It reports all problems of the environment together, one line for each.
// Opening what the values name (databases, files) belongs to `server`.

import { parseUrl } from '../lib/url.ts'
import { describeProblem, environmentSchema, readVariables, trimVariables } from './environment-schema.ts'
import { findMisspeltVariables } from './misspelt-variables.ts'
import { readMailSettings, type MailSettings } from './mail-settings.ts'
import { readSessionSettings, type SessionSettings } from './session-settings.ts'
import { parseIssuer } from './urls.ts'

/** The names of all environment variables that the server reads. */
export const environmentVariables: readonly string[] = Object.keys(environmentSchema.shape)

/** Variables of `cerberus`, the command line, and of container images, which may be set beside ours. */
const OTHER_VARIABLES = [
  'CERBERUS_SERVER',
  'CERBERUS_CONTEXT',
  'CERBERUS_TOKEN',
  'CERBERUS_TOKEN_FILE',
  'CERBERUS_CLIENT_ID',
  'CERBERUS_CLIENT_SECRET',
  'CERBERUS_CLIENT_SECRET_FILE',
  'CERBERUS_CLIENT_CERT_FILE',
  'CERBERUS_CLIENT_KEY_FILE',
]
/** Other names of settings. */
const ALIASES = { RATE_LIMIT_MAX: 'RATE_MAX', RATE_LIMIT_WINDOW_SEC: 'RATE_WINDOW_SEC' } as const

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
  /** `format` undefined: text on a terminal outside production, otherwise JSON. */
  log: { level: string; name: string; format?: 'json' | 'text' }
  limits: { general: RateLimit; signIn: RateLimit; clientAuthentication: RateLimit; account: RateLimit }
  /** Who may create an organisation by sign-up: no one, the holders of onboarding tokens, or anyone. */
  onboarding: 'off' | 'invitation' | 'open'
  /** How mails are sent; undefined: they are not. */
  mail: MailSettings | undefined
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
  const variables = trimVariables(environment)
  for (const [alias, name] of Object.entries(ALIASES)) variables[name] ??= variables[alias] ?? ''
  const { env, problems } = readVariables(trimVariables(variables))
  // A mistyped "production" must not hide what production needs.
  const production = env.NODE_ENV === 'production' || /^prod/i.test(variables['NODE_ENV'] ?? '')
  const misspelt = misspeltVariables(variables).filter(({ certain }) => certain)
  problems.push(...misspelt.map(({ name, suggestion }) => `${name} is not a setting: ${suggestion} is meant`))

  const issuer = readIssuer(env.ISSUER_URL, env.PORT, production, problems)
  const has = (name: keyof typeof env) => variables[name] !== undefined
  if (production) {
    if (!has('SECRET_ENCRYPTION_KEY')) problems.push('SECRET_ENCRYPTION_KEY must be set in production')
    if (!has('DATABASE_URL') && !env.CERBERUS_ALLOW_EMBEDDED) {
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
  const mtlsUrl = env.MTLS_URL ?? (mtlsPort > 0 && issuer !== undefined ? defaultMtlsUrl(issuer, mtlsPort) : undefined)
  const isProxyListInvalid = problems.some((problem) => problem.startsWith('TRUST_PROXY '))
  if (env.CLIENT_CERT_HEADER !== undefined && env.TRUST_PROXY.length === 0 && !isProxyListInvalid) {
    problems.push('CLIENT_CERT_HEADER needs TRUST_PROXY: the header is trusted from these proxies only')
  }
  // Without a valid issuer, it is not known whether the cookie is Secure.
  const sessions = readSessionSettings(env, issuer ?? 'https:', problems)
  const mail = readMailSettings(env, problems, production)
  problems.push(...findSharedPorts(env))
  if (problems.length > 0 || issuer === undefined) throw new ConfigurationError(problems)
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
    log: { level: env.LOG_LEVEL, name: env.SERVICE_NAME, ...(env.LOG_FORMAT && { format: env.LOG_FORMAT }) },
    limits: {
      general: { max: env.RATE_MAX, window: env.RATE_WINDOW_SEC },
      signIn: { max: env.AUTH_RATE_MAX, window: env.AUTH_RATE_WINDOW_SEC },
      clientAuthentication: { max: env.TOKEN_RATE_MAX, window: env.TOKEN_RATE_WINDOW_SEC },
      account: { max: env.ACCOUNT_RATE_MAX, window: env.ACCOUNT_RATE_WINDOW_SEC },
    },
    onboarding: env.ONBOARDING,
    mail,
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

/** Variables that look like settings and are none; those too close to a setting make `readConfig` throw. */
export function misspeltVariables(environment: Readonly<Record<string, string | undefined>> = process.env) {
  const known = [...environmentVariables, ...Object.keys(ALIASES), ...OTHER_VARIABLES]
  return findMisspeltVariables(environment, known)
}

function readIssuer(
  configured: string | undefined,
  port: number,
  production: boolean,
  problems: string[],
): string | undefined {
  if (configured === undefined && production) problems.push('ISSUER_URL must be set in production')
  if (configured === undefined) return `http://localhost:${port}`
  const { value, problems: found = [] } = parseIssuer(configured, { production })
  problems.push(...found.map((problem) => describeProblem('ISSUER_URL', problem, configured)))
  return value
}

/** Two listeners cannot share a port. */
function findSharedPorts(env: Record<'PORT' | 'TLS_PORT' | 'MTLS_PORT' | 'METRICS_PORT', number>): string[] {
  const names = ['PORT', 'TLS_PORT', 'MTLS_PORT', 'METRICS_PORT'] as const
  return names.flatMap((name, index) => {
    const other = names.slice(0, index).find((earlier) => env[name] > 0 && env[earlier] === env[name])
    return other === undefined ? [] : [`${name} must differ from ${other}; both are ${env[name]}`]
  })
}

function defaultMtlsUrl(issuer: string, port: number): string {
  return `https://${new URL(issuer).hostname}:${port}`
}

function withSslMode(url: string | undefined, mode: string | undefined): string | undefined {
  if (url === undefined || mode === undefined || !parseUrl(url)) return url
  const withMode = new URL(url)
  withMode.searchParams.set('sslmode', mode === 'require' ? 'no-verify' : mode)
  return withMode.href
}

/** Whether a key was typed or copied from an example: few different bytes, or only printable characters. */
function isPlaceholderKey(bytes: Buffer): boolean {
  return new Set(bytes).size < 12 || /^[\x20-\x7e]+$/.test(bytes.toString('latin1'))
}
