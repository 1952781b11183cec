// The services that several rooms share, each built once and with its dependencies named. `app.ts` hands them to the rooms.

import type { FastifyRequest } from 'fastify'
import type { AppOptions } from './app-options.ts'
import { relyingPartyOf } from './authentication/factors/passkey/relying-party.ts'
import { passwordIssues } from './authentication/factors/password/password-policy.ts'
import { createKnownDevices } from './authentication/known-devices.ts'
import { createBrowserSessions } from './authentication/sessions/browser-sessions.ts'
import { createRequestAuthentication } from './clients/authentication/http.ts'
import { createCimdResolver } from './clients/registration/resolve-cimd-client.ts'
import { authorizationCodeGrant } from './grants/authorization-code.ts'
import { clientCredentialsGrant } from './grants/client-credentials.ts'
import { deviceCodeGrant } from './grants/device-code.ts'
import { refreshTokenGrant } from './grants/refresh-token.ts'
import {
  createAttemptRateLimiter,
  createFailureRateLimiter,
  createRequestRateLimiter,
} from './http/rate-limit/rate-limiters.ts'
import { createCookies } from './http/request/cookies.ts'
import { createCsrfTokens } from './http/security/csrf.ts'
import { createBackgroundWork } from './lib/concurrency/background-work.ts'
import { hmacSha256 } from './lib/crypto/hash.ts'
import { withLogoutNotifications } from './logout/back-channel-logout.ts'
import { createMailer } from './mail/mailer.ts'
import type { AuditEvent } from './model/audit/audit-event.ts'
import type { RegisteredClient } from './model/clients/client-cache.ts'
import type { InspectedToken } from './model/grants/access-token.ts'
import type { Repositories } from './storage/repositories.ts'
import { findActiveAccessToken } from './tokens/access-token.ts'
import type { Authorization } from './tokens/authorization.ts'
import { requireEncryptionKeys, type EncryptedResponses } from './tokens/encrypt-for-client.ts'
import { issueFrontChannelTokens, type FrontChannelTokenRequest } from './tokens/issuance/issue-front-channel.ts'
import { issueTokens } from './tokens/issuance/issue.ts'
import { findApiKeyToken } from './tokens/introspection/api-key-token.ts'
import { findIntrospectedToken } from './tokens/introspection/introspected-token.ts'
import { createJarmEncoder } from './tokens/jarm.ts'
import { accessReads, USERINFO_PLACES } from './tokens/released-claims/access-reads.ts'
import { createSenderConstraints } from './tokens/sender-constraint/sender-constraint.http.ts'

export type AppServices = ReturnType<typeof createAppServices>

export function createAppServices(options: AppOptions) {
  const { config, clock, repositories, signer, clientKeys, fetchText, lastUsed } = options
  const { refreshTokenCodec, opaqueTokens, resolveSubject } = options
  const { issuer } = config
  const { clientCache: clients, users, authorizationCodes, refreshTokenFamilies, grants } = repositories
  const record = (event: AuditEvent) => repositories.auditEvents.record(event)
  const findProfile: Repositories['users']['findProfile'] = (user, now) => users.findProfile(user, now)
  const rateLimiters = createRateLimiters(options)
  const checkPassword = async (
    password: string,
    { email, organisationId }: { email: string; organisationId: string },
  ) => passwordIssues(password, { email }, await repositories.organisations.findPasswordPolicy(organisationId))

  const mailer = createMailer({ ...options.mail, clock, limits: rateLimiters.mails })
  const backgroundWork = createBackgroundWork((error) => options.logger.error({ err: error }, 'failed to mail a link'))
  const recovery = {
    issuer,
    clock,
    mailer,
    accountRecovery: repositories.accountRecovery,
    codeKey: options.codeKey,
  }
  const sessions = withLogoutNotifications(repositories.sessions, options.backChannelLogout)
  const cookies = createCookies(config.sessionCookie)
  const csrfTokens = createCsrfTokens(options.csrfKey)
  const browserSessions = createBrowserSessions({ clock, sessions })

  const resolveCimdClient = createCimdResolver({
    issuer,
    clock,
    clients,
    clientKeys,
    clientMetadataDocuments: repositories.clientMetadataDocuments,
    softwareStatementIssuers: repositories.softwareStatementIssuers,
    fetchMetadataDocument: options.fetchMetadataDocument,
    fetchText,
    rateLimitCounters: options.rateLimitCounters,
    limit: config.limits.signIn,
  })
  const authenticate = createRequestAuthentication({
    issuer,
    now: () => clock.now(),
    clients,
    clientKeys,
    secrets: options.secrets,
    resolveCimdClient,
    replayCache: repositories.replayCache,
    certificates: config,
    mtlsUrl: config.mtlsUrl,
    clientAuthorities: options.clientAuthorities,
    failures: rateLimiters.clientAuthentication,
    lastUsed,
  })
  const senderConstraints = createSenderConstraints({
    issuer,
    mtlsUrl: config.mtlsUrl,
    certificateHeader: config.certificateHeader,
    trustedProxies: config.trustedProxies,
    clock,
    replayCache: repositories.replayCache,
    nonceKey: options.dpopNonceKey,
  })

  const resourceOptions = { issuer, resourceCache: repositories.resourceCache }
  const userResourceOptions = { ...resourceOptions, organisationAccess: repositories.organisationAccess }
  const tokenVerification = { issuer, clock, verify: signer.verify, opaqueTokens }
  const { accessTokens } = repositories
  const inspectForUserinfo = async (token: InspectedToken) => {
    const client = await clients.find(token.clientId)
    return accessTokens.inspectForUserinfo({ ...token, accessReads: accessReads(client, USERINFO_PLACES) })
  }
  const tokenIssuance = {
    issuer,
    clock,
    clientKeys,
    sign: signer.sign,
    opaqueTokens,
    onIssued: options.metrics.tokenIssued,
    record,
    findUser: async (user: Parameters<typeof findProfile>[0], now: Date) => (await findProfile(user, now))?.user,
    organisationAccess: repositories.organisationAccess,
    resolveSubject,
  }
  return {
    record,
    findProfile,
    rateLimiters,
    mailer,
    cookies,
    csrfTokens,
    browserSessions,
    signIn: {
      ...recovery,
      issuer,
      clock,
      users,
      organisations: repositories.organisations,
      sessions,
      passwords: options.passwords,
      knownDevices: createKnownDevices(options.deviceCookieKey),
      auditEvents: repositories.auditEvents,
      onOutcome: options.metrics.signIn,
      limits: rateLimiters.signIn,
      secondFactors: repositories.secondFactors,
      pendingSignIns: repositories.pendingSignIns,
      totpSealer: options.totpSealer,
      recoveryCodeKey: options.recoveryCodeKey,
      codeAttempts: rateLimiters.secondFactor,
      relyingParty: relyingPartyOf(issuer),
      challengeKey: options.challengeKey,
      replayCache: repositories.replayCache,
      passkeys: repositories.passkeys,
      cookies,
      csrfTokens,
      browserSessions,
    },
    backgroundWork,
    recovery: {
      ...recovery,
      organisations: repositories.organisations,
      passwords: options.passwords,
      passkeys: repositories.passkeys,
      recoveryAttempts: rateLimiters.recovery,
      runInBackground: backgroundWork.run,
      onSessionsEnded: options.backChannelLogout.flush,
    },
    passwordIssues: checkPassword,
    invitations: {
      clock,
      invitations: repositories.invitations,
      hashPassword: options.passwords.hash,
      passwordIssues: checkPassword,
      issuer,
      mailer,
      invitationLimits: rateLimiters.invitations,
    },
    sessionOf: async (request: FastifyRequest) => (await browserSessions.find(cookies.session(request)))?.session,
    resolveCimdClient,
    authenticate,
    senderConstraints,
    findActiveToken: (token: string) => findActiveAccessToken(token, accessTokens.inspect, tokenVerification),
    findIntrospectedToken: (token: string) =>
      findIntrospectedToken(token, { ...tokenVerification, ...resourceOptions, clients, accessTokens }),
    findApiKeyToken: (token: string) => findApiKeyToken(token, { ...tokenVerification, apiKeys: repositories.apiKeys }),
    findActiveTokenForUserinfo: (token: string) => findActiveAccessToken(token, inspectForUserinfo, tokenVerification),
    issue: (authorization: Authorization) => issueTokens(authorization, tokenIssuance),
    requireEncryptionKeys: (client: RegisteredClient, responses: EncryptedResponses) =>
      requireEncryptionKeys(client, responses, clientKeys),
    issueFrontChannelTokens: (request: FrontChannelTokenRequest) => issueFrontChannelTokens(request, tokenIssuance),
    encodeJarmResponse: createJarmEncoder(tokenIssuance),
    hashUserCode: (code: string) => hmacSha256(options.userCodeKey, code),
    grantTypes: [
      authorizationCodeGrant({ ...userResourceOptions, clock, refreshTokenCodec, authorizationCodes, grants }),
      refreshTokenGrant({ ...userResourceOptions, clock, refreshTokenCodec, refreshTokenFamilies, grants }),
      clientCredentialsGrant({ ...resourceOptions, clock, record }),
      deviceCodeGrant({
        ...userResourceOptions,
        clock,
        refreshTokenCodec,
        deviceAuthorizations: repositories.deviceAuthorizations,
        authorizationCodes,
        grants,
      }),
    ],
  }
}

/** How many networks may use up their attempts at an account before it is closed to all browsers that are not known. */
const NETWORKS_PER_ACCOUNT = 10

/** How often the links of invitations may be opened from a network. `window` in seconds. */
const INVITATION_VIEWS = { max: 10, window: 900 }

/** How many mails an address gets, and an organisation sends, at most. `window` in seconds. */
const MAILS_PER_RECIPIENT = { max: 10, window: 3_600 }
const MAILS_PER_ORGANISATION = { max: 2_000, window: 3_600 }

/** Every rate limit of the server, by what it counts. */
function createRateLimiters({
  config: { limits },
  clock,
  rateLimitCounters,
}: Pick<AppOptions, 'config' | 'clock' | 'rateLimitCounters'>) {
  const store = { rateLimitCounters, clock }
  return {
    requests: createRequestRateLimiter({ kind: 'requests', ...limits.general, ...store }),
    clientAuthentication: createFailureRateLimiter({
      kind: 'client authentication',
      ...limits.clientAuthentication,
      ...store,
    }),
    registration: createAttemptRateLimiter({ kind: 'registration', ...limits.signIn, ...store }),
    onboarding: createAttemptRateLimiter({ kind: 'onboarding', ...limits.account, ...store }),
    invitations: {
      views: createAttemptRateLimiter({ kind: 'invitation', ...INVITATION_VIEWS, ...store }),
      answers: createAttemptRateLimiter({ kind: 'invitation answer', ...limits.signIn, ...store }),
    },
    mails: {
      recipient: createAttemptRateLimiter({ kind: 'mail recipient', ...MAILS_PER_RECIPIENT, ...store }),
      organisation: createAttemptRateLimiter({ kind: 'mail organisation', ...MAILS_PER_ORGANISATION, ...store }),
    },
    recovery: createAttemptRateLimiter({ kind: 'recovery', ...limits.signIn, ...store }),
    leakReports: createAttemptRateLimiter({ kind: 'leaked API keys', ...limits.signIn, ...store }),
    secondFactor: createAttemptRateLimiter({ kind: 'second factor', ...limits.account, ...store }),
    userCode: createAttemptRateLimiter({ kind: 'user code', ...limits.signIn, ...store }),
    signIn: {
      address: createAttemptRateLimiter({ kind: 'sign-in', ...limits.signIn, ...store }),
      account: createAttemptRateLimiter({ kind: 'account', ...limits.account, ...store }),
      accountOverall: createAttemptRateLimiter({
        kind: 'account overall',
        max: limits.account.max * NETWORKS_PER_ACCOUNT,
        window: limits.account.window,
        ...store,
      }),
      device: createAttemptRateLimiter({ kind: 'device', ...limits.account, ...store }),
    },
  }
}
