import type { FastifyInstance } from 'fastify'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { hashInOwnProcess } from './accounts/hash-process.ts'
import { createPasswords } from './accounts/passwords.ts'
import { buildApp } from './app.ts'
import { createClientSecrets } from './clients/client-secret.ts'
import { createClientUses } from './clients/last-use.ts'
import { createSubjects } from './clients/subject.ts'
import type { Config } from './config/config.ts'
import type { Drain } from './drain.ts'
import { createCounting } from './http/counting.ts'
import type { Metrics } from './http/metrics.ts'
import { createTlsListener } from './http/tls-listener.ts'
import { metadataDocumentsBy } from './http/metadata-documents.ts'
import { createOutbound, documentsBy, statusesBy } from './http/outbound.ts'
import { readCertificates, type Certificate } from './keys/certificate.ts'
import { createClientKeys } from './keys/client-keys.ts'
import { openServerSecret } from './keys/server-secret.ts'
import { createSealer, deriveKey } from './lib/secret.ts'
import type { Logger } from './logger.ts'
import type { Services } from './services.ts'
import { createBackChannel } from './logout/back-channel.ts'
import { isUnavailable } from './storage/failure.ts'
import { openValkeyCounters } from './storage/valkey-counters.ts'
import { createOpaqueTokenCodec } from './tokens/opaque-token.ts'
import { createRefreshTokenCodec } from './tokens/refresh-token.ts'

/** How often each process looks for clients that are still to be told of a logout, besides those it has caused itself. */
const WAKE_MS = 5_000

/** Why the server cannot start, in one line for whoever started it: trying again changes nothing. */
export class StartFailure extends Error {}

export interface ServeOptions {
  config: Config
  log: Logger
  services: Services
  metrics: Metrics
  drain: Drain
  /** What is given back after the last request. */
  release: () => Promise<void>
}

/** Builds the app over the services and listens. Rejects with `StartFailure` where the port cannot be had. */
export async function serve({ config, log, services, metrics, drain, release }: ServeOptions): Promise<void> {
  const { clock, database, repositories, sealer, signer } = services
  const { allow, authoritiesFile } = config.outbound
  const authorities = authoritiesFile && (await readFile(authoritiesFile, 'utf8'))
  const clientAuthorities = await readAuthorities(config.clientAuthoritiesFile)
  const outbound = createOutbound({ allow, authorities })
  const fetchDocument = documentsBy(outbound)
  const secret = await openServerSecret(repositories.serverSecrets, sealer, clock)
  const valkey = config.redisUrl === undefined ? undefined : openValkeyCounters(config.redisUrl)
  const counting = createCounting({
    store: valkey ?? repositories.counters,
    key: deriveKey(secret, 'limits'),
    clock,
    log,
  })
  // Processors are shared by all that serve, and one is left to them where there are several.
  const hashes = Math.max(1, Math.floor((availableParallelism() - 1) / config.workers))
  const hashing = hashInOwnProcess(hashes, (how) => log.error(how, 'the process that hashes passwords ended'))
  const subjects = createSubjects(deriveKey(secret, 'pairwise subjects'))
  const backChannel = createBackChannel({
    issuer: config.issuer,
    clock,
    subjects,
    sign: signer.sign,
    notifications: repositories.logoutNotifications,
    clients: repositories.clientDirectory,
    postForm: outbound.postForm,
    log,
  })
  const wakings = setInterval(backChannel.wake, WAKE_MS)
  const app = await buildApp({
    config,
    clock,
    repositories,
    signer,
    clientKeys: createClientKeys({ clock, fetchDocument }),
    secrets: createClientSecrets(createSealer([deriveKey(secret, 'client secrets')])),
    uses: createClientUses({ ...repositories, clock, log }),
    clientAuthorities,
    fetchDocument,
    reach: statusesBy(outbound),
    readDocument: metadataDocumentsBy(outbound),
    passwords: createPasswords(hashes, hashing),
    isUnavailable,
    logger: log,
    codec: createRefreshTokenCodec(deriveKey(secret, 'refresh tokens')),
    opaqueTokens: createOpaqueTokenCodec(deriveKey(secret, 'access tokens')),
    subjects,
    backChannel,
    formKey: deriveKey(secret, 'form tokens'),
    pingDatabase: () => database.pool.query('SELECT 1'),
    isDraining: drain.isDraining,
    metrics,
    counting,
  })
  drain.attach(app, async () => {
    clearInterval(wakings)
    await backChannel.stop()
    await valkey?.close()
    await release()
  })
  const overTls = tlsListeners(app, config)
  await listen(app, config)
  for (const { listener, port } of overTls) await listen(listener, { host: config.host, port })
}

function tlsListeners(app: FastifyInstance, { tls, issuer }: Config) {
  if (!tls) return []
  const options = { ...tls, issuer, https: issuer.startsWith('https:') }
  return [
    { port: tls.port, asksForCertificates: false },
    { port: tls.mtlsPort, asksForCertificates: true },
  ]
    .filter(({ port }) => port > 0)
    .map(({ port, ...kind }) => ({ port, listener: createTlsListener(app, { ...options, ...kind }) }))
}

/** The certificates of a PEM file. Throws `StartFailure` where there are none. */
async function readAuthorities(file: string | undefined): Promise<Certificate[]> {
  if (file === undefined) return []
  try {
    const found = readCertificates(await readFile(file, 'utf8'))
    if (found.length > 0) return found
  } catch {}
  throw new StartFailure('MTLS_CA_FILE names no file with certificates in PEM.')
}

/** So many connections may wait to be taken; the system has a bound of its own (`net.core.somaxconn`). */
const BACKLOG = 4_096

/** Listens where the server is to be found. */
export async function listen(
  server: { listen(where: { host: string; port: number; backlog: number }): Promise<unknown> },
  { host, port }: { host: string; port: number },
): Promise<void> {
  await server.listen({ host, port, backlog: BACKLOG }).catch((error: unknown) => {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
    const reason = typeof code === 'string' ? REASONS[code] : undefined
    throw reason === undefined ? error : new StartFailure(`Cannot listen on ${host}, port ${port}: ${reason}.`)
  })
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'TLS_CERT_FILE or TLS_KEY_FILE is not there',
  EADDRINUSE: 'something else listens there',
  EACCES: 'this account may not',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such name',
}
