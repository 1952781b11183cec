import type { AccessTokenRepository } from '../model/access-token.ts'
import type { AssertionRepository } from '../model/assertion.ts'
import type { ProofRepository } from '../model/proof.ts'
import type { AuthorizationCodeRepository } from '../model/authorization-code.ts'
import type { AuthorizationRequestRepository } from '../model/authorization-request.ts'
import type { AuthorizationTraceRepository } from '../model/authorization-trace.ts'
import type { ClientDocumentRepository } from '../model/client-document.ts'
import type { ClientUseRepository } from '../model/client-use.ts'
import type { ClientDirectory } from '../model/client.ts'
import type { ClientRepository } from '../model/client-repository.ts'
import type { ConsentRepository } from '../model/consent.ts'
import type { CounterStore } from '../model/counter.ts'
import type { DeviceAuthorizationRepository } from '../model/device-authorization.ts'
import type { DirectorySeedRepository } from '../model/directory-seed.ts'
import type { GrantRepository } from '../model/grant.ts'
import type { LogoutNotificationRepository } from '../model/logout-notification.ts'
import type { OrganisationRepository } from '../model/organisation.ts'
import type { PushedAuthorizationRequestRepository } from '../model/pushed-authorization-request.ts'
import type { RefreshFamilyRepository } from '../model/refresh-family.ts'
import type { RegistrationRepository } from '../model/registration.ts'
import type { StatementIssuerRepository } from '../model/statement-issuer.ts'
import type { ServerSecretRepository } from '../model/server-secret.ts'
import type { EventRecorder, SessionRepository } from '../model/session.ts'
import type { KeyRepository } from '../model/key.ts'
import type { UserRepository } from '../model/user.ts'
import type { ClientEventReader } from '../model/security-event.ts'
import { createAccessTokenRepository } from './access-tokens.ts'
import { createAssertionRepository } from './assertions.ts'
import { createProofRepository } from './proofs.ts'
import { createAuthorizationCodeRepository } from './authorization-codes.ts'
import { createAuthorizationRequestRepository } from './authorization-requests.ts'
import { createAuthorizationTraceRepository } from './authorization-traces.ts'
import { openChangeFeed, type ChangeFeed } from './changes.ts'
import { createClientDocumentRepository, createDocumentOffer } from './client-documents.ts'
import { createClientEventReader } from './client-events.ts'
import { createClientDirectory } from './client-directory.ts'
import { createClientUseRepository } from './client-uses.ts'
import { createClientRepository } from './clients.ts'
import { createConsentRepository } from './consents.ts'
import { createCounterStore } from './counters.ts'
import type { Database } from './database.ts'
import { createDeviceAuthorizationRepository } from './device-authorizations.ts'
import { createDirectorySeedRepository } from './directory-seed.ts'
import { createGrantRepository } from './grants.ts'
import { createLogoutNotificationRepository } from './logout-notifications.ts'
import { createOrganisationRepository } from './organisations.ts'
import { createPushedAuthorizationRequestRepository } from './pushed-authorization-requests.ts'
import { createRefreshFamilyRepository } from './refresh-families.ts'
import { createRegistrationRepository } from './registrations.ts'
import { createServerSecretRepository } from './server-secrets.ts'
import { createSessionRepository } from './sessions.ts'
import { createStatementIssuerRepository } from './statement-issuers.ts'
import { createKeyRepository } from './signing-keys.ts'
import { createSweeper } from './sweep.ts'
import { createUserRepository } from './users.ts'

/** Every contract of the model, kept. */
export interface Repositories {
  clientDirectory: ClientDirectory
  clients: ClientRepository
  clientDocuments: ClientDocumentRepository
  clientUses: ClientUseRepository
  consents: ConsentRepository
  organisations: OrganisationRepository
  registrations: RegistrationRepository
  statementIssuers: StatementIssuerRepository
  users: UserRepository
  sessions: SessionRepository
  events: EventRecorder
  clientEvents: ClientEventReader
  logoutNotifications: LogoutNotificationRepository
  authorizationRequests: AuthorizationRequestRepository
  pushedAuthorizationRequests: PushedAuthorizationRequestRepository
  authorizationTraces: AuthorizationTraceRepository
  authorizationCodes: AuthorizationCodeRepository
  deviceAuthorizations: DeviceAuthorizationRepository
  refreshFamilies: RefreshFamilyRepository
  accessTokens: AccessTokenRepository
  grants: GrantRepository
  assertions: AssertionRepository
  proofs: ProofRepository
  signingKeys: KeyRepository
  serverSecrets: ServerSecretRepository
  directorySeed: DirectorySeedRepository
  counters: CounterStore
  /** Removes what has expired, and audit events after `auditDays`; 0, or none, keeps these for ever. */
  sweep(now: Date, auditDays?: number): Promise<void>
  /** Calls back when another process has changed the signing keys. */
  onKeysChanged(listener: () => void): void
  close(): Promise<void>
}

/** Builds the repositories over an open database and begins to listen for what other processes change. */
export async function createRepositories({ pool, prisma, settings }: Database): Promise<Repositories> {
  let feed: ChangeFeed | undefined
  let keysChanged: () => void = () => {}
  const cache = createClientDirectory(prisma, () => ({ live: feed?.live ?? false }))
  const offer = createDocumentOffer(prisma)
  feed = await openChangeFeed(settings, {
    onChange(what) {
      const [table, id] = what.split(':')
      if (table === 'signing_keys') keysChanged()
      else if (table === 'clients' && id !== undefined) cache.forget(id)
      else {
        cache.forgetAll()
        offer.reload()
      }
    },
    onReset() {
      cache.forgetAll()
      offer.reload()
      keysChanged()
    },
  })
  const sessions = createSessionRepository(pool, prisma)
  return {
    clientDirectory: cache.directory,
    clients: createClientRepository(prisma, cache.forget),
    clientDocuments: createClientDocumentRepository(prisma, cache.forget, offer.isOffered),
    clientUses: createClientUseRepository(pool),
    consents: createConsentRepository(pool),
    organisations: createOrganisationRepository(prisma),
    registrations: createRegistrationRepository(prisma, cache.forget),
    statementIssuers: createStatementIssuerRepository(prisma),
    users: createUserRepository(prisma),
    sessions,
    events: sessions,
    clientEvents: createClientEventReader(pool),
    logoutNotifications: createLogoutNotificationRepository(pool),
    authorizationRequests: createAuthorizationRequestRepository(prisma),
    pushedAuthorizationRequests: createPushedAuthorizationRequestRepository(pool),
    authorizationTraces: createAuthorizationTraceRepository(pool, prisma),
    authorizationCodes: createAuthorizationCodeRepository(pool),
    deviceAuthorizations: createDeviceAuthorizationRepository(pool, prisma),
    refreshFamilies: createRefreshFamilyRepository(pool),
    accessTokens: createAccessTokenRepository(pool),
    grants: createGrantRepository(pool),
    assertions: createAssertionRepository(pool),
    proofs: createProofRepository(pool),
    signingKeys: createKeyRepository(prisma),
    serverSecrets: createServerSecretRepository(prisma),
    directorySeed: createDirectorySeedRepository(prisma),
    counters: createCounterStore(pool),
    sweep: createSweeper(pool),
    onKeysChanged(listener) {
      keysChanged = listener
    },
    close: () => feed.close(),
  }
}
