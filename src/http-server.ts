// Composes the Fastify server that `app.ts` mounts the rooms on: limits, load shedding, metrics, CORS and error formats.

import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import { HashWorkerStopped } from './authentication/factors/password/hash-worker.ts'
import type { Config } from './config/config.ts'
import { setNotFoundHandler } from './http/errors/not-found-handler.ts'
import {
  pageContentSecurityPolicy,
  type ErrorPageContent,
  type PageErrorHandlerOptions,
} from './http/errors/page-error-handler.ts'
import { setProblemErrorHandler, type ProblemErrorHandlerOptions } from './http/errors/problem-error-handler.ts'
import type { Metrics } from './http/metrics/metrics.ts'
import { createLoadShedding, OVERLOAD_ERROR } from './http/overload/load-shedding.ts'
import { registerCors } from './http/security/cors.ts'
import { healthRoutes } from './http/server/health-routes.ts'
import { createServer } from './http/server/server.ts'
import type { Clock } from './lib/time/clock.ts'
import { SemaphoreUnavailable } from './lib/concurrency/semaphore.ts'
import { errorPage } from './pages/error.tsx'
import { chooseLocale } from './pages/messages/locale.ts'
import { prerenderErrorPage } from './pages/prerender-error.ts'
import { styleHash } from './pages/theme/style.ts'

export interface HttpServerOptions {
  config: Pick<Config, 'issuer' | 'trustedProxies' | 'connectionsPerAddress'>
  logger: FastifyBaseLogger
  clock: Clock
  metrics: Metrics
  isDraining: () => boolean
  isDatabaseUnavailable: (error: unknown) => boolean
  checkDatabase: () => Promise<string | undefined>
}

/** The options of the error handlers of all three formats. */
export type ErrorHandling = ProblemErrorHandlerOptions & PageErrorHandlerOptions

export async function createHttpServer({
  config: { issuer, trustedProxies, connectionsPerAddress },
  logger,
  clock,
  metrics,
  isDraining,
  isDatabaseUnavailable,
  checkDatabase,
}: HttpServerOptions): Promise<{ server: FastifyInstance; errorHandling: ErrorHandling }> {
  const https = issuer.startsWith('https:')
  const contentSecurityPolicy = pageContentSecurityPolicy({ style: styleHash })
  const errorHandling: ErrorHandling = {
    issuer,
    isUnavailable: (error) =>
      error instanceof SemaphoreUnavailable || error instanceof HashWorkerStopped || isDatabaseUnavailable(error),
    renderError: (content: ErrorPageContent, request: FastifyRequest) =>
      errorPage({ ...content, locale: chooseLocale(undefined, request.headers['accept-language']) }),
    contentSecurityPolicy,
  }
  const loadShedding = createLoadShedding({
    issuer,
    https,
    clock,
    log: logger,
    isDraining,
    renderPage: prerenderErrorPage(OVERLOAD_ERROR),
    contentSecurityPolicy,
    metrics,
  })
  const server = createServer({
    issuer,
    https,
    logger,
    trustedProxies,
    connectionsPerAddress,
    guardRequests: loadShedding.guardRequests,
  })
  metrics.observe(server)
  loadShedding.trackRequests(server)
  await registerCors(server)
  setProblemErrorHandler(server, errorHandling)
  setNotFoundHandler(server, errorHandling)
  healthRoutes(server, { clock, isDraining, checkDatabase })
  return { server, errorHandling }
}
