import { completeSettings } from '../../src/clients/settings/schema.ts'
import type { FastifyInstance } from 'fastify'
import type { Certificate } from '../../src/keys/certificates/certificate.ts'
import { pino } from 'pino'
import { createPasswords } from '../../src/authentication/factors/password/passwords.ts'
import type { LastUsedTracker } from '../../src/clients/authentication/last-used.ts'
import type { Config } from '../../src/config/config.ts'
import { composeApp, createServerMetrics } from '../../src/server/compose-app.ts'
import type { MailQueue } from '../../src/mail/mail-queue.ts'
import type { MailTransport } from '../../src/mail/transports/mail-transport.ts'
import type { ResolveTxt } from '../../src/safe-fetch/resolve-txt.ts'
import { createSafeFetch } from '../../src/safe-fetch/safe-fetch.ts'
import type { BackChannelLogout } from '../../src/logout/back-channel-logout.ts'
import type { WebhookDeliverer } from '../../src/webhooks/webhook-delivery.ts'
import type { Signer } from '../../src/keys/signer.ts'
import { sha256 } from '../../src/lib/crypto/hash.ts'
import { connectDatabase, type Database } from '../../src/storage/db/database.ts'
import { createRepositories, type Repositories } from '../../src/storage/repositories.ts'
import { createBrowser, type Browser } from './browser.ts'
import { createTestClock, type MachineClock, type TestClock } from './clock.ts'
import { createSeededDatabase } from './cluster.ts'
import { eventually } from './eventually.ts'
import { cheapHashing, openSigner, OWNER, redateSeed, seedOrganisation } from './seed.ts'

export const ISSUER = 'https://auth.example.com'
export { MASTER_KEY, OWNER } from './seed.ts'

/** The server over a database of its own, with an organisation `acme` and its owner, and time that tests turn. */
export interface TestApp {
  app: FastifyInstance
  /** For another app over the same database. */
  connectionString: string
  clock: TestClock
  database: Database
  repositories: Repositories
  signer: Signer
  /** Woken by what the app does alone, not by time. */
  backChannel: BackChannelLogout
  webhookDelivery: WebhookDeliverer
  /** Written by hand, not by time. */
  lastUsed: LastUsedTracker
  /** Woken by what the app does alone, not by time. */
  mailQueue: MailQueue | undefined
  /** Every line that was logged, as JSON. */
  logs: string[]
  /** Resolves when the process has read all changes that were made so far, by whichever statement. */
  changesRead(): Promise<void>
  /** A browser without cookies. */
  browser(): Browser
  /** The session cookie of a sign-in by JSON, as a `Cookie` header. */
  signIn(credentials?: { email: string; password: string }): Promise<string>
  /** A browser that is signed in, as the owner unless said otherwise. */
  signedInBrowser(credentials?: { email: string; password: string }): Promise<Browser>
  /** Registers a client through the administration API as the owner and answers the representation. */
  registerClient(settings?: Record<string, unknown>): Promise<RegisteredTestClient>
  close(): Promise<void>
}

export interface RegisteredTestClient {
  id: string
  clientId: string
  clientSecret: string | null
  [member: string]: unknown
}

const UNLIMITED = { max: 1_000_000, window: 60 }

export interface TestAppOptions {
  issuer?: string
  limits?: Partial<Config['limits']>
  maxOpenRegistrations?: number
  onboarding?: Config['onboarding']
  /** Undefined: no mail is sent. */
  mail?: MailTransport
  /** Hosts that may be asked though they are not public. */
  allow?: string[]
  /** Answers for the DNS; absent: it gives no answer. */
  resolveTxt?: ResolveTxt
  /** Certificates of authorities that are believed of other servers, in PEM. */
  authorities?: string
  /** Where and how clients show their certificates, and whose are believed. */
  mtls?: Partial<Pick<Config, 'trustedProxies' | 'certificateHeader' | 'mtlsUrl'>>
  clientAuthorities?: Certificate[]
  connectionsPerAddress?: number
  /** Called when the routes are there and hooks can still be added. */
  beforeReady?: (app: FastifyInstance) => void
  /** Another process over the same database. */
  connectionString?: string
  /** A `MachineClock` is kept to the time of the database. */
  clock?: TestClock | MachineClock
  /** Milliseconds between two reports of the counts of the general limit. */
  flushIntervalMs?: number
}

export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const issuer = options.issuer ?? ISSUER
  const own = options.connectionString === undefined ? await createSeededDatabase() : undefined
  const connection = options.connectionString ?? own?.connectionString ?? ''
  const clock: TestClock & Partial<MachineClock> = options.clock ?? createTestClock()
  const database = connectDatabase({ connection, poolSize: 10, onError: () => {} })
  let lastPollAt = -Infinity
  const repositories = await createRepositories(database, completeSettings, (reading) => {
    lastPollAt = reading.sentAt
    clock.observe?.(reading)
  })
  // The keys of a database that several apps share keep their dates.
  if (own) await redateSeed(database, clock)
  else await seedOrganisation(repositories.bootstrap, clock)
  const signer = await openSigner(repositories.signingKeys, clock)
  // A database that is too slow is asked again at the next change.
  repositories.onKeysChanged(() => void signer.reload().catch(() => undefined))
  const logs: string[] = []
  const { app, backChannelLogout, webhookDelivery, mailQueue, lastUsed } = await composeApp({
    config: {
      issuer,
      limits: {
        general: UNLIMITED,
        signIn: UNLIMITED,
        clientAuthentication: UNLIMITED,
        account: UNLIMITED,
        ...options.limits,
      },
      maxOpenRegistrations: options.maxOpenRegistrations ?? 1_000_000,
      sessionCookie: { name: 'cerb_sid', secure: issuer.startsWith('https:') },
      sessionLifetimes: { idle: 7_200, max: 43_200 },
      onboarding: options.onboarding ?? 'off',
      trustedProxies: [],
      connectionsPerAddress: options.connectionsPerAddress ?? 10_000,
      certificateHeader: undefined,
      mtlsUrl: undefined,
      ...options.mtls,
    },
    log: pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) }),
    clock,
    database,
    repositories,
    signer,
    secret: sha256('the server secret of the tests'),
    passwords: createPasswords(2, cheapHashing),
    safeFetch: createSafeFetch({ allowlist: options.allow ?? [], authorities: options.authorities }),
    resolveTxt: options.resolveTxt ?? (async () => ({ outcome: 'unanswered' })),
    mail: options.mail && { transport: options.mail, from: { name: 'Acme', address: 'no-reply@acme.test' } },
    clientAuthorities: options.clientAuthorities ?? [],
    rateLimitCounterStore: repositories.rateLimitCounterStore,
    rateLimitFlushIntervalMs: options.flushIntervalMs,
    metrics: createServerMetrics(database, repositories),
    isDraining: () => false,
  })
  options.beforeReady?.(app)
  await app.ready()

  async function signIn(credentials: { email: string; password: string } = OWNER): Promise<string> {
    const answer = await app.inject({ method: 'POST', url: '/v1/auth/login', payload: credentials })
    const cookie = answer.cookies.find(({ name }) => name === 'cerb_sid')
    if (answer.statusCode !== 200 || !cookie) throw new Error(`Sign-in answered ${answer.statusCode}: ${answer.body}`)
    return `cerb_sid=${cookie.value}`
  }

  // The owner signs in once, and again when the session has ended: a sign-in takes longer than a registration.
  let ownersCookie: string | undefined
  async function registerAsOwner(payload: Record<string, unknown>) {
    const fresh = ownersCookie === undefined
    ownersCookie ??= await signIn()
    const headers = { cookie: ownersCookie, 'x-org-domain': 'acme' }
    const answer = await app.inject({ method: 'POST', url: '/v1/admin/clients', headers, payload })
    if (answer.statusCode !== 401 || fresh) return answer
    ownersCookie = undefined
    return registerAsOwner(payload)
  }

  return {
    app,
    connectionString: connection,
    clock,
    database,
    repositories,
    signer,
    backChannel: backChannelLogout,
    webhookDelivery,
    lastUsed,
    mailQueue,
    logs,
    signIn,
    async changesRead() {
      const now = performance.now()
      await eventually(
        () => lastPollAt,
        (at) => at > now,
      )
    },
    browser: () => createBrowser(app, issuer),
    async signedInBrowser(credentials) {
      const browser = createBrowser(app, issuer)
      browser.cookies.set('cerb_sid', (await signIn(credentials)).slice('cerb_sid='.length))
      return browser
    },
    async registerClient(settings = {}) {
      const answer = await registerAsOwner({
        name: 'Test Application',
        clientType: 'public',
        redirectUris: ['https://app.example.com/callback'],
        scopes: ['openid', 'profile', 'email', 'phone', 'address', 'offline_access'],
        grantTypes: ['authorization_code', 'refresh_token'],
        requireConsent: false,
        ...settings,
      })
      if (answer.statusCode !== 201) throw new Error(`Registration answered ${answer.statusCode}: ${answer.body}`)
      return answer.json<RegisteredTestClient>()
    },
    async close() {
      await app.close()
      await backChannelLogout.stop()
      await mailQueue?.stop()
      await webhookDelivery.stop()
      await repositories.close()
      await database.close()
      await own?.drop()
    },
  }
}
