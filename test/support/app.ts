import type { FastifyInstance } from 'fastify'
import type { Certificate } from '../../src/keys/certificate.ts'
import { pino } from 'pino'
import { createPasswords } from '../../src/accounts/passwords.ts'
import { buildApp } from '../../src/app.ts'
import { createClientSecrets } from '../../src/clients/client-secret.ts'
import { createClientUses, type ClientUses } from '../../src/clients/last-use.ts'
import { createSubjects } from '../../src/clients/subject.ts'
import type { Config } from '../../src/config/config.ts'
import { createCounting } from '../../src/http/counting.ts'
import { metadataDocumentsBy } from '../../src/http/metadata-documents.ts'
import { createOutbound, documentsBy, statusesBy } from '../../src/http/outbound.ts'
import { createBackChannel, type BackChannel } from '../../src/logout/back-channel.ts'
import { createClientKeys } from '../../src/keys/client-keys.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import type { Signer } from '../../src/keys/signer.ts'
import { createSealer, deriveKey, sha256 } from '../../src/lib/secret.ts'
import { connectDatabase, type Database } from '../../src/storage/database.ts'
import { isUnavailable } from '../../src/storage/failure.ts'
import { createRepositories, type Repositories } from '../../src/storage/repositories.ts'
import { createOpaqueTokenCodec } from '../../src/tokens/opaque-token.ts'
import { createRefreshTokenCodec } from '../../src/tokens/refresh-token.ts'
import { createBrowser, type Browser } from './browser.ts'
import { createTestClock, type TestClock } from './clock.ts'
import { createSeededDatabase } from './cluster.ts'
import { cheapHashing, openSigner, OWNER, redateKeys, seedOrganisation } from './seed.ts'

export const ISSUER = 'https://auth.example.com'
export { MASTER_KEY, OWNER } from './seed.ts'

/** The server over a database of its own, with an organisation `acme` and its owner, and time that tests turn. */
export interface TestApp {
  app: FastifyInstance
  clock: TestClock
  database: Database
  repositories: Repositories
  signer: Signer
  /** Woken by what the app does alone, not by time. */
  backChannel: BackChannel
  /** Written by hand, not by time. */
  uses: ClientUses
  /** Every line that was logged, as JSON. */
  logs: string[]
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
  /** Hosts that may be asked though they are not public. */
  allow?: string[]
  /** Certificates of authorities that are believed of other servers, in PEM. */
  authorities?: string
  /** Where and how clients show their certificates, and whose are believed. */
  mtls?: Partial<Pick<Config, 'trustedProxies' | 'certificateHeader' | 'mtlsUrl'>>
  clientAuthorities?: Certificate[]
  /** Called when the routes are there and hooks can still be added. */
  beforeReady?: (app: FastifyInstance) => void
  /** Another process over the same database. */
  connectionString?: string
  clock?: TestClock
  /** Milliseconds between the settlements of the general limit. */
  settleMs?: number
}

export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const issuer = options.issuer ?? ISSUER
  const own = options.connectionString === undefined ? await createSeededDatabase() : undefined
  const connection = options.connectionString ?? own?.connectionString ?? ''
  const clock = options.clock ?? createTestClock()
  const database = connectDatabase({ connection, poolSize: 10, onError: () => {} })
  const repositories = await createRepositories(database)
  // The keys of a database that several apps share keep their dates.
  if (own) await redateKeys(database, clock)
  else await seedOrganisation(repositories.directorySeed, clock)
  const signer = await openSigner(repositories.signingKeys, clock)
  repositories.onKeysChanged(() => void signer.reload())
  const passwords = createPasswords(2, cheapHashing)
  const logs: string[] = []
  const outbound = createOutbound({ allow: options.allow ?? [], authorities: options.authorities })
  const fetchDocument = documentsBy(outbound)
  const secret = sha256('the server secret of the tests')
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) })
  const subjects = createSubjects(deriveKey(secret, 'pairwise subjects'))
  const backChannel = createBackChannel({
    issuer,
    clock,
    subjects,
    sign: signer.sign,
    notifications: repositories.logoutNotifications,
    clients: repositories.clientDirectory,
    postForm: outbound.postForm,
    log: logger,
  })
  const uses = createClientUses({ ...repositories, clock, log: logger })
  const app = await buildApp({
    config: {
      issuer,
      limits: {
        general: UNLIMITED,
        signIn: UNLIMITED,
        clientAuthentication: UNLIMITED,
        account: UNLIMITED,
        ...options.limits,
      },
      sessionCookie: { name: 'cerb_sid', secure: issuer.startsWith('https:') },
      trustedProxies: [],
      certificateHeader: undefined,
      mtlsUrl: undefined,
      ...options.mtls,
    },
    logger,
    counting: createCounting({
      store: repositories.counters,
      key: deriveKey(secret, 'limits'),
      clock,
      log: logger,
      ...(options.settleMs !== undefined && { settleMs: options.settleMs }),
    }),
    clock,
    repositories,
    signer,
    clientKeys: createClientKeys({ clock, fetchDocument }),
    secrets: createClientSecrets(createSealer([deriveKey(secret, 'client secrets')])),
    uses,
    clientAuthorities: options.clientAuthorities ?? [],
    fetchDocument,
    reach: statusesBy(outbound),
    readDocument: metadataDocumentsBy(outbound),
    passwords,
    isUnavailable,
    codec: createRefreshTokenCodec(deriveKey(secret, 'refresh tokens')),
    opaqueTokens: createOpaqueTokenCodec(deriveKey(secret, 'access tokens')),
    subjects,
    backChannel,
    formKey: deriveKey(secret, 'form tokens'),
    pingDatabase: () => database.pool.query('SELECT 1'),
    isDraining: () => false,
    metrics: createMetrics({ statements: database.statementCount, waiting: () => database.pool.waitingCount }),
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
    clock,
    database,
    repositories,
    signer,
    backChannel,
    uses,
    logs,
    signIn,
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
      await backChannel.stop()
      await repositories.close()
      await database.close()
      await own?.drop()
    },
  }
}
