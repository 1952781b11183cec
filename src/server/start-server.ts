import type { FastifyInstance } from 'fastify'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { createHashWorker } from '../authentication/factors/password/hash-worker.ts'
import { createPasswords } from '../authentication/factors/password/passwords.ts'
import { buildApp } from '../app.ts'
import { createClientSecrets } from '../clients/authentication/client-secret.ts'
import { createLastUsedTracker } from '../clients/authentication/last-used.ts'
import { createSubjectResolver } from '../clients/subject-identifier.ts'
import type { Config } from '../config/config.ts'
import type { GracefulShutdown } from './graceful-shutdown.ts'
import { createRateLimitCounters } from '../http/rate-limit/rate-limit-counters.ts'
import type { Metrics } from '../http/metrics/metrics.ts'
import { createSecondaryListener } from '../http/server/secondary-listener.ts'
import { createTlsListener } from '../http/server/tls-listener.ts'
import { createMetadataDocumentFetcher } from '../safe-fetch/metadata-document.ts'
import { createSafeFetch, createTextFetcher, createUrlProbe } from '../safe-fetch/safe-fetch.ts'
import { readCertificates, type Certificate } from '../keys/certificates/certificate.ts'
import { createClientKeys } from '../keys/client-keys.ts'
import { openServerSecret } from '../keys/server-secret.ts'
import { createSealer } from '../lib/sealer.ts'
import { deriveKey } from '../lib/hash.ts'
import { listen } from './listen.ts'
import type { Logger } from './logger.ts'
import { StartupError } from './startup-error.ts'
import type { Services } from './create-services.ts'
import { createBackChannelLogout } from '../logout/back-channel-logout.ts'
import { isUnavailable } from '../storage/db/database-error.ts'
import { openValkeyRateLimitCounters } from '../storage/rate-limit/valkey-rate-limit-counters.ts'
import { createOpaqueTokenCodec } from '../tokens/opaque-token.ts'
import { createRefreshTokenCodec } from '../tokens/refresh-token.ts'

/** How often each process looks for clients that are still to be told of a logout, besides those it has caused itself. */
const LOGOUT_POLL_INTERVAL_MS = 5_000

export interface StartServerOptions {
  config: Config
  log: Logger
  services: Services
  metrics: Metrics
  shutdown: GracefulShutdown
  /** What is given back after the last request. */
  releaseResources: () => Promise<void>
}

/** Builds the app over the services and listens. Rejects with `StartupError` where the port cannot be had. */
export async function startServer({
  config,
  log,
  services,
  metrics,
  shutdown,
  releaseResources,
}: StartServerOptions): Promise<void> {
  const { clock, database, repositories, sealer, signer } = services
  const { allowlist, caFile } = config.outbound
  const authorities = caFile && (await readFile(caFile, 'utf8'))
  const clientAuthorities = await readClientAuthorities(config.clientCaFile)
  const safeFetch = createSafeFetch({ allowlist, authorities })
  const fetchText = createTextFetcher(safeFetch)
  const secret = await openServerSecret(repositories.serverSecrets, sealer, clock)
  const valkey = config.redisUrl === undefined ? undefined : openValkeyRateLimitCounters(config.redisUrl)
  const rateLimitCounters = createRateLimitCounters({
    store: valkey ?? repositories.rateLimitCounterStore,
    key: deriveKey(secret, 'limits'),
    clock,
    log,
  })
  // Processors are shared by all that serve, and one is left to them where there are several.
  const hashConcurrency = Math.max(1, Math.floor((availableParallelism() - 1) / config.workers))
  const passwordHashing = createHashWorker(hashConcurrency, (how) => log.error(how, 'password hash worker exited'))
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
  const logoutPoll = setInterval(backChannelLogout.flush, LOGOUT_POLL_INTERVAL_MS)
  const app = await buildApp({
    config,
    clock,
    repositories,
    signer,
    clientKeys: createClientKeys({ clock, fetchText }),
    secrets: createClientSecrets(createSealer([deriveKey(secret, 'client secrets')])),
    lastUsed: createLastUsedTracker({ ...repositories, clock, log }),
    clientAuthorities,
    fetchText,
    probeUrl: createUrlProbe(safeFetch),
    fetchMetadataDocument: createMetadataDocumentFetcher(safeFetch),
    passwords: createPasswords(hashConcurrency, passwordHashing),
    isUnavailable,
    logger: log,
    refreshTokenCodec: createRefreshTokenCodec(deriveKey(secret, 'refresh tokens')),
    opaqueTokens: createOpaqueTokenCodec(deriveKey(secret, 'access tokens')),
    resolveSubject,
    backChannelLogout,
    csrfKey: deriveKey(secret, 'form tokens'),
    pingDatabase: () => database.pool.query('SELECT 1'),
    isDraining: shutdown.isDraining,
    metrics,
    rateLimitCounters,
  })
  shutdown.register(app, async () => {
    clearInterval(logoutPoll)
    await backChannelLogout.stop()
    await valkey?.close()
    await releaseResources()
  })
  const tlsEndpoints = createTlsListeners(app, config)
  const listenAtSecondLoopback = createSecondLoopbackListener(app, config)
  await listen(app, config)
  await listenAtSecondLoopback()
  for (const { listener, port } of tlsEndpoints) await listen(listener, { host: config.host, port })
}

/** `localhost` may be two addresses. Fastify listens at one of them, and this listener at the other, where it exists. */
function createSecondLoopbackListener(app: FastifyInstance, { host, issuer }: Config): () => Promise<void> {
  if (host !== 'localhost') return () => Promise.resolve()
  const listener = createSecondaryListener(app, { issuer, https: issuer.startsWith('https:') })
  return async () => {
    const address = app.server.address()
    if (address === null || typeof address === 'string') return
    const second = { host: address.family === 'IPv4' ? '::1' : '127.0.0.1', port: address.port }
    await listen(listener, second).catch((error: unknown) =>
      app.log.debug({ err: error, ...second }, 'failed to listen'),
    )
  }
}

function createTlsListeners(app: FastifyInstance, { tls, issuer }: Config) {
  if (!tls) return []
  const options = { ...tls, issuer, https: issuer.startsWith('https:') }
  return [
    { port: tls.port, requestsClientCertificate: false },
    { port: tls.mtlsPort, requestsClientCertificate: true },
  ]
    .filter(({ port }) => port > 0)
    .map(({ port, ...kind }) => ({ port, listener: createTlsListener(app, { ...options, ...kind }) }))
}

/** The certificates of a PEM file. Throws `StartupError` where there are none. */
async function readClientAuthorities(file: string | undefined): Promise<Certificate[]> {
  if (file === undefined) return []
  try {
    const found = readCertificates(await readFile(file, 'utf8'))
    if (found.length > 0) return found
  } catch {}
  throw new StartupError('MTLS_CA_FILE names no file with certificates in PEM.')
}
