// `server/startup` brings one process from its configuration to serving: clock, database, first organisation, banner, and the
// messages of a start that fails.

import type { FastifyInstance } from 'fastify'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { createHashWorker } from '../../authentication/factors/password/hash-worker.ts'
import { createPasswords } from '../../authentication/factors/password/passwords.ts'
import type { Config } from '../../config/config.ts'
import type { Metrics } from '../../http/metrics/metrics.ts'
import { createSecondaryListener, type Listener } from '../../http/server/secondary-listener.ts'
import { createTlsListener } from '../../http/server/tls-listener.ts'
import { readCertificates } from '../../keys/certificates/certificate.ts'
import { createMailTransport } from '../../mail/transports/create-transport.ts'
import { openServerSecret } from '../../keys/server-secret.ts'
import { createTxtResolver } from '../../safe-fetch/resolve-txt.ts'
import { createSafeFetch } from '../../safe-fetch/safe-fetch.ts'
import { composeApp } from '../compose-app.ts'
import type { Services } from '../create-services.ts'
import type { GracefulShutdown } from '../graceful-shutdown.ts'
import { isInUse, listen } from '../listen.ts'
import { scheduleStartupGarbageCollection } from './startup-garbage.ts'
import type { Logger } from '../logger.ts'
import { StartupError } from './startup-error.ts'

/** Each process looks for queued logout notifications at this interval, and after each logout it handles itself. */
const LOGOUT_POLL_INTERVAL_MS = 5_000
/** Each process looks for queued mails at this interval, and after each act that it handles itself. */
const MAIL_POLL_INTERVAL_MS = 10_000
/** Deliveries are queued by any statement, so that each process looks for them. */
const WEBHOOK_POLL_INTERVAL_MS = 500

export interface StartServerOptions {
  config: Config
  log: Logger
  services: Services
  metrics: Metrics
  shutdown: GracefulShutdown
  /** Closes what the process opened, after the last request. */
  releaseResources: () => Promise<void>
}

/** Builds the app over the services of the process, and listens. Throws `StartupError` when an address cannot be used. */
export async function startServer({
  config,
  log,
  services: { clock, database, repositories, sealer, signer },
  metrics,
  shutdown,
  releaseResources,
}: StartServerOptions): Promise<void> {
  const { allowlist, caFile } = config.outbound
  const authorities = caFile === undefined ? undefined : await readCertificateFile('OUTBOUND_CA_FILE', caFile)
  const clientAuthorities =
    config.clientCaFile === undefined
      ? []
      : readCertificates(await readCertificateFile('MTLS_CA_FILE', config.clientCaFile))
  const secret = await openServerSecret(repositories.serverSecrets, sealer, clock)
  const valkey = config.redisUrl === undefined ? undefined : await openValkey(config.redisUrl)
  // All workers share the processors, and one processor is left for serving requests.
  const hashConcurrency = Math.max(1, Math.floor((availableParallelism() - 1) / config.workers))
  const hashWorker = createHashWorker(hashConcurrency, (details) => log.error(details, 'password hash worker exited'))
  const { app, backChannelLogout, webhookDelivery, mailQueue } = await composeApp({
    config,
    log,
    clock,
    database,
    repositories,
    signer,
    secret,
    passwords: createPasswords(hashConcurrency, hashWorker),
    safeFetch: createSafeFetch({ allowlist, authorities }),
    resolveTxt: createTxtResolver(),
    mail: config.mail && { transport: createMailTransport(config.mail.transport, log), from: config.mail.from },
    clientAuthorities,
    rateLimitCounterStore: valkey ?? repositories.rateLimitCounterStore,
    metrics,
    isDraining: shutdown.isDraining,
  })
  await repositories.webhooks.refreshSubscriptions()
  const polls = [
    setInterval(backChannelLogout.flush, LOGOUT_POLL_INTERVAL_MS),
    setInterval(webhookDelivery.flush, WEBHOOK_POLL_INTERVAL_MS),
    ...(mailQueue ? [setInterval(mailQueue.flush, MAIL_POLL_INTERVAL_MS)] : []),
  ]
  shutdown.register(app, async () => {
    for (const poll of polls) clearInterval(poll)
    await Promise.all([backChannelLogout.stop(), webhookDelivery.stop(), mailQueue?.stop()])
    await valkey?.close()
    await releaseResources()
  })
  await listenAtAll(app, config)
  scheduleStartupGarbageCollection()
}

/** The counters in Valkey or Redis. Its driver is loaded only by a server that uses one. */
async function openValkey(url: string) {
  const { openValkeyRateLimitCounters } = await import('../../storage/rate-limit/valkey-rate-limit-counters.ts')
  return openValkeyRateLimitCounters(url)
}

/** Listens at the main address, at the second address of `localhost`, and at the ports of TLS. */
async function listenAtAll(app: FastifyInstance, config: Config): Promise<void> {
  const { host, port } = config
  const secondLoopback =
    host === 'localhost' ? createSecondaryListener(app, malformedRequestOptions(config)) : undefined
  const tlsEndpoints = createTlsEndpoints(app, config)
  await listen(app, { host, port })
  if (secondLoopback) await listenAtSecondLoopback(app, secondLoopback)
  for (const { listener, port: tlsPort } of tlsEndpoints) await listen(listener, { host, port: tlsPort })
}

const malformedRequestOptions = ({ issuer }: Config) => ({ issuer, https: issuer.startsWith('https:') })

/** `localhost` may be two addresses. The app listens at one of them, and this listener at the other, where it exists. */
async function listenAtSecondLoopback(app: FastifyInstance, listener: Listener): Promise<void> {
  const address = app.server.address()
  if (address === null || typeof address === 'string') return
  const second = { host: address.family === 'IPv4' ? '::1' : '127.0.0.1', port: address.port }
  await listen(listener, second).catch((error: unknown) => {
    // Half of those who ask for localhost would reach the other program.
    if (error instanceof StartupError && isInUse(error.cause)) throw error
    app.log.debug({ err: error, ...second }, 'failed to listen')
  })
}

function createTlsEndpoints(app: FastifyInstance, config: Config): { port: number; listener: Listener }[] {
  const { tls } = config
  if (!tls) return []
  const { certificateFile, keyFile } = tls
  const options = { certificateFile, keyFile, ...malformedRequestOptions(config) }
  return [
    { port: tls.port, requestsClientCertificate: false },
    { port: tls.mtlsPort, requestsClientCertificate: true },
  ]
    .filter(({ port }) => port > 0)
    .map(({ port, requestsClientCertificate }) => ({
      port,
      listener: createTlsListener(app, { ...options, requestsClientCertificate }),
    }))
}

/** The text of a PEM file with at least one certificate. Throws `StartupError` otherwise. */
async function readCertificateFile(variable: string, file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    if (readCertificates(text).length > 0) return text
  } catch {}
  throw new StartupError(`${variable} must name a file with certificates in PEM form.`)
}
