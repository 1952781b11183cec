// The composition root: each service is built once, each capability is mounted where its dialect is spoken. Read from
// top to bottom, it is the table of contents.

import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import { createAdministrationCaller } from './administration-caller.ts'
import { createBrowserSessions } from './accounts/browser-session.ts'
import { HashingInterrupted } from './accounts/hash-process.ts'
import { signInPages } from './accounts/page-routes.ts'
import type { Passwords } from './accounts/passwords.ts'
import { promptValues } from './authorize/request.ts'
import { devicePages } from './authorize/device-routes.ts'
import { authorizePages } from './authorize/page-routes.ts'
import { pushRoutes } from './authorize/push-routes.ts'
import { authorizeRoutes, resumeUrl } from './authorize/routes.ts'
import { registrationRoutes } from './clients/registration-routes.ts'
import { createRequestAuthentication } from './clients/authentication-routes.ts'
import { createClientAdmission, type ClientAdmissionOptions } from './clients/document-clients.ts'
import type { ClientSecrets } from './clients/client-secret.ts'
import type { ClientUses } from './clients/last-use.ts'
import type { Subjects } from './clients/subject.ts'
import { authenticationMethods } from './clients/methods/index.ts'
import type { Config } from './config/config.ts'
import { isPermission } from './directory/rights.ts'
import { createApiDescription, docsRoutes, openapiRoutes } from './discovery/docs-routes.ts'
import { discoveryRoutes } from './discovery/routes.ts'
import { authorizationCodeGrant } from './grants/authorization-code.ts'
import { clientCredentialsGrant } from './grants/client-credentials.ts'
import { refreshTokenGrant } from './grants/refresh-token.ts'
import { deviceCodeGrant } from './grants/device-code.ts'
import { grantRoutes } from './grants/routes.ts'
import { OVERLOADED, shedOverload } from './http/admission.ts'
import { acceptCookies, createCookies } from './http/cookies.ts'
import { allowOrigins } from './http/cors.ts'
import { createFormTokens } from './http/cross-site.ts'
import { acceptForms } from './http/forms.ts'
import { healthRoutes } from './http/health-routes.ts'
import type { Counting } from './http/counting.ts'
import { createAttemptLimit, createFailureLimit, createRequestLimit, limitRequests } from './http/limits.ts'
import { speakOAuth } from './http/oauth-dialect.ts'
import type { Metrics } from './http/metrics.ts'
import { collectRoutes } from './http/openapi.ts'
import { pagePolicy, speakPages, type ErrorPageContent } from './http/page-dialect.ts'
import { answerNothingHere } from './http/not-found.ts'
import { speakProblems } from './http/problem-dialect.ts'
import { createServer } from './http/server.ts'
import type { Certificate } from './keys/certificate.ts'
import { JWKS_MAX_AGE } from './keys/key-set.ts'
import type { ClientKeys } from './keys/client-keys.ts'
import type { Signer } from './keys/signer.ts'
import type { Clock } from './lib/clock.ts'
import { GateFull } from './lib/gate.ts'
import { deriveKey, hmacSha256 } from './lib/secret.ts'
import type { SecurityEvent } from './model/security-event.ts'
import { managementApi } from './management-routes.ts'
import { createMeCaller } from './me-caller.ts'
import { tellingClients, type BackChannel } from './logout/back-channel.ts'
import { logoutRoutes } from './logout/routes.ts'
import { checkSessionRoutes } from './logout/session-routes.ts'
import { responseModes, responseTypes } from './oauth/response-type.ts'
import { errorPage } from './pages/error.tsx'
import { chooseLocale, locales } from './pages/locale.ts'
import { readyMadeErrorPage } from './pages/ready-made.ts'
import { styleHash } from './pages/style.ts'
import type { Repositories } from './storage/repositories.ts'
import { findLiveAccessToken } from './tokens/access-token.ts'
import { responseSigner } from './tokens/authorization-response.ts'
import type { Authorization } from './tokens/authorization.ts'
import { issueInFront, type FrontChannelIssue } from './tokens/front-channel.ts'
import { issueTokens } from './tokens/issue.ts'
import type { OpaqueTokenCodec } from './tokens/opaque-token.ts'
import type { RefreshTokenCodec } from './tokens/refresh-token.ts'
import { createRequestSenders } from './tokens/sender-routes.ts'
import { introspectionRoutes, tokenRoutes } from './tokens/routes.ts'

export interface AppOptions {
  config: Pick<Config, 'issuer' | 'limits' | 'sessionCookie' | 'trustedProxies' | 'certificateHeader' | 'mtlsUrl'>
  logger: FastifyBaseLogger
  clock: Clock
  repositories: Repositories
  signer: Signer
  passwords: Passwords
  codec: RefreshTokenCodec
  opaqueTokens: OpaqueTokenCodec
  /** What clients have signed. */
  clientKeys: ClientKeys
  secrets: ClientSecrets
  /** When clients were used; settled when the app closes. */
  uses: ClientUses
  /** Whose certificates of clients are believed. */
  clientAuthorities: readonly Certificate[]
  /** A document at an address that a client gave. */
  fetchDocument: (url: string) => Promise<string>
  /** The status of the answer at such an address, and a metadata document there. */
  reach: (url: string) => Promise<number>
  readDocument: ClientAdmissionOptions['readDocument']
  subjects: Subjects
  /** Tells clients of sessions that have ended. */
  backChannel: Pick<BackChannel, 'wake'>
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
  const { config, clock, repositories, signer, passwords, codec, opaqueTokens, secrets, metrics, counting } = options
  const { clientKeys, subjects, fetchDocument, reach, uses } = options
  const { issuer, limits } = config
  const { clientDirectory: clients, users } = repositories

  // Services
  const sessions = tellingClients(repositories.sessions, options.backChannel)
  const cookies = createCookies(config.sessionCookie)
  const formTokens = createFormTokens(options.formKey)
  const browserSessions = createBrowserSessions({ clock, sessions })
  const sessionOf = async (request: FastifyRequest) => (await browserSessions.find(cookies.session(request)))?.session
  const edge = { cookies, formTokens, browserSessions }
  const counted = { counting, clock }
  const admit = createClientAdmission({ ...options, ...repositories, clients, issuer, limit: limits.signIn })
  const ofClients = { clients, admit, clientKeys, subjects, fetchDocument, reach, uses }
  const shared = { ...repositories, ...ofClients, issuer, clock }
  const reading = { issuer, clock, verify: signer.verify, opaqueTokens }
  const { inspect, inspectForUserinfo } = repositories.accessTokens
  const findLive = (token: string) => findLiveAccessToken(token, inspect, reading)
  const findForUserinfo = (token: string) => findLiveAccessToken(token, inspectForUserinfo, reading)
  const authenticate = createRequestAuthentication({
    ...options,
    issuer,
    ...ofClients,
    now: () => clock.now(),
    assertions: repositories.assertions,
    certificates: config,
    failures: createFailureLimit({ kind: 'client authentication', ...limits.clientAuthentication, ...counted }),
  })
  const senders = createRequestSenders({ ...repositories, ...config, clock, secret: options.formKey })
  const record = (event: SecurityEvent) => repositories.events.record(event)
  const findProfile: Repositories['users']['findProfile'] = (user) => users.findProfile(user)
  const minting = {
    issuer,
    clock,
    clientKeys,
    sign: signer.sign,
    opaqueTokens,
    onIssued: metrics.tokenIssued,
    record,
    findProfile,
    subjects,
  }
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
    deviceCodeGrant({ ...repositories, clock, codec }),
  ]
  const userCodeKey = deriveKey(options.formKey, 'user codes')
  const devices = { issuer, clock, hashUserCode: (code: string) => hmacSha256(userCodeKey, code) }
  const administrator = createAdministrationCaller({ issuer, clients, findProfile, sessionOf, findLive, senders })

  // The edge
  const server = createServer({ ...config, logger: options.logger, https: issuer.startsWith('https:') })
  metrics.observe(server)
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
  shedOverload(server, {
    ...options,
    ...dialect,
    https: issuer.startsWith('https:'),
    page: readyMadeErrorPage(OVERLOADED),
  })
  const general = createRequestLimit({ kind: 'requests', ...limits.general, ...counted })
  server.addHook('onClose', () => Promise.all([general.settle(), uses.settle()]))
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
      mtlsUrl: config.mtlsUrl,
      takesMetadataDocuments: repositories.clientDocuments.isOffered,
      jwks: () => signer.jwks(),
      jwksMaxAge: JWKS_MAX_AGE,
    })
    openapiRoutes(scope, description)
  })

  // Clients that register themselves
  await server.register(async (scope) => {
    speakOAuth(scope, dialect)
    const attempts = createAttemptLimit({ kind: 'registration', ...limits.signIn, ...counted })
    registrationRoutes(scope, { ...repositories, issuer, clock, clientKeys, secrets, attempts, fetchDocument })
  })

  // What clients call: OAuth's JSON
  await server.register(async (scope) => {
    speakOAuth(scope, dialect)
    await acceptForms(scope)
    const reader = {
      ...shared,
      ...reading,
      codec,
      authenticate,
      findLive,
      findForUserinfo,
      senders,
      sign: signer.sign,
    }
    introspectionRoutes(scope, reader)
    await scope.register(async (open) => {
      allowOrigins(open, clients)
      grantRoutes(open, { ...repositories, ...devices, grantTypes, authenticate, senders, issue, requests: general })
      pushRoutes(open, { ...reader, proveKey: senders.proveKey, decrypt: signer.decrypt, requests: general })
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
      ...shared,
      ...edge,
      verify: signer.verify,
      decrypt: signer.decrypt,
      issueInFront: (issued: FrontChannelIssue) => issueInFront(issued, minting),
      signResponse: responseSigner(minting),
    }
    authorizeRoutes(scope, front)
    authorizePages(scope, front)
    devicePages(scope, {
      ...front,
      ...devices,
      attempts: createAttemptLimit({ kind: 'user code', ...limits.signIn, ...counted }),
    })
    signInPages(scope, { ...front, ...signingIn, resumeUrl })
    logoutRoutes(scope, front)
    checkSessionRoutes(scope, front)
    docsRoutes(scope, description)
  })

  // What people and administrators call: JSON under /v1
  const caller = createMeCaller({ issuer, clients, sessionOf, findLive, senders })
  await server.register((scope) =>
    managementApi(scope, {
      ...ofClients,
      ...repositories,
      ...signer,
      ...signingIn,
      ...edge,
      issuer,
      secrets,
      administrator,
      isPermission,
      record,
      caller,
      clientDirectory: clients,
      dialect,
      general,
    }),
  )

  return server
}
