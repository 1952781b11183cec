import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { buildApp } from '../app.ts'
import type { AppOptions } from '../app-options.ts'
import type { Passwords } from '../authentication/factors/password/passwords.ts'
import { createClientSecrets } from '../clients/authentication/client-secret.ts'
import { createLastUsedTracker, type LastUsedTracker } from '../clients/authentication/last-used.ts'
import { createSubjectResolver } from '../clients/subject-identifier.ts'
import { createMetrics, type Metrics } from '../http/metrics/metrics.ts'
import { createRateLimitCounters } from '../http/rate-limit/rate-limit-counters.ts'
import type { Certificate } from '../keys/certificates/certificate.ts'
import { createClientKeys } from '../keys/client-keys.ts'
import type { Signer } from '../keys/signer.ts'
import type { Clock } from '../lib/time/clock.ts'
import { deriveKey } from '../lib/crypto/hash.ts'
import { createSealer } from '../lib/crypto/sealer.ts'
import { createMailQueue, type MailQueue } from '../mail/mail-queue.ts'
import { createMailSealer } from '../mail/mailer.ts'
import type { Mailbox, MailTransport } from '../mail/transports/mail-transport.ts'
import { createBackChannelLogout, type BackChannelLogout } from '../logout/back-channel-logout.ts'
import type { RateLimitCounterStore } from '../model/rate-limit/rate-limit-counter.ts'
import { createMetadataDocumentFetcher } from '../safe-fetch/metadata-document.ts'
import type { ResolveTxt } from '../safe-fetch/resolve-txt.ts'
import { createTextFetcher, createUrlProbe, type SafeFetch } from '../safe-fetch/safe-fetch.ts'
import { isUnavailable } from '../storage/db/database-error.ts'
import { createDatabaseCheck } from '../storage/db/database-state.ts'
import type { Database } from '../storage/db/database.ts'
import { listMigrations, MIGRATIONS_DIRECTORY } from '../storage/db/migrate.ts'
import type { Repositories } from '../storage/repositories.ts'
import { createOpaqueTokenCodec } from '../tokens/opaque-token.ts'
import { createRefreshTokenCodec } from '../tokens/refresh-token.ts'
import { createWebhookDelivery, type WebhookDeliverer } from '../webhooks/webhook-delivery.ts'
import { createWebhookSecrets } from '../webhooks/webhook-secrets.ts'

export interface AppComposition {
  config: AppOptions['config']
  log: FastifyBaseLogger
  clock: Clock
  database: Pick<Database, 'pool'>
  repositories: Repositories
  signer: Signer
  /** The server secret. Every key below is derived from it under a label of its own. */
  secret: Uint8Array
  passwords: Passwords
  safeFetch: SafeFetch
  resolveTxt: ResolveTxt
  /** Undefined: no mail is sent. */
  mail: { transport: MailTransport; from: Mailbox } | undefined
  /** The authorities that sign client certificates. */
  clientAuthorities: readonly Certificate[]
  rateLimitCounterStore: RateLimitCounterStore
  /** Milliseconds between two reports of counted requests; absent: the default. */
  rateLimitFlushIntervalMs?: number | undefined
  metrics: Metrics
  isDraining: () => boolean
}

export interface ComposedApp {
  app: FastifyInstance
  /** Sends queued notifications when it is flushed. The caller schedules that, and stops it at the end. */
  backChannelLogout: BackChannelLogout
  /** Sends queued mails likewise. */
  mailQueue: MailQueue | undefined
  /** Sends queued events to webhooks likewise. */
  webhookDelivery: WebhookDeliverer
  lastUsed: LastUsedTracker
}

/** Builds the app from what the process opened. The server and the tests differ only in the arguments. */
export async function composeApp({
  config,
  log,
  clock,
  database,
  repositories,
  signer,
  secret,
  passwords,
  safeFetch,
  resolveTxt,
  mail,
  clientAuthorities,
  rateLimitCounterStore,
  rateLimitFlushIntervalMs,
  metrics,
  isDraining,
}: AppComposition): Promise<ComposedApp> {
  const fetchText = createTextFetcher(safeFetch)
  const resolveSubject = createSubjectResolver(deriveKey(secret, 'pairwise subjects'))
  const backChannelLogout = createBackChannelLogout({
    issuer: config.issuer,
    clock,
    resolveSubject,
    sign: signer.sign,
    notifications: repositories.backchannelLogoutQueue,
    clients: repositories.clientCache,
    postForm: safeFetch.postForm,
    log,
  })
  const mailSealer = createMailSealer(secret)
  const mailQueue =
    mail &&
    createMailQueue({
      issuer: config.issuer,
      clock,
      outgoingMails: repositories.outgoingMails,
      sealer: mailSealer,
      ...mail,
      onAttempt: metrics.mailAttempt,
      log,
    })
  const webhookSecrets = createWebhookSecrets(createSealer([deriveKey(secret, 'webhook secrets')]))
  const webhookDelivery = createWebhookDelivery({
    clock,
    deliveries: repositories.webhookDeliveryQueue,
    secrets: webhookSecrets,
    postJson: safeFetch.postJson,
    log,
  })
  const lastUsed = createLastUsedTracker({ clientLastUsed: repositories.clientLastUsed, clock, log })
  const app = await buildApp({
    config,
    logger: log,
    clock,
    repositories,
    signer,
    passwords,
    refreshTokenCodec: createRefreshTokenCodec(deriveKey(secret, 'refresh tokens')),
    opaqueTokens: createOpaqueTokenCodec(deriveKey(secret, 'access tokens')),
    clientKeys: createClientKeys({ clock, fetchText }),
    secrets: createClientSecrets(createSealer([deriveKey(secret, 'client secrets')])),
    lastUsed,
    clientAuthorities,
    fetchText,
    probeUrl: createUrlProbe(safeFetch),
    resolveTxt,
    fetchMetadataDocument: createMetadataDocumentFetcher(safeFetch),
    resolveSubject,
    backChannelLogout,
    mail: { isEnabled: mail !== undefined, sealer: mailSealer, flush: () => mailQueue?.flush() },
    codeKey: deriveKey(secret, 'one-time codes'),
    webhookDelivery,
    webhookSecrets,
    urlRejection: safeFetch.rejectionOf,
    csrfKey: deriveKey(secret, 'csrf tokens'),
    deviceCookieKey: deriveKey(secret, 'device cookies'),
    totpSealer: createSealer([deriveKey(secret, 'authenticator apps')]),
    recoveryCodeKey: deriveKey(secret, 'recovery codes'),
    challengeKey: deriveKey(secret, 'passkey challenges'),
    dpopNonceKey: deriveKey(secret, 'dpop nonces'),
    userCodeKey: deriveKey(secret, 'user codes'),
    isUnavailable,
    checkDatabase: createDatabaseCheck(database.pool, await listMigrations(MIGRATIONS_DIRECTORY)),
    isDraining,
    metrics,
    rateLimitCounters: createRateLimitCounters({
      store: rateLimitCounterStore,
      key: deriveKey(secret, 'rate limits'),
      clock,
      log,
      ...(rateLimitFlushIntervalMs !== undefined && { flushIntervalMs: rateLimitFlushIntervalMs }),
    }),
  })
  return { app, backChannelLogout, webhookDelivery, mailQueue, lastUsed }
}

/** The metrics of a process that serves, over its database. */
export function createServerMetrics(
  { statementCount, waitingCount }: Pick<Database, 'statementCount' | 'waitingCount'>,
  { outgoingMails }: Pick<Repositories, 'outgoingMails'>,
): Metrics {
  return createMetrics({ statementCount, waitingCount, queuedMails: outgoingMails.countQueued })
}
