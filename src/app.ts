// The composition root: each service is built once, each capability is mounted where its dialect is spoken. Read from
// top to bottom, it is the table of contents.

import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { authRoutes } from './accounts/auth-routes.ts'
import { createBrowserSessions } from './accounts/browser-session.ts'
import { HashingInterrupted } from './accounts/hash-process.ts'
import { meRoutes, type Caller } from './accounts/me-routes.ts'
import { signInPages } from './accounts/page-routes.ts'
import type { Passwords } from './accounts/passwords.ts'
import { promptValues } from './authorize/request.ts'
import { authorizePages } from './authorize/page-routes.ts'
import { authorizeRoutes, resumeUrl } from './authorize/routes.ts'
import { clientAdminRoutes } from './clients/admin-routes.ts'
import { registrationAdminRoutes } from './clients/registration-admin-routes.ts'
import { registrationRoutes } from './clients/registration-routes.ts'
import { authenticateClient, type ClientRequest } from './clients/authentication.ts'
import type { Subjects } from './clients/subject.ts'
import { authenticationMethods } from './clients/methods/index.ts'
import type { Config } from './config/config.ts'
import { createRequestAdministrators } from './directory/administrator-routes.ts'
import { isPermission } from './directory/rights.ts'
import { signingKeyRoutes } from './directory/signing-key-routes.ts'
import { createApiDescription, docsRoutes, openapiRoutes } from './discovery/docs-routes.ts'
import { discoveryRoutes } from './discovery/routes.ts'
import { authorizationCodeGrant } from './grants/authorization-code.ts'
import { clientCredentialsGrant } from './grants/client-credentials.ts'
import { refreshTokenGrant } from './grants/refresh-token.ts'
import { grantRoutes } from './grants/routes.ts'
import { bearerToken } from './http/bearer.ts'
import { OVERLOADED, shedOverload } from './http/admission.ts'
import { acceptCookies, createCookies } from './http/cookies.ts'
import { allowOrigins, answerPreflight } from './http/cors.ts'
import { createFormTokens } from './http/cross-site.ts'
import { acceptForms, acceptQueries } from './http/forms.ts'
import { healthRoutes } from './http/health-routes.ts'
import { refuseBrokenText } from './http/json-text.ts'
import type { Counting } from './http/counting.ts'
import { createAttemptLimit, createFailureLimit, createRequestLimit, limitRequests } from './http/limits.ts'
import { speakOAuth } from './http/oauth-dialect.ts'
import type { Metrics } from './http/metrics.ts'
import { collectRoutes } from './http/openapi.ts'
import { pagePolicy, speakPages, type ErrorPageContent } from './http/page-dialect.ts'
import { answerNothingHere } from './http/not-found.ts'
import { speakProblems, unauthorized } from './http/problem-dialect.ts'
import { createServer } from './http/server.ts'
import { JWKS_MAX_AGE } from './keys/key-set.ts'
import type { ClientKeys } from './keys/client-keys.ts'
import type { Signer } from './keys/signer.ts'
import type { Clock } from './lib/clock.ts'
import { GateFull } from './lib/gate.ts'
import type { SecurityEvent } from './model/security-event.ts'
import { logoutRoutes } from './logout/routes.ts'
import type { Parameters } from './oauth/params.ts'
import { responseModes, responseTypes } from './oauth/response-type.ts'
import { errorPage } from './pages/error.tsx'
import { chooseLocale, locales } from './pages/locale.ts'
import { readyMadeErrorPage } from './pages/ready-made.ts'
import { styleHash } from './pages/style.ts'
import type { Repositories } from './storage/repositories.ts'
import { findLiveAccessToken } from './tokens/access-token.ts'
import type { Authorization } from './tokens/authorization.ts'
import { issueInFront, type FrontChannelIssue } from './tokens/front-channel.ts'
import { issueTokens } from './tokens/issue.ts'
import type { RefreshTokenCodec } from './tokens/refresh-token.ts'
import { introspectionRoutes, tokenRoutes } from './tokens/routes.ts'

export interface AppOptions {
  config: Pick<Config, 'issuer' | 'limits' | 'sessionCookie' | 'trustedProxies'>
  logger: FastifyBaseLogger
  clock: Clock
  repositories: Repositories
  signer: Signer
  passwords: Passwords
  codec: RefreshTokenCodec
  /** What clients have signed. */
  clientKeys: ClientKeys
  /** A document at an address that a client gave. */
  fetchDocument: (url: string) => Promise<string>
  subjects: Subjects
  /** For the hidden fields of forms. */
  formKey: Uint8Array
  isUnavailable: (error: unknown) => boolean
  pingDatabase: () => Promise<unknown>
  isDraining: () => boolean
  metrics: Metrics
  counting: Counting
}

/** The whole server, ready to listen or to be injected into. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { config, clock, repositories, signer, passwords, codec, metrics, counting } = options
  const { issuer, limits } = config
  const { clientDirectory: clients, sessions, users } = repositories

  // Services
  const cookies = createCookies(config.sessionCookie)
  const formTokens = createFormTokens(options.formKey)
  const browserSessions = createBrowserSessions({ clock, sessions })
  const sessionOf = async (request: FastifyRequest) => (await browserSessions.find(cookies.session(request)))?.session
  const edge = { cookies, formTokens, browserSessions }
  const reading = { issuer, clock, verify: signer.verify, accessTokens: repositories.accessTokens }
  const findLive = (token: string) => findLiveAccessToken(token, reading)
  const counted = { counting, clock }
  const failures = createFailureLimit({ kind: 'client authentication', ...limits.clientAuthentication, ...counted })
  const proving = {
    clients,
    failures,
    now: () => clock.now(),
    audiences: [issuer, `${issuer}/oauth2/token`],
    clientKeys: options.clientKeys,
    assertions: repositories.assertions,
  }
  const authenticate = (request: ClientRequest, form: Parameters) => authenticateClient(request, form, proving)
  const record = (event: SecurityEvent) => repositories.events.record(event)
  const findProfile: Repositories['users']['findProfile'] = (user) => users.findProfile(user)
  const { subjects, fetchDocument } = options
  const minting = { issuer, clock, sign: signer.sign, onIssued: metrics.tokenIssued, record, findProfile, subjects }
  const issue = (authorization: Authorization) => issueTokens(authorization, minting)
  const signingIn = {
    clock,
    users,
    sessions,
    passwords,
    events: repositories.events,
    onOutcome: metrics.signIn,
    limits: {
      address: createAttemptLimit({ kind: 'sign-in', ...limits.signIn, ...counted }),
      account: createAttemptLimit({ kind: 'account', ...limits.account, ...counted }),
    },
  }
  const grantTypes = [
    authorizationCodeGrant({ ...repositories, clock, codec }),
    refreshTokenGrant({ ...repositories, clock, codec }),
    clientCredentialsGrant({ clock, record }),
  ]
  const administrator = createRequestAdministrators({
    issuer,
    findProfile,
    sessionOf: async (request) => {
      const session = await sessionOf(request)
      return session && { ...session, organisationSlug: session.organisation.slug }
    },
  })

  // The edge
  const server = createServer({ ...config, logger: options.logger, https: issuer.startsWith('https:') })
  metrics.observe(server)
  const overloaded = { status: 503, code: 'temporarily_unavailable', description: OVERLOADED }
  const overloadedPage = readyMadeErrorPage(overloaded)
  shedOverload(server, {
    issuer,
    https: issuer.startsWith('https:'),
    clock,
    isDraining: options.isDraining,
    // These wait for their turn to be hashed, and have a bound of their own.
    apart: ['/auth/login', '/v1/auth/login'],
    renderPage: (reference, acceptLanguage) => overloadedPage(chooseLocale(undefined, acceptLanguage), reference),
    contentSecurityPolicy: pagePolicy({ style: styleHash }),
    onShed: metrics.requestShed,
  })
  const collect = await collectRoutes(server)
  const description = createApiDescription({ issuer, sessionCookie: config.sessionCookie.name, collect })
  const dialect = {
    issuer,
    isUnavailable: (error: unknown) =>
      error instanceof GateFull || error instanceof HashingInterrupted || options.isUnavailable(error),
    renderError: (content: ErrorPageContent, request: FastifyRequest) =>
      errorPage({ ...content, locale: chooseLocale(undefined, request.headers['accept-language']) }),
    contentSecurityPolicy: pagePolicy({ style: styleHash }),
  }
  const general = createRequestLimit({ kind: 'requests', ...limits.general, ...counted })
  server.addHook('onClose', () => general.settle())
  speakProblems(server, dialect)
  answerNothingHere(server, dialect)
  healthRoutes(server, { ...options, clock })

  // Metadata and keys
  await server.register(async (scope) => {
    speakOAuth(scope, dialect)
    allowOrigins(scope, clients)
    discoveryRoutes(scope, {
      issuer,
      authenticationMethods,
      grantTypes,
      responseTypes,
      responseModes,
      prompts: promptValues,
      locales,
      jwks: () => signer.jwks(),
      jwksMaxAge: JWKS_MAX_AGE,
    })
    openapiRoutes(scope, description)
  })

  // Clients that register themselves
  await server.register(async (scope) => {
    speakOAuth(scope, dialect)
    const attempts = createAttemptLimit({ kind: 'registration', ...limits.signIn, ...counted })
    registrationRoutes(scope, { ...repositories, issuer, clock, attempts, fetchDocument })
  })

  // What clients call: OAuth's JSON
  await server.register(async (scope) => {
    speakOAuth(scope, dialect)
    await acceptForms(scope)
    const reader = { ...repositories, ...reading, clients, codec, authenticate, findLive, sign: signer.sign, subjects }
    introspectionRoutes(scope, reader)
    await scope.register(async (open) => {
      allowOrigins(open, clients)
      grantRoutes(open, { grantTypes, authenticate, issue })
      tokenRoutes(open, reader)
    })
  })

  // What people see: pages and redirects
  await server.register(async (scope) => {
    speakPages(scope, dialect)
    limitRequests(scope, general)
    await acceptForms(scope)
    await acceptCookies(scope)
    const front = {
      ...repositories,
      ...edge,
      issuer,
      clock,
      clients,
      verify: signer.verify,
      clientKeys: options.clientKeys,
      fetchDocument,
      subjects,
      issueInFront: (issued: FrontChannelIssue) => issueInFront(issued, minting),
    }
    authorizeRoutes(scope, front)
    authorizePages(scope, front)
    signInPages(scope, { ...front, ...signingIn, resumeUrl })
    logoutRoutes(scope, front)
    docsRoutes(scope, description)
  })

  // What people and administrators call: JSON under /v1
  await server.register(async (scope) => {
    speakProblems(scope, dialect)
    limitRequests(scope, general)
    await acceptCookies(scope)
    acceptQueries(scope)
    refuseBrokenText(scope)
    scope.setValidatorCompiler(validatorCompiler)
    scope.setSerializerCompiler(serializerCompiler)
    authRoutes(scope, { ...signingIn, ...edge, issuer })
    signingKeyRoutes(scope, { ...repositories, clock, administrator, record, rotate: () => signer.rotate() })
    registrationAdminRoutes(scope, { ...repositories, clock, administrator, isPermission })
    clientAdminRoutes(scope, { ...repositories, clock, administrator, isPermission, fetchDocument })
    await scope.register(async (own) => {
      allowOrigins(own, clients)
      for (const url of ['/v1/me/profile', '/v1/me/sessions', '/v1/me/sessions/:id']) answerPreflight(own, url)
      meRoutes(own, { caller, users, sessions, clock, issuer })
    })
  })

  return server

  /** Who calls `/v1/me`: the person whose access token it is, or whose session. */
  async function caller(request: FastifyRequest): Promise<Caller> {
    const token = bearerToken(request)
    if (token === undefined) {
      const session = await sessionOf(request)
      if (!session) throw unauthorized('Sign in first, or send an access token as a bearer token.', 'Bearer')
      return { ...session, sessionId: session.id, via: 'session', firstParty: true, allowedOrigins: [] }
    }
    const live = await findLive(token)
    const enough = ['profile', 'email'].every((scope) => live?.token.scopes.includes(scope))
    if (!live?.subject || !live.token.audience.includes(issuer) || !enough) {
      throw unauthorized(
        'The access token is expired, revoked, not for this API, or without the scopes profile and email.',
        'Bearer realm="cerberus", error="invalid_token"',
      )
    }
    const client = await clients.find(live.token.clientId)
    return {
      userId: live.subject.userId,
      organisationId: live.token.organisationId,
      via: 'bearer',
      firstParty: client?.isFirstParty ?? false,
      scopes: live.token.scopes,
      allowedOrigins: client?.allowedOrigins ?? [],
    }
  }
}
