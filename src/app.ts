// The composition root: each room is mounted by one call, in the scope whose error format it speaks, with every
// dependency named. Shared services are in `app-services.ts`, the JSON API in `app-json-api.ts`, the server without rooms in `http-server.ts`.

import type { FastifyInstance } from 'fastify'
import { invitationPages } from './account/invitations/invitation-page.http.ts'
import { forgotPasswordPages } from './account/recovery/forgot-password-page.http.ts'
import { resetPasswordPages } from './account/recovery/reset-password-page.http.ts'
import { secureAccountPages } from './account/recovery/secure-account-page.http.ts'
import { emailChangePages } from './account/verification/email-change-pages.http.ts'
import { verifyEmailPages } from './account/verification/verify-email-page.http.ts'
import { passkeysPages } from './account/pages/passkeys-page.ts'
import { secondFactorPages } from './account/pages/second-factor-page.ts'
import { signInPages } from './account/pages/sign-in-page.ts'
import type { AppOptions } from './app-options.ts'
import { mountJsonApi } from './app-json-api.ts'
import { createAppServices, type AppServices } from './app-services.ts'
import { devicePageRoutes } from './authorize/channels/device.http.ts'
import { authorizeRoutes, createSignInCheck } from './authorize/http.ts'
import { resumeUrl } from './authorize/interaction-urls.ts'
import { interactionRoutes } from './authorize/pages/interaction.http.ts'
import { promptValues } from './authorize/request/authorization-request.ts'
import { parRoutes } from './authorize/request/par.http.ts'
import { authenticationMethods } from './clients/authentication/methods/index.ts'
import { registrationRoutes } from './clients/registration/http.ts'
import { createApiDescription, docsRoutes, openapiRoutes } from './discovery/docs.http.ts'
import { homeRoutes } from './discovery/home.http.ts'
import { discoveryRoutes } from './discovery/http.ts'
import { protectedResourceRoutes } from './discovery/protected-resources.http.ts'
import { grantRoutes } from './grants/http.ts'
import { createHttpServer } from './http-server.ts'
import { setOAuthErrorHandler } from './http/errors/oauth-error-handler.ts'
import { setPageErrorHandler } from './http/errors/page-error-handler.ts'
import { rateLimitRequests } from './http/rate-limit/rate-limiters.ts'
import { registerCookies } from './http/request/cookies.ts'
import { registerFormParser } from './http/request/forms.ts'
import { enableCors, enablePublicCors } from './http/security/cors.ts'
import { collectRoutes } from './http/server/openapi.ts'
import { JWKS_MAX_AGE } from './keys/key-set.ts'
import { checkSessionRoutes } from './logout/check-session.http.ts'
import { logoutRoutes } from './logout/http.ts'
import { responseModes, responseTypes } from './oauth/response-type.ts'
import { locales } from './pages/messages/locale.ts'
import { introspectionRoutes, tokenRoutes } from './tokens/http.ts'

/** The whole server, ready to listen. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { config, lastUsed } = options
  const services = createAppServices(options)
  const { server, errorHandling } = await createHttpServer({
    config,
    logger: options.logger,
    clock: options.clock,
    metrics: options.metrics,
    isDraining: options.isDraining,
    isDatabaseUnavailable: options.isUnavailable,
    checkDatabase: options.checkDatabase,
  })
  const openapiDocument = createApiDescription({
    issuer: config.issuer,
    sessionCookie: config.sessionCookie.name,
    collectRoutes: await collectRoutes(server),
  })
  server.addHook('onClose', () =>
    Promise.all([services.rateLimiters.requests.flush(), lastUsed.flush(), services.backgroundWork.drain()]),
  )

  await server.register(async (scope) => {
    setOAuthErrorHandler(scope, errorHandling)
    enablePublicCors(scope)
    mountDiscovery(scope, options, services)
    openapiRoutes(scope, openapiDocument)
  })
  await server.register(async (scope) => {
    setOAuthErrorHandler(scope, errorHandling)
    mountRegistration(scope, options, services)
  })
  await server.register(async (scope) => {
    setOAuthErrorHandler(scope, errorHandling)
    await registerFormParser(scope)
    await mountProtocol(scope, options, services)
  })
  await server.register(async (scope) => {
    setPageErrorHandler(scope, errorHandling)
    rateLimitRequests(scope, services.rateLimiters.requests)
    await registerFormParser(scope)
    await registerCookies(scope)
    mountPages(scope, options, services)
    docsRoutes(scope)
    homeRoutes(scope)
  })
  await mountJsonApi(server, options, services, errorHandling)
  return server
}

/** Metadata and keys. */
function mountDiscovery(scope: FastifyInstance, { config, repositories, signer }: AppOptions, services: AppServices) {
  discoveryRoutes(scope, {
    issuer: config.issuer,
    mtlsUrl: config.mtlsUrl,
    authenticationMethods,
    grantTypes: services.grantTypes,
    responseTypes,
    responseModes,
    prompts: promptValues,
    locales,
    supportsCimd: repositories.clientMetadataDocuments.isEnabled,
    jwks: () => signer.jwks(),
    jwksMaxAge: JWKS_MAX_AGE,
  })
  const { issuer, mtlsUrl } = config
  protectedResourceRoutes(scope, { issuer, mtlsUrl, resources: repositories.resources })
}

/** Dynamic client registration (RFC 7591, RFC 7592). */
function mountRegistration(scope: FastifyInstance, options: AppOptions, { rateLimiters }: AppServices) {
  const { repositories } = options
  registrationRoutes(scope, {
    issuer: options.config.issuer,
    clock: options.clock,
    attempts: rateLimiters.registration,
    maxOpenRegistrations: options.config.maxOpenRegistrations,
    clients: repositories.clients,
    clientCache: repositories.clientCache,
    clientRegistrations: repositories.clientRegistrations,
    softwareStatementIssuers: repositories.softwareStatementIssuers,
    replayCache: repositories.replayCache,
    clientKeys: options.clientKeys,
    secrets: options.secrets,
    createKeys: options.signer.createKeys,
    fetchText: options.fetchText,
  })
}

/** The endpoints that clients call with forms and that answer OAuth JSON. */
async function mountProtocol(scope: FastifyInstance, options: AppOptions, services: AppServices): Promise<void> {
  const { clock, clientKeys, fetchText, refreshTokenCodec, repositories, resolveSubject, signer } = options
  const { issuer } = options.config
  const { authenticate, rateLimiters, senderConstraints } = services
  const clients = repositories.clientCache
  introspectionRoutes(scope, {
    issuer,
    clock,
    clientKeys,
    sign: signer.sign,
    authenticate,
    findIntrospectedToken: services.findIntrospectedToken,
    findApiKeyToken: services.findApiKeyToken,
    refreshTokenCodec,
    refreshTokenFamilies: repositories.refreshTokenFamilies,
    resolveSubject,
  })
  await scope.register(async (crossOrigin) => {
    enableCors(crossOrigin, clients)
    grantRoutes(crossOrigin, {
      issuer,
      resourceCache: repositories.resourceCache,
      clock,
      authenticate,
      senderConstraints,
      grantTypes: services.grantTypes,
      requireIdTokenKey: (client) =>
        services.requireEncryptionKeys(client, { idToken: true, authorizationResponse: false }),
      issue: services.issue,
      requests: rateLimiters.requests,
      deviceAuthorizations: repositories.deviceAuthorizations,
      hashUserCode: services.hashUserCode,
    })
    parRoutes(crossOrigin, {
      issuer,
      resourceCache: repositories.resourceCache,
      clock,
      clients,
      clientKeys,
      fetchText,
      verify: signer.verify,
      hasKey: signer.hasKey,
      decrypt: signer.decrypt,
      authenticate,
      resolveDpopKey: senderConstraints.resolveDpopKey,
      requests: rateLimiters.requests,
      pushedAuthorizationRequests: repositories.pushedAuthorizationRequests,
      authorizationFailures: repositories.authorizationFailures,
    })
    tokenRoutes(crossOrigin, {
      issuer,
      clock,
      clients,
      clientKeys,
      sign: signer.sign,
      verify: signer.verify,
      opaqueTokens: options.opaqueTokens,
      authenticate,
      senderConstraints,
      findActiveTokenForUserinfo: services.findActiveTokenForUserinfo,
      accessTokens: repositories.accessTokens,
      refreshTokenCodec,
      refreshTokenFamilies: repositories.refreshTokenFamilies,
      resolveSubject,
    })
  })
}

/** The pages and redirects that users see. */
function mountPages(scope: FastifyInstance, options: AppOptions, services: AppServices): void {
  const { clock, repositories, resolveSubject, signer } = options
  const { issuer } = options.config
  const { browserSessions, cookies, csrfTokens, rateLimiters } = services
  const { clientCache: clients, deviceAuthorizations, pendingAuthorizationRequests, users } = repositories
  const authorization = {
    issuer,
    resourceCache: repositories.resourceCache,
    clock,
    clients,
    users,
    clientKeys: options.clientKeys,
    verify: signer.verify,
    hasKey: signer.hasKey,
    decrypt: signer.decrypt,
    fetchText: options.fetchText,
    resolveCimdClient: services.resolveCimdClient,
    resolveSubject,
    passkeys: repositories.passkeys,
    arePasskeysPossible: services.signIn.relyingParty !== undefined,
    lastUsed: options.lastUsed,
    cookies,
    browserSessions,
    authorizationCodes: repositories.authorizationCodes,
    authorizationFailures: repositories.authorizationFailures,
    deviceAuthorizations,
    pendingAuthorizationRequests,
    pushedAuthorizationRequests: repositories.pushedAuthorizationRequests,
    issueFrontChannelTokens: services.issueFrontChannelTokens,
    encodeJarmResponse: services.encodeJarmResponse,
    requireEncryptionKeys: services.requireEncryptionKeys,
  }
  authorizeRoutes(scope, authorization)
  interactionRoutes(scope, { ...authorization, csrfTokens })
  devicePageRoutes(scope, {
    issuer,
    clock,
    cookies,
    csrfTokens,
    attempts: rateLimiters.userCode,
    hashUserCode: services.hashUserCode,
    pendingAuthorizationRequests,
    deviceAuthorizations,
  })
  const nextSignInStep = createSignInCheck(authorization)
  const recovery = { cookies, csrfTokens, ...services.recovery }
  forgotPasswordPages(scope, recovery)
  resetPasswordPages(scope, recovery)
  secureAccountPages(scope, recovery)
  verifyEmailPages(scope, recovery)
  emailChangePages(scope, recovery)
  const signInOptions = { ...services.signIn, clients, pendingAuthorizationRequests, resumeUrl, nextSignInStep }
  signInPages(scope, signInOptions)
  secondFactorPages(scope, signInOptions)
  passkeysPages(scope, signInOptions)
  invitationPages(scope, { ...services.signIn, ...services.invitations })
  logoutRoutes(scope, { ...authorization, csrfTokens })
  checkSessionRoutes(scope, { cookies })
}
