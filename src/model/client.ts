import type { ClientType } from '../oauth/redirect-uri.ts'
import type { OrganisationStatus } from './organisation.ts'
import type { SecurityEvent } from './security-event.ts'

export const signingAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

/** By which a client may sign its assertions with its secret (RFC 7518 §3.2); a secret has 43 octets. */
export const macAlgorithms = ['HS256'] as const
export type MacAlgorithm = (typeof macAlgorithms)[number]

/** By which a client signs with its secret. */
export const signingSecretMethod = 'client_secret_jwt'

/** Whether a client of this method signs with its secret, so that the secret itself must be kept, and not its hash alone. */
export function signsWithSecret(method: string): boolean {
  return method === signingSecretMethod
}

/** How the key of an encrypted message reaches its reader (RFC 7518 §4.3, §4.6), and what it encrypts by (§5). */
export const keyManagementAlgorithms = ['RSA-OAEP-256', 'ECDH-ES'] as const
export type KeyManagementAlgorithm = (typeof keyManagementAlgorithms)[number]
export const contentEncryptions = ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'] as const
export type ContentEncryption = (typeof contentEncryptions)[number]
/** What is meant where only `alg` is registered (OpenID Connect Registration §2). */
export const defaultContentEncryption = 'A128CBC-HS256' satisfies ContentEncryption

/** Who may read what is encrypted; null: it is not encrypted. */
export interface EncryptedResponse {
  alg: KeyManagementAlgorithm
  enc: ContentEncryption
}

export const subjectTypes = ['public', 'pairwise'] as const
export type SubjectType = (typeof subjectTypes)[number]

/** A JWT that anybody with our keys can read, or a text that says something to this server alone. */
export const accessTokenFormats = ['jwt', 'opaque'] as const
export type AccessTokenFormat = (typeof accessTokenFormats)[number]

/** The sets of rules that a client can be under; what each of them says is for `clients` to know. */
export const profileNames = ['openid', 'strict'] as const
export type ProfileName = (typeof profileNames)[number]

export const applicationTypes = ['web', 'native'] as const
export type ApplicationType = (typeof applicationTypes)[number]

/** What people read of a client, and may be said in several languages (RFC 7591 §2.2). */
export const displayMembers = ['name', 'clientUri', 'logoUri', 'policyUri', 'tosUri'] as const
/** By language tag (BCP 47). */
export type Localised = Record<string, { [Member in (typeof displayMembers)[number]]?: string | undefined }>

/** An application and the policies that are its own. Lifetimes are seconds. */
export interface Client {
  /** The row's id; `clientId` is the one on the wire. */
  id: string
  organisationId: string
  clientId: string
  name: string
  description: string | null
  /** For administrators alone. */
  groups: string[]
  clientType: ClientType
  profile: ProfileName
  redirectUris: string[]
  postLogoutRedirectUris: string[]
  allowedOrigins: string[]
  grantTypes: string[]
  responseTypes: string[]
  scopes: string[]
  tokenEndpointAuthMethod: string
  requirePkce: boolean
  requireConsent: boolean
  isFirstParty: boolean
  /** `none` only where no ID token passes through the browser. */
  idTokenSignedResponseAlg: SigningAlgorithm | 'none'
  accessTokenFormat: AccessTokenFormat
  /** Of access tokens that are JWTs. */
  accessTokenSigningAlg: SigningAlgorithm
  accessTokenLifetime: number
  refreshTokenLifetime: number
  idTokenLifetime: number
  authorizationCodeLifetime: number
  /** Null: a refresh token lives as long as its family. */
  refreshTokenIdleLifetime: number | null
  refreshTokenReuseWindow: number
  audience: string[]
  /** RFC 8705 §3: without a certificate of its own it gets no access token, and without the same nobody can use it. */
  tlsClientCertificateBoundAccessTokens: boolean
  /** RFC 9449 §5.2: without a DPoP proof it gets no access token. */
  dpopBoundAccessTokens: boolean
  defaultMaxAge: number | null
  requireAuthTime: boolean
  defaultAcrValues: string[]
  logoUri: string | null
  clientUri: string | null
  policyUri: string | null
  tosUri: string | null
  contacts: string[]
  localised: Localised
  applicationType: ApplicationType
  initiateLoginUri: string | null
  softwareId: string | null
  softwareVersion: string | null
  jwks: Record<string, unknown> | null
  jwksUri: string | null
  requestObjectSigningAlg: SigningAlgorithm | 'none' | null
  tokenEndpointAuthSigningAlg: SigningAlgorithm | MacAlgorithm | null
  requireSignedRequestObject: boolean
  requestUris: string[]
  userinfoSignedResponseAlg: SigningAlgorithm | null
  idTokenEncryptedResponseAlg: KeyManagementAlgorithm | null
  idTokenEncryptedResponseEnc: ContentEncryption | null
  userinfoEncryptedResponseAlg: KeyManagementAlgorithm | null
  userinfoEncryptedResponseEnc: ContentEncryption | null
  introspectionSignedResponseAlg: SigningAlgorithm | null
  introspectionEncryptedResponseAlg: KeyManagementAlgorithm | null
  introspectionEncryptedResponseEnc: ContentEncryption | null
  requestObjectEncryptionAlg: KeyManagementAlgorithm | null
  requestObjectEncryptionEnc: ContentEncryption | null
  /** RFC 8705 §2.1.2: exactly one of these five for tls_client_auth. */
  tlsClientAuthSubjectDn: string | null
  tlsClientAuthSanDns: string | null
  tlsClientAuthSanUri: string | null
  tlsClientAuthSanIp: string | null
  tlsClientAuthSanEmail: string | null
  subjectType: SubjectType
  sectorIdentifierUri: string | null
  frontchannelLogoutUri: string | null
  frontchannelLogoutSessionRequired: boolean
  backchannelLogoutUri: string | null
  backchannelLogoutSessionRequired: boolean
  isActive: boolean
  /** From when it gets nothing more. */
  expiresAt: Date | null
  /** Counts the writes to its row, from 1: PostgreSQL does, whoever writes. */
  version: number
  revokedAt: Date | null
  createdAt: Date
  updatedAt: Date
  /** The beginning of the hour; null: never, as far as is known. Only administration asks for it. */
  lastUsedAt: Date | null
}

/** A hash of a secret of 256 bits, and until when it is good; null: until it is rotated. */
export interface ClientSecret {
  id: string
  secretHash: Uint8Array
  /** The secret itself, sealed: only where its client signs with it, since a hash cannot verify a MAC. */
  sealedSecret: Uint8Array | null
  expiresAt: Date | null
}

/** A secret as administrators see it: never the secret. */
export interface ClientSecretInfo {
  id: string
  label: string | null
  expiresAt: Date | null
  createdAt: Date
  /** The beginning of the hour; null: never, as far as is known. */
  lastUsedAt: Date | null
}

/** How many secrets a client may have that are good at once. */
export const MOST_SECRETS = 5

/** A client as the protocol endpoints need it. Read from a cache that a change anywhere empties within a second. */
export interface RegisteredClient extends Client {
  secrets: ClientSecret[]
  organisation: { slug: string; name: string; status: OrganisationStatus; auditTokens: boolean }
}

/** Whether tokens may be issued to a client now. */
export function isUsable(client: RegisteredClient, now: Date): boolean {
  const expired = client.expiresAt !== null && client.expiresAt <= now
  return (
    client.isActive && !expired && (client.organisation.status === 'active' || client.organisation.status === 'trial')
  )
}

/** What the protocol endpoints ask about clients. */
export interface ClientDirectory {
  /** The client with this `client_id`, whatever its state, unless it was deleted. */
  find(clientId: string): Promise<RegisteredClient | undefined>
  /** Whether any active client registered this web origin. */
  isAllowedOrigin(origin: string): Promise<boolean>
}

/** What is set when a client is made or changed. */
export type ClientSettings = Omit<
  Client,
  'id' | 'organisationId' | 'clientId' | 'version' | 'revokedAt' | 'createdAt' | 'updatedAt' | 'lastUsedAt'
>

/** Which clients a list is to hold; all conditions must be met. */
export interface ClientQuery {
  organisationId: string
  search?: string | undefined
  clientType?: ClientType | undefined
  isActive?: boolean | undefined
  group?: string | undefined
  grantType?: string | undefined
  authMethod?: string | undefined
  /** The host of a redirect URI, without its port. */
  redirectHost?: string | undefined
  expiringBefore?: Date | undefined
  /** Neither used nor made since. */
  unusedSince?: Date | undefined
  /** Clients without the value that is sorted by come last. */
  sort: { by: 'name' | 'clientId' | 'createdAt' | 'updatedAt' | 'expiresAt' | 'lastUsedAt'; descending: boolean }
  limit: number
  offset: number
}

/** Names a client of one organisation. `id` is the row's id. */
export interface ClientReference {
  organisationId: string
  id: string
}

/** A client of which the database has not said anything yet. */
export type NewClientRow = Omit<Client, 'version' | 'revokedAt' | 'lastUsedAt'>

/** The clients as administrators keep them. Each write records its event in the same transaction. */
export interface ClientRepository {
  create(client: NewClientRow, secret: ClientSecret | undefined, event: SecurityEvent): Promise<Client>
  list(query: ClientQuery): Promise<{ clients: Client[]; total: number }>
  get(reference: ClientReference): Promise<Client | undefined>
  /**
   * Undefined where the client is gone, or is not as `client` any more: what was found out about that one may be wrong. Of
   * a client that comes to authenticate otherwise than by signing with its secret, what is more than a hash is erased.
   */
  change(client: Client, change: Partial<ClientSettings>, now: Date, event: SecurityEvent): Promise<Client | undefined>
  /** Adds a secret and lets the others end at `othersExpireAt` at the latest. */
  rotateSecret(
    reference: ClientReference,
    secret: ClientSecret,
    othersExpireAt: Date,
    now: Date,
    event: SecurityEvent,
  ): Promise<Client | undefined>
  /** Adds a secret beside the others; `full` where there are `MOST_SECRETS` that are good. */
  addSecret(
    reference: ClientReference,
    secret: ClientSecret & { label: string | null },
    now: Date,
    event: SecurityEvent,
  ): Promise<Client | 'full' | undefined>
  /** Whether it has a secret that is good at `now` and that it could sign with: kept sealed, and not as a hash alone. */
  hasSigningSecret(reference: ClientReference, now: Date): Promise<boolean>
  /** Those that are good at `now`, the oldest first. */
  listSecrets(reference: ClientReference, now: Date): Promise<ClientSecretInfo[]>
  /** Ends one secret. False where the client has none of this id. */
  deleteSecret(reference: ClientReference, id: string, event: SecurityEvent): Promise<boolean>
  /** Makes everything issued to it so far void. */
  revokeGrants(reference: ClientReference, now: Date, event: SecurityEvent): Promise<Client | undefined>
  /** Makes it inactive and everything issued to it void. */
  revoke(reference: ClientReference, now: Date, event: SecurityEvent): Promise<Client | undefined>
  /** Soft and final; its `client_id` is never given to another. False where there is none, or not of that `version`. */
  delete(reference: ClientReference, version: number | undefined, now: Date, event: SecurityEvent): Promise<boolean>
}
