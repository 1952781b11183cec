import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { parseMailbox } from './mailbox.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { parseHttpsOrigin, parseRedisUrl, type Parsed } from './urls.ts'

/** A variable whose text `read` turns into a value. Undefined means that the text is not `requirement`. */
const variable = <Value>(requirement: string, read: (text: string) => Value | undefined) =>
  z.string().transform((text, context) => {
    const value = read(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: requirement })
    return z.NEVER
  })

const url = (parse: (text: string) => Parsed) =>
  z.string().transform((text, context) => {
    const { value, problems } = parse(text)
    if (value !== undefined) return value
    for (const message of problems) context.addIssue({ code: 'custom', message })
    return z.NEVER
  })

const oneOf = <Value extends string>(...values: readonly Value[]) =>
  variable(`must be ${listOf(values)}`, (text) => values.find((value) => value === text.toLowerCase()))

const booleanFlag = variable('must be true or false', (text) => BOOLEANS[text.toLowerCase()])
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false }

const readInteger = (text: string, min: number, max: number) =>
  /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined

const integerBetween = (defaultValue: number, min: number, max: number) =>
  variable(`must be a whole number from ${min} to ${max}`, (text) => readInteger(text, min, max)).default(defaultValue)

const workers = variable('must be a whole number from 1 to 256, or auto', (text) =>
  text.toLowerCase() === 'auto' ? availableParallelism() : readInteger(text, 1, 256),
).default(1)

const splitAtCommas = (text: string) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

const listOfItems = (requirement: string, isItem: (item: string) => boolean) =>
  variable(requirement, (text) => {
    const items = splitAtCommas(text.toLowerCase())
    return items.every(isItem) ? items : undefined
  }).default([])

const isAddress = (item: string) => z.union([z.ipv4(), z.ipv6()]).safeParse(item).success
const isNetwork = (item: string) => z.union([z.cidrv4(), z.cidrv6()]).safeParse(item).success
const isHostName = (item: string) => /^[a-z0-9._-]+$/.test(item)
/** `10.0.0.0/255.0.0.0` */
const isMaskedNetwork = (item: string) => item.split('/').length === 2 && item.split('/').every(isIpv4)
const isIpv4 = (item: string) => z.ipv4().safeParse(item).success

const NAMED_NETWORKS = ['loopback', 'linklocal', 'uniquelocal']

/** Strict, because a mistyped network would allow more addresses than intended, and a URL would allow none. */
const hostsAndNetworks = listOfItems(
  'must be hosts, addresses and networks (localhost, ::1, 10.0.0.0/8), without scheme or port, with commas between them',
  (item) => isAddress(item) || isNetwork(item) || isHostName(item),
)

const proxies = listOfItems(
  `must be addresses and networks (10.0.0.5, 10.0.0.0/8, ::1, ${NAMED_NETWORKS.join(', ')}), with commas between them`,
  (item) => NAMED_NETWORKS.includes(item) || isAddress(item) || isNetwork(item) || isMaskedNetwork(item),
)

const listenAddress = variable('must be an address or a host name, without scheme and port', (text) => {
  const host = text.toLowerCase().replace(/^\[(.+)\]$/, '$1')
  return isAddress(host.replace(/%[a-z0-9.]+$/, '')) || isHostName(host) ? host : undefined
})

const readKey = (text: string) => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 32 ? bytes : undefined
}
const KEY_REQUIREMENT = 'must be the base64 form of 32 bytes (openssl rand -base64 32)'

const text = (requirement: string, pattern: RegExp) =>
  variable(requirement, (value) => (pattern.test(value) ? value : undefined))

const file = z.string().optional()

/** The variables, with their values in the form in which the server uses them. Undefined where a variable is not set. */
export const environmentSchema = z.object({
  NODE_ENV: oneOf('development', 'test', 'production').default('development'),
  HOST: listenAddress.optional(),
  PORT: integerBetween(4000, 0, 65_535),
  WORKERS: workers,
  // Read with NODE_ENV, on which its rules depend.
  ISSUER_URL: z.string().optional(),
  DATABASE_URL: url(parseDatabaseUrl).optional(),
  DB_SSL_MODE: oneOf('disable', 'require', 'verify-full').optional(),
  DB_POOL_SIZE: integerBetween(10, 2, 200),
  DB_STATEMENT_TIMEOUT_MS: integerBetween(2_500, 100, 600_000),
  REDIS_URL: url(parseRedisUrl).optional(),
  CERBERUS_DATA_DIR: z.string().default('./data'),
  CERBERUS_ALLOW_EMBEDDED: booleanFlag.default(false),
  CERBERUS_ORG_SLUG: text(
    'must be lowercase letters, digits and hyphens, at most 63',
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  ).optional(),
  CERBERUS_ADMIN_EMAIL: variable('must be an e-mail address', (value) =>
    z.email().safeParse(value).success ? value : undefined,
  ).optional(),
  CERBERUS_ADMIN_PASSWORD: z
    .string()
    .min(8, 'must have at least 8 characters')
    .max(1024, 'must have at most 1024 characters')
    .optional(),
  SECRET_ENCRYPTION_KEY: variable(KEY_REQUIREMENT, readKey).optional(),
  SECRET_ENCRYPTION_KEY_PREVIOUS: variable(`${KEY_REQUIREMENT}, or several with commas between them`, (value) => {
    const keys = splitAtCommas(value).map(readKey)
    return keys.every((key) => key !== undefined) ? keys : undefined
  }).default([]),
  JWKS_ROTATE_DAYS: integerBetween(30, 1, 3650),
  SESSION_COOKIE_NAME: text('must be letters, digits, hyphens and underscores', /^[A-Za-z0-9_-]+$/).optional(),
  SESSION_COOKIE_SECURE: booleanFlag.optional(),
  SESSION_IDLE_SEC: integerBetween(7_200, 60, 31_536_000),
  SESSION_MAX_SEC: integerBetween(43_200, 60, 31_536_000),
  TRUST_PROXY: proxies,
  LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent').default('info'),
  LOG_FORMAT: oneOf('json', 'text').optional(),
  SERVICE_NAME: z.string().default('cerberus'),
  MAX_CONNECTIONS_PER_ADDRESS: integerBetween(1_000, 1, 1_000_000),
  RATE_WINDOW_SEC: integerBetween(60, 1, 86_400),
  RATE_MAX: integerBetween(600, 1, 1_000_000_000),
  AUTH_RATE_WINDOW_SEC: integerBetween(60, 1, 86_400),
  AUTH_RATE_MAX: integerBetween(30, 1, 1_000_000_000),
  TOKEN_RATE_WINDOW_SEC: integerBetween(60, 1, 86_400),
  TOKEN_RATE_MAX: integerBetween(30, 1, 1_000_000_000),
  ACCOUNT_RATE_WINDOW_SEC: integerBetween(900, 1, 86_400),
  ACCOUNT_RATE_MAX: integerBetween(10, 1, 1_000_000),
  ONBOARDING: oneOf('off', 'invitation', 'open').default('off'),
  MAIL_TRANSPORT: oneOf('smtp', 'file', 'log', 'none').optional(),
  EMAIL_FROM: variable(
    'must be an e-mail address, or a name and an address: Acme <no-reply@example.com>',
    parseMailbox,
  ).optional(),
  SMTP_HOST: listenAddress.optional(),
  SMTP_PORT: integerBetween(587, 1, 65_535),
  SMTP_USER: z.string().optional(),
  SMTP_PASS: z.string().optional(),
  SMTP_TLS: oneOf('implicit', 'required', 'optional', 'off').optional(),
  OPEN_REGISTRATION_MAX: integerBetween(1_000, 0, 1_000_000),
  OUTBOUND_ALLOW: hostsAndNetworks,
  TLS_PORT: integerBetween(0, 0, 65_535),
  TLS_CERT_FILE: file,
  TLS_KEY_FILE: file,
  MTLS_PORT: integerBetween(0, 0, 65_535),
  MTLS_URL: url(parseHttpsOrigin).optional(),
  MTLS_CA_FILE: file,
  CLIENT_CERT_HEADER: variable('must be the form and the name of a header, such as nginx:x-client-cert', (value) => {
    const [, form, name] = /^(nginx|envoy|traefik):([A-Za-z0-9-]+)$/.exec(value) ?? []
    if (form === undefined || name === undefined) return undefined
    return { form: form as 'nginx' | 'envoy' | 'traefik', name: name.toLowerCase() }
  }).optional(),
  OUTBOUND_CA_FILE: file,
  AUDIT_RETENTION_DAYS: integerBetween(365, 0, 36_500),
  METRICS_PORT: integerBetween(0, 0, 65_535),
  SHUTDOWN_GRACE_SEC: integerBetween(20, 1, 600),
  SHUTDOWN_DELAY_SEC: integerBetween(0, 0, 600),
})

export type Environment = z.output<typeof environmentSchema>

/** Variables whose values are never repeated in a message. */
const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'REDIS_URL',
  'CERBERUS_ADMIN_PASSWORD',
  'SMTP_USER',
  'SMTP_PASS',
  'SECRET_ENCRYPTION_KEY',
  'SECRET_ENCRYPTION_KEY_PREVIOUS',
])
/** A blank may belong to a password. */
const VERBATIM_VARIABLES: ReadonlySet<string> = new Set(['CERBERUS_ADMIN_PASSWORD', 'SMTP_PASS'])
const MAX_QUOTED_LENGTH = 60

/** Removes blanks around values, and variables without one. */
export function trimVariables(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const trimmed = Object.entries(environment).map(([name, value = '']): [string, string] => [
    name,
    VERBATIM_VARIABLES.has(name) ? value : value.trim(),
  ])
  return Object.fromEntries(trimmed.filter(([, value]) => value !== ''))
}

/** What is wrong with the value of a variable, as a line for the operator. */
export function describeProblem(name: string, requirement: string, value: string | undefined): string {
  if (value === undefined || SECRET_VARIABLES.has(name)) return `${name} ${requirement}`
  const quoted = value.length > MAX_QUOTED_LENGTH ? `${value.slice(0, MAX_QUOTED_LENGTH)}…` : value
  return `${name} ${requirement}; it is ${JSON.stringify(quoted)}`
}

/**
 * Reads each variable by itself, so that a problem with one does not hide those of the others. A variable with a problem is
 * missing from `env`, and has its default where it has one.
 */
export function readVariables(variables: Readonly<Record<string, string>>): { env: Environment; problems: string[] } {
  const problems: string[] = []
  const entries = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const result = schema.safeParse(variables[name])
    if (result.success) return [name, result.data]
    problems.push(...result.error.issues.map(({ message }) => describeProblem(name, message, variables[name])))
    return [name, schema.safeParse(undefined).data]
  })
  return { env: Object.fromEntries(entries) as Environment, problems }
}

function listOf(values: readonly string[]): string {
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
}
