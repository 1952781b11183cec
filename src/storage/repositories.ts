// `storage` implements the contracts of `model` over PostgreSQL, grouped like `model`.
// `db/` holds connection pools, migrations, the change poller and the retention sweep; `embedded/` starts PostgreSQL.
// No other room contains SQL: `server` opens the repositories and hands them to `app.ts`.

import type { TimeReading } from '../lib/time/database-clock.ts'
import type { AccessTokenRepository } from '../model/grants/access-token.ts'
import type { ReplayCache } from '../model/replay/replay-cache.ts'
import type { AuthorizationCodeRepository } from '../model/grants/authorization-code.ts'
import type { PendingAuthorizationRequestRepository } from '../model/authorization/pending-authorization-request.ts'
import type { AuthorizationFailureRepository } from '../model/authorization/authorization-failure.ts'
import type { ClientMetadataDocumentRepository } from '../model/clients/client-metadata-document.ts'
import type { ClientLastUsedRepository } from '../model/clients/client-last-used.ts'
import type { ClientCache } from '../model/clients/client-cache.ts'
import type { CompleteSettings } from '../model/clients/client.ts'
import type { ClientRepository } from '../model/clients/client-repository.ts'
import type { ConsentRepository } from '../model/grants/consent.ts'
import type { RateLimitCounterStore } from '../model/rate-limit/rate-limit-counter.ts'
import type { DomainRepository } from '../model/domains/organisation-domain.ts'
import type { DeviceAuthorizationRepository } from '../model/authorization/device-authorization.ts'
import type { BootstrapRepository } from '../model/organisations/bootstrap.ts'
import type { GrantRepository } from '../model/grants/grant.ts'
import type { BackchannelLogoutQueue } from '../model/sessions/backchannel-logout.ts'
import type { OnboardingTokenRepository } from '../model/organisations/onboarding-token.ts'
import type { OrganisationRepository } from '../model/organisations/organisation-repository.ts'
import type { PushedAuthorizationRequestRepository } from '../model/authorization/pushed-authorization-request.ts'
import type { RefreshTokenFamilyRepository } from '../model/grants/refresh-token-family.ts'
import type { ClientRegistrationRepository } from '../model/clients/client-registration.ts'
import type { SoftwareStatementIssuerRepository } from '../model/clients/software-statement-issuer.ts'
import type { OrganisationAccessRepository } from '../model/permissions/organisation-access.ts'
import type { RoleAssignmentRepository } from '../model/permissions/role-assignment.ts'
import type { ApiKeyRepository } from '../model/api-keys/api-key.ts'
import type { InvitationRepository } from '../model/invitations/invitation.ts'
import type { AccountRecoveryRepository } from '../model/recovery/account-recovery.ts'
import type { OutgoingMailRepository } from '../model/mail/outgoing-mail.ts'
import type {
  EventFeed,
  WebhookDeliveryLog,
  WebhookDeliveryQueue,
  WebhookRepository,
} from '../model/webhooks/webhook.ts'
import type { ResourceCache, ResourceRepository } from '../model/resources/protected-resource.ts'
import type { ServiceAccountRepository } from '../model/service-accounts/service-account.ts'
import type { TeamRepository } from '../model/teams/team.ts'
import type { PasskeyRepository } from '../model/passkeys/passkey.ts'
import type { PendingSignInRepository } from '../model/second-factors/pending-sign-in.ts'
import type { SecondFactorRepository } from '../model/second-factors/second-factors.ts'
import type { RoleRepository } from '../model/permissions/role.ts'
import type { ServerSecretRepository } from '../model/keys/server-secret.ts'
import type { AuditEventRecorder, SessionRepository } from '../model/sessions/session.ts'
import type { SigningKeyRepository } from '../model/keys/signing-key.ts'
import type { UserAttributeRepository } from '../model/users/user-attribute.ts'
import type { UserAccessRepository } from '../model/users/user-access.ts'
import type { UserBulkRepository } from '../model/users/bulk-change.ts'
import type { UserExportRepository, UserImportRepository } from '../model/users/user-import.ts'
import type { UserDirectory } from '../model/users/user-directory.ts'
import type { GuestMembershipRepository } from '../model/users/guest-membership.ts'
import type { UserRepository } from '../model/users/user.ts'
import type { ClientAuditEventReader } from '../model/audit/audit-event.ts'
import type { AuditChainRepository } from '../model/audit/audit-chain.ts'
import type { AuditLogReader } from '../model/audit/audit-log.ts'
import { createAccessTokenRepository } from './grants/access-tokens.ts'
import { createReplayCache } from './replay/replay-cache.ts'
import { createAuthorizationCodeRepository } from './grants/authorization-codes.ts'
import { createPendingAuthorizationRequestRepository } from './authorization/pending-authorization-requests.ts'
import { createAuthorizationFailureRepository } from './authorization/authorization-failures.ts'
import { openChangePoller, type ChangePoller } from './db/change-poller.ts'
import { createClientMetadataDocumentRepository, createCimdAvailability } from './clients/client-metadata-documents.ts'
import { createAuditChainRepository } from './audit/audit-chain.ts'
import { createAuditRetention } from './audit/audit-retention.ts'
import { createAuditLogReader } from './audit/audit-log.ts'
import { createClientAuditEventReader } from './audit/client-audit-events.ts'
import { createClientCache } from './clients/client-cache.ts'
import { createResourceCache } from './resources/resource-cache.ts'
import { createResourceRepository } from './resources/resources.ts'
import { createRegisteredClientReader } from './clients/registered-clients.ts'
import { createClientReader } from './clients/client-row.ts'
import { createClientLastUsedRepository } from './clients/client-last-used.ts'
import { createClientRepository } from './clients/clients.ts'
import { createConsentRepository } from './grants/consents.ts'
import { createRateLimitCounterStore } from './rate-limit/rate-limit-counters.ts'
import type { Database } from './db/database.ts'
import { createDomainRepository } from './domains/domains.ts'
import { createDeviceAuthorizationRepository } from './authorization/device-authorizations.ts'
import { createBootstrapRepository } from './organisations/bootstrap.ts'
import { createGrantRepository } from './grants/grants.ts'
import { createBackchannelLogoutQueue } from './sessions/backchannel-logout-queue.ts'
import { createOnboardingTokenRepository } from './organisations/onboarding-tokens.ts'
import { createOrganisationRepository } from './organisations/organisations.ts'
import { createPushedAuthorizationRequestRepository } from './authorization/pushed-authorization-requests.ts'
import { createRefreshTokenFamilyRepository } from './grants/refresh-token-families.ts'
import { createClientRegistrationRepository } from './clients/client-registrations.ts'
import { createOrganisationAccessRepository } from './permissions/organisation-access.ts'
import { createRoleAssignmentRepository } from './permissions/role-assignments.ts'
import { createApiKeyRepository } from './api-keys/api-keys.ts'
import { createInvitationRepository } from './invitations/invitations.ts'
import { createAccountRecoveryRepository } from './recovery/account-recovery.ts'
import { createOutgoingMailRepository } from './mail/outgoing-mails.ts'
import { createWebhookDeliveryLog } from './webhooks/delivery-log.ts'
import { createWebhookDeliveryQueue } from './webhooks/delivery-queue.ts'
import { createEventFeed } from './webhooks/event-feed.ts'
import { createWebhookRepository } from './webhooks/webhooks.ts'
import { createServiceAccountRepository } from './service-accounts/service-accounts.ts'
import { createTeamRepository } from './teams/teams.ts'
import { createRoleRepository } from './permissions/roles.ts'
import { createServerSecretRepository } from './keys/server-secrets.ts'
import { createPasskeyRepository } from './passkeys/passkeys.ts'
import { createPendingSignInRepository } from './second-factors/pending-sign-ins.ts'
import { createSecondFactorRepository } from './second-factors/second-factors.ts'
import { createSessionRepository } from './sessions/sessions.ts'
import { createSoftwareStatementIssuerRepository } from './clients/software-statement-issuers.ts'
import { createSigningKeyRepository } from './keys/signing-keys.ts'
import { createRetentionSweep } from './db/retention-sweep.ts'
import { createUserAttributeRepository } from './users/attributes/attribute-definitions.ts'
import { createUserAccessRepository } from './users/user-grants.ts'
import { createUserBulkRepository } from './users/bulk-changes.ts'
import { createUserExportRepository } from './users/user-exports.ts'
import { createUserImportRepository } from './users/user-imports.ts'
import { createUserDirectory } from './users/user-directory.ts'
import { createGuestMembershipRepository } from './users/guest-memberships.ts'
import { createUserRepository } from './users/users.ts'

/** The implementation of every contract of the model. */
export interface Repositories {
  clientCache: ClientCache
  clients: ClientRepository
  clientMetadataDocuments: ClientMetadataDocumentRepository
  clientLastUsed: ClientLastUsedRepository
  consents: ConsentRepository
  organisations: OrganisationRepository
  onboardingTokens: OnboardingTokenRepository
  clientRegistrations: ClientRegistrationRepository
  softwareStatementIssuers: SoftwareStatementIssuerRepository
  users: UserRepository
  userDirectory: UserDirectory
  userAttributes: UserAttributeRepository
  userAccess: UserAccessRepository
  userBulk: UserBulkRepository
  userImports: UserImportRepository
  userExports: UserExportRepository
  roles: RoleRepository
  resources: ResourceRepository
  resourceCache: ResourceCache
  serviceAccounts: ServiceAccountRepository
  domains: DomainRepository
  guestMemberships: GuestMembershipRepository
  roleAssignments: RoleAssignmentRepository
  organisationAccess: OrganisationAccessRepository
  teams: TeamRepository
  apiKeys: ApiKeyRepository
  invitations: InvitationRepository
  outgoingMails: OutgoingMailRepository
  accountRecovery: AccountRecoveryRepository
  webhooks: WebhookRepository
  webhookDeliveryQueue: WebhookDeliveryQueue
  webhookDeliveryLog: WebhookDeliveryLog
  eventFeed: EventFeed
  secondFactors: SecondFactorRepository
  pendingSignIns: PendingSignInRepository
  passkeys: PasskeyRepository
  sessions: SessionRepository
  auditEvents: AuditEventRecorder
  clientAuditEvents: ClientAuditEventReader
  auditLog: AuditLogReader
  auditChain: AuditChainRepository
  backchannelLogoutQueue: BackchannelLogoutQueue
  pendingAuthorizationRequests: PendingAuthorizationRequestRepository
  pushedAuthorizationRequests: PushedAuthorizationRequestRepository
  authorizationFailures: AuthorizationFailureRepository
  authorizationCodes: AuthorizationCodeRepository
  deviceAuthorizations: DeviceAuthorizationRepository
  refreshTokenFamilies: RefreshTokenFamilyRepository
  accessTokens: AccessTokenRepository
  grants: GrantRepository
  replayCache: ReplayCache
  signingKeys: SigningKeyRepository
  serverSecrets: ServerSecretRepository
  bootstrap: BootstrapRepository
  rateLimitCounterStore: RateLimitCounterStore
  /** Deletes expired rows. */
  sweep(now: Date): Promise<void>
  /** Deletes old audit events, and prepares the storage of coming ones. `defaultDays` 0 keeps them for ever. */
  maintainAuditLog(now: Date, defaultDays: number): Promise<void>
  /** Calls `listener` when another process has changed the signing keys. */
  onKeysChanged(listener: () => void): void
  close(): Promise<void>
}

/**
 * Builds the repositories over an open database and polls for changes by other processes, and for the database's time.
 * `completeSettings` belongs to `clients/settings`, which this folder must not import.
 */
export async function createRepositories(
  { hotPool, pool, prisma, settings }: Database,
  completeSettings: CompleteSettings,
  onTime: (reading: TimeReading) => void = () => undefined,
): Promise<Repositories> {
  const readClient = createClientReader(completeSettings)
  let changePoller: ChangePoller | undefined
  let notifyKeysChanged: () => void = () => {}
  const cache = createClientCache(
    createRegisteredClientReader(pool, readClient),
    () => changePoller?.isCurrent() ?? false,
  )
  const resources = createResourceCache(pool, () => changePoller?.isCurrent() ?? false)
  const cimd = createCimdAvailability(pool)
  function clearCaches(): void {
    cache.clear()
    resources.clear()
    cimd.reload()
  }
  changePoller = await openChangePoller(settings, {
    onTime,
    onChange(subject) {
      const [table, id] = subject.split(':')
      if (table === 'signing_keys') notifyKeysChanged()
      else if (table === 'clients' && id !== undefined) cache.evict(id)
      else if (table === 'resources' && id !== undefined) resources.evict(id)
      else clearCaches()
    },
    onReset() {
      clearCaches()
      notifyKeysChanged()
    },
  })
  const sessions = createSessionRepository(hotPool, pool, prisma)
  return {
    clientCache: cache.directory,
    clients: createClientRepository(prisma, readClient, cache.evict),
    clientMetadataDocuments: createClientMetadataDocumentRepository(prisma, cache.evict, cimd.isEnabled),
    clientLastUsed: createClientLastUsedRepository(hotPool),
    consents: createConsentRepository(pool),
    organisations: createOrganisationRepository(pool, clearCaches),
    onboardingTokens: createOnboardingTokenRepository(pool),
    clientRegistrations: createClientRegistrationRepository(prisma, readClient, cache.evict, clearCaches),
    softwareStatementIssuers: createSoftwareStatementIssuerRepository(prisma),
    users: createUserRepository(pool, prisma),
    userDirectory: createUserDirectory(pool),
    userAttributes: createUserAttributeRepository(pool),
    userAccess: createUserAccessRepository(pool),
    userBulk: createUserBulkRepository(pool),
    userImports: createUserImportRepository(pool),
    userExports: createUserExportRepository(pool),
    roles: createRoleRepository(pool),
    resources: createResourceRepository(pool, resources.evict),
    resourceCache: resources.directory,
    serviceAccounts: createServiceAccountRepository(pool),
    domains: createDomainRepository(pool),
    guestMemberships: createGuestMembershipRepository(pool),
    roleAssignments: createRoleAssignmentRepository(pool),
    organisationAccess: createOrganisationAccessRepository(pool),
    teams: createTeamRepository(pool),
    apiKeys: createApiKeyRepository(pool),
    invitations: createInvitationRepository(pool),
    outgoingMails: createOutgoingMailRepository(pool),
    accountRecovery: createAccountRecoveryRepository(pool),
    webhooks: createWebhookRepository(pool),
    webhookDeliveryQueue: createWebhookDeliveryQueue(hotPool),
    webhookDeliveryLog: createWebhookDeliveryLog(pool),
    eventFeed: createEventFeed(pool),
    secondFactors: createSecondFactorRepository(pool),
    pendingSignIns: createPendingSignInRepository(pool),
    passkeys: createPasskeyRepository(pool),
    sessions,
    auditEvents: sessions,
    clientAuditEvents: createClientAuditEventReader(pool),
    auditLog: createAuditLogReader(pool),
    auditChain: createAuditChainRepository(pool),
    backchannelLogoutQueue: createBackchannelLogoutQueue(hotPool),
    pendingAuthorizationRequests: createPendingAuthorizationRequestRepository(prisma),
    pushedAuthorizationRequests: createPushedAuthorizationRequestRepository(hotPool),
    authorizationFailures: createAuthorizationFailureRepository(hotPool, prisma),
    authorizationCodes: createAuthorizationCodeRepository(hotPool),
    deviceAuthorizations: createDeviceAuthorizationRepository(hotPool, prisma),
    refreshTokenFamilies: createRefreshTokenFamilyRepository(hotPool),
    accessTokens: createAccessTokenRepository(hotPool),
    grants: createGrantRepository(pool),
    replayCache: createReplayCache(hotPool),
    signingKeys: createSigningKeyRepository(pool),
    serverSecrets: createServerSecretRepository(pool),
    bootstrap: createBootstrapRepository(pool),
    rateLimitCounterStore: createRateLimitCounterStore(hotPool),
    sweep: createRetentionSweep(pool),
    maintainAuditLog: createAuditRetention(pool),
    onKeysChanged(listener) {
      notifyKeysChanged = listener
    },
    close: () => changePoller.close(),
  }
}
