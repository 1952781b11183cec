// What `app.ts` composes the server from: the services that `server/compose-app.ts` creates.

import type { FastifyBaseLogger } from 'fastify'
import type { Passwords } from './authentication/factors/password/passwords.ts'
import type { CimdResolverOptions } from './clients/registration/resolve-cimd-client.ts'
import type { ClientSecrets } from './clients/authentication/client-secret.ts'
import type { LastUsedTracker } from './clients/authentication/last-used.ts'
import type { SubjectResolver } from './clients/subject-identifier.ts'
import type { Config } from './config/config.ts'
import type { RateLimitCounters } from './http/rate-limit/rate-limit-counters.ts'
import type { MailerOptions } from './mail/mailer.ts'
import type { Metrics } from './http/metrics/metrics.ts'
import type { Certificate } from './keys/certificates/certificate.ts'
import type { ClientKeys } from './keys/client-keys.ts'
import type { Signer } from './keys/signer.ts'
import type { Sealer } from './lib/crypto/sealer.ts'
import type { Clock } from './lib/time/clock.ts'
import type { BackChannelLogout } from './logout/back-channel-logout.ts'
import type { ResolveTxt } from './safe-fetch/resolve-txt.ts'
import type { Repositories } from './storage/repositories.ts'
import type { OpaqueTokenCodec } from './tokens/opaque-token.ts'
import type { RefreshTokenCodec } from './tokens/refresh-token.ts'
import type { WebhookDeliverer } from './webhooks/webhook-delivery.ts'
import type { WebhookSecrets } from './webhooks/webhook-secrets.ts'

export interface AppOptions {
  config: Pick<
    Config,
    | 'issuer'
    | 'limits'
    | 'maxOpenRegistrations'
    | 'sessionCookie'
    | 'sessionLifetimes'
    | 'onboarding'
    | 'trustedProxies'
    | 'connectionsPerAddress'
    | 'certificateHeader'
    | 'mtlsUrl'
  >
  logger: FastifyBaseLogger
  clock: Clock
  repositories: Repositories
  signer: Signer
  passwords: Passwords
  refreshTokenCodec: RefreshTokenCodec
  opaqueTokens: OpaqueTokenCodec
  /** Verifies the signatures of clients. */
  clientKeys: ClientKeys
  secrets: ClientSecrets
  /** Last-used timestamps of clients; saved when the app closes. */
  lastUsed: LastUsedTracker
  /** The authorities that sign client certificates. */
  clientAuthorities: readonly Certificate[]
  /** Fetches a document from a URL that a client registered. */
  fetchText: (url: string) => Promise<string>
  /** Returns the status of a response at such a URL. */
  probeUrl: (url: string) => Promise<number>
  /** Asks the DNS for TXT records. */
  resolveTxt: ResolveTxt
  fetchMetadataDocument: CimdResolverOptions['fetchMetadataDocument']
  resolveSubject: SubjectResolver
  /** Sends logout notifications to clients. */
  backChannelLogout: Pick<BackChannelLogout, 'flush'>
  /** Encrypts mails, and sends those that are queued. */
  mail: Pick<MailerOptions, 'isEnabled' | 'sealer' | 'flush'>
  /** Keys the hashes of codes that are mailed. */
  codeKey: Uint8Array
  /** Sends events to webhooks. */
  webhookDelivery: Pick<WebhookDeliverer, 'flush' | 'deliverTest'>
  webhookSecrets: WebhookSecrets
  /** Why no request is ever sent to a URL; undefined for one to which requests may be sent. */
  urlRejection: (url: string) => string | undefined
  csrfKey: Uint8Array
  /** Signs the cookies of known devices. */
  deviceCookieKey: Uint8Array
  dpopNonceKey: Uint8Array
  /** Seals the secrets of authenticator apps. */
  totpSealer: Sealer
  recoveryCodeKey: Uint8Array
  /** Authenticates the challenges of passkeys. */
  challengeKey: Uint8Array
  userCodeKey: Uint8Array
  isUnavailable: (error: unknown) => boolean
  checkDatabase: () => Promise<string | undefined>
  isDraining: () => boolean
  metrics: Metrics
  rateLimitCounters: RateLimitCounters
}
