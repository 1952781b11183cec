// The composition root: each service is built once, each capability is mounted where its dialect is spoken. Read from
// top to bottom, it is the table of contents.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { accountApi } from './account/http.ts'
import { createCallerAuthorization } from './admin/caller.ts'
import { adminApi } from './admin/http.ts'
import type { AppOptions } from './app-options.ts'
import { createBrowserSessions } from './authentication/sessions/browser-sessions.ts'
import { signInPages } from './account/pages/sign-in-page.ts'
import { diagnoseRequest } from './authorize/diagnostics/diagnose-request.ts'
import { promptValues } from './authorize/request/authorization-request.ts'
import { devicePageRoutes } from './authorize/channels/device.http.ts'
import { interactionRoutes } from './authorize/pages/interaction.http.ts'
import { parRoutes } from './authorize/request/par.http.ts'
import { authorizeRoutes } from './authorize/http.ts'
import { resumeUrl } from './authorize/interaction-urls.ts'
import { registrationRoutes } from './clients/registration/http.ts'
import { createRequestAuthentication } from './clients/authentication/http.ts'
import { createHttpServer } from './http-server.ts'
import { createCimdResolver } from './clients/registration/resolve-cimd-client.ts'
import { authenticationMethods } from './clients/authentication/methods/index.ts'
import { createApiDescription, docsRoutes, openapiRoutes } from './discovery/docs.http.ts'
import { discoveryRoutes } from './discovery/http.ts'
import { authorizationCodeGrant } from './grants/authorization-code.ts'
import { clientCredentialsGrant } from './grants/client-credentials.ts'
import { refreshTokenGrant } from './grants/refresh-token.ts'
import { deviceCodeGrant } from './grants/device-code.ts'
import { grantRoutes } from './grants/http.ts'
import { registerCookies, createCookies } from './http/request/cookies.ts'
import { enableCors } from './http/security/cors.ts'
import { createCsrfTokens } from './http/security/csrf.ts'
import { registerFormParser } from './http/request/forms.ts'
import {
  createAttemptRateLimiter,
  createFailureRateLimiter,
  createRequestRateLimiter,
  rateLimitRequests,
} from './http/rate-limit/rate-limiters.ts'
import { setOAuthErrorHandler } from './http/errors/oauth-error-handler.ts'
import { collectRoutes } from './http/server/openapi.ts'
import { setPageErrorHandler } from './http/errors/page-error-handler.ts'
import { JWKS_MAX_AGE } from './keys/key-set.ts'
import { hmacSha256 } from './lib/hash.ts'
import type { AuditEvent } from './model/audit/audit-event.ts'
import { createAccountCallerResolver } from './account/me/caller.ts'
import { withLogoutNotifications } from './logout/back-channel-logout.ts'
import { logoutRoutes } from './logout/http.ts'
import { checkSessionRoutes } from './logout/check-session.http.ts'
import { responseModes, responseTypes } from './oauth/response-type.ts'
import { locales } from './pages/messages/locale.ts'
import type { Repositories } from './storage/repositories.ts'
import { findActiveAccessToken } from './tokens/access-token.ts'
import { createJarmEncoder } from './tokens/jarm.ts'
import type { Authorization } from './tokens/authorization.ts'
import { issueFrontChannelTokens, type FrontChannelTokenRequest } from './tokens/issue-front-channel.ts'
import { issueTokens } from './tokens/issue.ts'
import { createSenderConstraints } from './tokens/sender-constraint/sender-constraint.http.ts'
import { introspectionRoutes, tokenRoutes } from './tokens/http.ts'

/** The whole server, ready to listen or to be injected into. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { config, clock, repositories, signer, passwords, secrets, metrics, clientKeys, lastUsed } = options
  const { refreshTokenCodec, opaqueTokens, rateLimitCounters, resolveSubject, fetchText, probeUrl } = options
  const { issuer, limits } = config
  const { clientCache: clients, users } = repositories
  // Services
  const sessions = withLogoutNotifications(repositories.sessions, options.backChannelLogout)
  const cookies = createCookies(config.sessionCookie)
  const csrfTokens = createCsrfTokens(options.csrfKey)
  const browserSessions = createBrowserSessions({ clock, sessions })
  const sessionOf = async (request: FastifyRequest) => (await browserSessions.find(cookies.session(request)))?.session
  const browserServices = { cookies, csrfTokens, browserSessions }
  const rateLimitOptions = { rateLimitCounters, clock }
  const resolveCimdClient = createCimdResolver({ ...options, ...repositories, clients, issuer, limit: limits.signIn })
  const clientServices = { clients, resolveCimdClient, clientKeys, resolveSubject, fetchText, probeUrl, lastUsed }
  const sharedServices = { ...repositories, ...clientServices, issuer, clock }
  const tokenVerification = { issuer, clock, verify: signer.verify, opaqueTokens }
  const { inspect, inspectForUserinfo } = repositories.accessTokens
  const findActiveToken = (token: string) => findActiveAccessToken(token, inspect, tokenVerification)
  const findUserinfoToken = (token: string) => findActiveAccessToken(token, inspectForUserinfo, tokenVerification)
  const failureLimit = { kind: 'client authentication', ...limits.clientAuthentication, ...rateLimitOptions }
  const failures = createFailureRateLimiter(failureLimit)
  const authenticate = createRequestAuthentication({
    ...options,
    issuer,
    ...clientServices,
    now: () => clock.now(),
    replayCache: repositories.replayCache,
    certificates: config,
    failures,
  })
  const senderConstraints = createSenderConstraints({
    ...repositories,
    ...config,
    clock,
    nonceKey: options.dpopNonceKey,
  })
  const recordAuditEvent = (event: AuditEvent) => repositories.auditEvents.record(event)
  const findProfile: Repositories['users']['findProfile'] = (user) => users.findProfile(user)
  const tokenIssuance = {
    issuer,
    clock,
    clientKeys,
    sign: signer.sign,
    opaqueTokens,
    onIssued: metrics.tokenIssued,
    record: recordAuditEvent,
    findProfile,
    resolveSubject,
  }
  const issue = (authorization: Authorization) => issueTokens(authorization, tokenIssuance)
  const signInServices = {
    clock,
    users,
    sessions,
    passwords,
    auditEvents: repositories.auditEvents,
    onOutcome: metrics.signIn,
    limits: {
      address: createAttemptRateLimiter({ kind: 'sign-in', ...limits.signIn, ...rateLimitOptions }),
      account: createAttemptRateLimiter({ kind: 'account', ...limits.account, ...rateLimitOptions }),
    },
  }
  const grantTypes = [
    authorizationCodeGrant({ ...repositories, clock, refreshTokenCodec }),
    refreshTokenGrant({ ...repositories, clock, refreshTokenCodec }),
    clientCredentialsGrant({ clock, record: recordAuditEvent }),
    deviceCodeGrant({ ...repositories, clock, refreshTokenCodec }),
  ]
  const deviceFlow = { issuer, clock, hashUserCode: (code: string) => hmacSha256(options.userCodeKey, code) }
  const callerSources = { issuer, clients, sessionOf, findActiveToken, senderConstraints }

  const { server, errorHandling } = await createHttpServer({
    config,
    logger: options.logger,
    clock,
    metrics,
    isDraining: options.isDraining,
    isDatabaseUnavailable: options.isUnavailable,
    pingDatabase: options.pingDatabase,
  })
  const sessionCookie = config.sessionCookie.name
  const openapiDocument = createApiDescription({ issuer, sessionCookie, collectRoutes: await collectRoutes(server) })
  const generalRateLimiter = createRequestRateLimiter({ kind: 'requests', ...limits.general, ...rateLimitOptions })
  server.addHook('onClose', () => Promise.all([generalRateLimiter.flush(), lastUsed.flush()]))

  // Metadata and keys
  await server.register(async (scope) => {
    setOAuthErrorHandler(scope, errorHandling)
    enableCors(scope, clients)
    discoveryRoutes(scope, {
      issuer,
      authenticationMethods,
      grantTypes,
      responseTypes,
      responseModes,
      prompts: promptValues,
      locales,
      mtlsUrl: config.mtlsUrl,
      supportsCimd: repositories.clientMetadataDocuments.isEnabled,
      jwks: () => signer.jwks(),
      jwksMaxAge: JWKS_MAX_AGE,
    })
    openapiRoutes(scope, openapiDocument)
  })

  // Clients that register themselves
  await server.register(async (scope) => {
    setOAuthErrorHandler(scope, errorHandling)
    const attempts = createAttemptRateLimiter({ kind: 'registration', ...limits.signIn, ...rateLimitOptions })
    registrationRoutes(scope, { ...repositories, issuer, clock, clientKeys, secrets, attempts, fetchText })
  })

  // What clients call: OAuth's JSON
  await server.register(async (scope) => {
    setOAuthErrorHandler(scope, errorHandling)
    await registerFormParser(scope)
    const tokenServices = {
      ...sharedServices,
      ...tokenVerification,
      refreshTokenCodec,
      authenticate,
      findActiveToken,
      findActiveTokenForUserinfo: findUserinfoToken,
      senderConstraints,
      sign: signer.sign,
    }
    introspectionRoutes(scope, tokenServices)
    await scope.register(async (crossOrigin) => {
      enableCors(crossOrigin, clients)
      grantRoutes(crossOrigin, {
        ...repositories,
        ...deviceFlow,
        grantTypes,
        authenticate,
        senderConstraints,
        issue,
        requests: generalRateLimiter,
      })
      parRoutes(crossOrigin, {
        ...tokenServices,
        resolveDpopKey: senderConstraints.resolveDpopKey,
        decrypt: signer.decrypt,
        requests: generalRateLimiter,
      })
      tokenRoutes(crossOrigin, tokenServices)
    })
  })

  // What people see: pages and redirects
  await server.register(async (scope) => {
    setPageErrorHandler(scope, errorHandling)
    rateLimitRequests(scope, generalRateLimiter)
    await registerFormParser(scope)
    await registerCookies(scope)
    const pageServices = {
      ...sharedServices,
      ...browserServices,
      verify: signer.verify,
      decrypt: signer.decrypt,
      issueFrontChannelTokens: (issued: FrontChannelTokenRequest) => issueFrontChannelTokens(issued, tokenIssuance),
      encodeJarmResponse: createJarmEncoder(tokenIssuance),
    }
    authorizeRoutes(scope, pageServices)
    interactionRoutes(scope, pageServices)
    devicePageRoutes(scope, {
      ...pageServices,
      ...deviceFlow,
      attempts: createAttemptRateLimiter({ kind: 'user code', ...limits.signIn, ...rateLimitOptions }),
    })
    signInPages(scope, { ...pageServices, ...signInServices, resumeUrl })
    logoutRoutes(scope, pageServices)
    checkSessionRoutes(scope, pageServices)
    docsRoutes(scope)
  })

  // The JSON API under /v1: the user's own account, and the management API
  await server.register((scope) =>
    accountApi(scope, {
      issuer,
      errorHandling,
      generalRateLimiter,
      cors: clients,
      resolveCaller: createAccountCallerResolver(callerSources),
      services: { ...signInServices, ...browserServices },
    }),
  )
  await server.register((scope) =>
    adminApi(scope, {
      errorHandling,
      generalRateLimiter,
      authorizeCaller: createCallerAuthorization({ ...callerSources, findProfile }),
      findOperatorId: repositories.organisations.findOperatorId,
      services: {
        issuer,
        clock,
        clients: repositories.clients,
        clientCache: clients,
        clientAuditEvents: repositories.clientAuditEvents,
        consents: repositories.consents,
        grants: repositories.grants,
        clientRegistrations: repositories.clientRegistrations,
        softwareStatementIssuers: repositories.softwareStatementIssuers,
        authorizationFailures: repositories.authorizationFailures,
        signingKeys: repositories.signingKeys,
        rotate: signer.rotate,
        secrets,
        clientKeys,
        fetchText,
        probeUrl,
        record: recordAuditEvent,
        diagnoseRequest: (parameters, sentBy) =>
          diagnoseRequest(parameters, { ...sharedServices, verify: signer.verify, decrypt: signer.decrypt }, sentBy),
      },
    }),
  )

  return server
}
