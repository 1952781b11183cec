// Mounts the JSON API. `app.ts` mounts everything else.

import type { FastifyInstance } from 'fastify'
import { accountApi } from './account/http.ts'
import { createAccountCallerResolver } from './account/me/caller.ts'
import { createCallerAuthorization } from './admin/caller.ts'
import { adminApi } from './admin/http.ts'
import type { AppOptions } from './app-options.ts'
import type { AppServices } from './app-services.ts'
import { passwordIssues } from './authentication/factors/password/password-policy.ts'
import { createOwnerConfirmation } from './authentication/recovery/confirm-owner.ts'
import { diagnoseRequest } from './authorize/diagnostics/diagnose-request.ts'
import type { ErrorHandling } from './http-server.ts'

/** The JSON API under /v1: the user's own account, and the management API. */
export async function mountJsonApi(
  server: FastifyInstance,
  options: AppOptions,
  services: AppServices,
  errorHandling: ErrorHandling,
): Promise<void> {
  const { clock, clientKeys, fetchText, probeUrl, repositories, secrets, signer } = options
  const { issuer } = options.config
  const { findActiveToken, rateLimiters, senderConstraints, sessionOf } = services
  const clients = repositories.clientCache
  const generalRateLimiter = rateLimiters.requests
  const callerSources = { issuer, clients, sessionOf, findActiveToken, senderConstraints }
  await server.register((scope) =>
    accountApi(scope, {
      issuer,
      clock,
      errorHandling,
      generalRateLimiter,
      cors: clients,
      resolveCaller: createAccountCallerResolver(callerSources),
      services: {
        ...services.signIn,
        ...services.invitations,
        ...services.recovery,
        roles: repositories.roles,
        userAttributes: repositories.userAttributes,
        userAccess: repositories.userAccess,
        userDirectory: repositories.userDirectory,
        auditLog: repositories.auditLog,
        guestMemberships: repositories.guestMemberships,
        onSessionsEnded: options.backChannelLogout.flush,
        apiKeys: repositories.apiKeys,
        leakReports: rateLimiters.leakReports,
        sign: signer.sign,
        findProfile: services.findProfile,
        findServiceAccountPermissions: repositories.serviceAccounts.findPermissions,
        onboardingAttempts: rateLimiters.onboarding,
        onboarding: {
          policy: options.config.onboarding,
          confirmation: services.mailer.isEnabled
            ? createOwnerConfirmation({ ...services.recovery, outgoingMails: repositories.outgoingMails })
            : undefined,
          clock,
          organisations: repositories.organisations,
          onboardingTokens: repositories.onboardingTokens,
          sessionLifetimes: options.config.sessionLifetimes,
          hashPassword: options.passwords.hash,
          policyIssues: passwordIssues,
          record: services.record,
        },
      },
    }),
  )
  const diagnosis = {
    issuer,
    resourceCache: repositories.resourceCache,
    clock,
    clients,
    clientKeys,
    verify: signer.verify,
    hasKey: signer.hasKey,
    decrypt: signer.decrypt,
    fetchText,
    pushedAuthorizationRequests: repositories.pushedAuthorizationRequests,
  }
  await server.register((scope) =>
    adminApi(scope, {
      errorHandling,
      generalRateLimiter,
      authorizeCaller: createCallerAuthorization({
        ...callerSources,
        clock,
        findProfile: services.findProfile,
        findServiceAccountPermissions: repositories.serviceAccounts.findPermissions,
        apiKeys: repositories.apiKeys,
      }),
      findOperatorId: repositories.organisations.findOperatorId,
      services: {
        issuer,
        clock,
        clients: repositories.clients,
        resources: repositories.resources,
        resourceCache: repositories.resourceCache,
        clientCache: clients,
        clientAuditEvents: repositories.clientAuditEvents,
        auditLog: repositories.auditLog,
        auditChain: repositories.auditChain,
        eventFeed: repositories.eventFeed,
        isDraining: options.isDraining,
        webhooks: repositories.webhooks,
        webhookDeliveryLog: repositories.webhookDeliveryLog,
        webhookDelivery: options.webhookDelivery,
        webhookSecrets: options.webhookSecrets,
        urlRejection: options.urlRejection,
        consents: repositories.consents,
        grants: repositories.grants,
        clientRegistrations: repositories.clientRegistrations,
        softwareStatementIssuers: repositories.softwareStatementIssuers,
        authorizationFailures: repositories.authorizationFailures,
        signingKeys: repositories.signingKeys,
        rotate: signer.rotate,
        createKeys: signer.createKeys,
        secrets,
        clientKeys,
        fetchText,
        probeUrl,
        record: services.record,
        organisations: repositories.organisations,
        sessionLifetimes: options.config.sessionLifetimes,
        onboardingTokens: repositories.onboardingTokens,
        policyIssues: passwordIssues,
        userDirectory: repositories.userDirectory,
        userAttributes: repositories.userAttributes,
        userBulk: repositories.userBulk,
        userImports: repositories.userImports,
        userExports: repositories.userExports,
        isImportableHash: options.passwords.isImportable,
        importHash: options.passwords.importHash,
        passkeys: repositories.passkeys,
        userAccess: repositories.userAccess,
        roles: repositories.roles,
        roleAssignments: repositories.roleAssignments,
        organisationAccess: repositories.organisationAccess,
        findProfile: services.findProfile,
        resolveSubject: options.resolveSubject,
        teams: repositories.teams,
        serviceAccounts: repositories.serviceAccounts,
        domains: repositories.domains,
        resolveTxt: options.resolveTxt,
        guestMemberships: repositories.guestMemberships,
        apiKeys: repositories.apiKeys,
        invitations: repositories.invitations,
        mailer: services.mailer,
        accountRecovery: repositories.accountRecovery,
        codeKey: options.codeKey,
        outgoingMails: repositories.outgoingMails,
        users: repositories.users,
        sessions: repositories.sessions,
        hashPassword: options.passwords.hash,
        passwordIssues: services.passwordIssues,
        onSessionsEnded: options.backChannelLogout.flush,
        diagnoseRequest: (parameters, sentBy) => diagnoseRequest(parameters, diagnosis, sentBy),
      },
    }),
  )
}
