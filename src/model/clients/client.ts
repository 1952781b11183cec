// `model/clients` holds the types of a client and the contracts of the repositories that store clients.
// A client's settings carry the names that the management API uses.
// Validation of settings belongs to `clients/settings`.

import type { TokenLifetimes } from '../organisations/organisation-settings.ts'
import type { Acr } from '../../oauth/acr.ts'
import type { ClientType } from '../../oauth/redirect-uri.ts'
import type { ContentEncryption, KeyManagementAlgorithm, MacAlgorithm, SigningAlgorithm } from './client-algorithms.ts'
import type { ClientClaim } from './client-claim.ts'

export const subjectTypes = ['public', 'pairwise'] as const
export type SubjectType = (typeof subjectTypes)[number]

/** A JWT (RFC 9068), or an opaque text that only this server can read. */
export const accessTokenFormats = ['jwt', 'opaque'] as const
export type AccessTokenFormat = (typeof accessTokenFormats)[number]

/** The `typ` header of access tokens that are JWTs: that of RFC 9068, or that of any JWT for libraries that accept no other. */
export const accessTokenTypes = ['at+jwt', 'JWT'] as const
export type AccessTokenType = (typeof accessTokenTypes)[number]

/** The profiles; their rules are in `clients/settings/profiles.ts`. */
export const profileNames = ['openid', 'oauth2.1', 'fapi1-advanced', 'fapi2-security', 'fapi2-message-signing'] as const
export type ProfileName = (typeof profileNames)[number]

export const applicationTypes = ['web', 'native'] as const
export type ApplicationType = (typeof applicationTypes)[number]

/** What users see of a client, in several languages (RFC 7591 §2.2). */
export const localisableProperties = ['name', 'clientUri', 'logoUri', 'policyUri', 'tosUri'] as const

/** By language tag (BCP 47). */
export type LocalisedDisplay = Record<
  string,
  { [Property in (typeof localisableProperties)[number]]?: string | undefined }
>

/** An application and its policies. Lifetimes are in seconds. */
export interface Client {
  /** The row's id; `clientId` is the one on the wire. */
  id: string
  organisationId: string
  clientId: string
  name: string
  /** The id that the provisioning system uses (RFC 7643 §3.1), unique in the organisation. */
  externalId: string | null
  description: string | null
  /** For administrators only. */
  groups: string[]
  /** Data of the operator; never returned to clients. */
  attributes: Record<string, string | string[]>
  clientType: ClientType
  profile: ProfileName
  redirectUris: string[]
  postLogoutRedirectUris: string[]
  allowedOrigins: string[]
  grantTypes: string[]
  responseTypes: string[]
  scopes: string[]
  tokenEndpointAuthMethod: string
  /** Methods that are accepted as well, while a client moves from one to another. */
  additionalTokenEndpointAuthMethods: string[]
  requirePkce: boolean
  requireConsent: boolean
  /** Whether a consent is remembered for later requests. */
  rememberConsent: boolean
  isFirstParty: boolean
  /** Claims that it may request by name (OpenID Connect Core §5.5); null: all claims of its scopes. */
  allowedClaims: string[] | null
  /** `none` only where no ID token passes through the browser. */
  idTokenSignedResponseAlg: SigningAlgorithm | 'none'
  accessTokenFormat: AccessTokenFormat
  accessTokenTyp: AccessTokenType
  /** Of access tokens that are JWTs. */
  accessTokenSigningAlg: SigningAlgorithm
  accessTokenLifetime: number
  refreshTokenLifetime: number
  idTokenLifetime: number
  authorizationCodeLifetime: number
  /** Null: a refresh token expires with its family. */
  refreshTokenIdleLifetime: number | null
  refreshTokenReuseWindow: number
  audience: string[]
  /** Whether ID tokens contain the claims of the scopes even if userinfo returns them. */
  includeClaimsInIdToken: boolean
  /** Claims about the user that it receives beside those of its scopes. */
  claims: ClientClaim[]
  /** Octets that these may add to a token. */
  maxClaimBytes: number
  /** RFC 8705 §3: its access tokens are bound to its certificate, which it must present. */
  tlsClientCertificateBoundAccessTokens: boolean
  /** RFC 9449 §5.2: without a DPoP proof it gets no access token. */
  dpopBoundAccessTokens: boolean
  defaultMaxAge: number | null
  requireAuthTime: boolean
  /** Whether each authorization request requires a sign-in, as prompt=login does. */
  alwaysSignIn: boolean
  defaultAcrValues: string[]
  /** The acr values that it may request; empty: any. */
  authorizedAcrValues: string[]
  /** The weakest sign-in that it accepts; null: a password. */
  minimumAcr: Acr | null
  logoUri: string | null
  clientUri: string | null
  policyUri: string | null
  tosUri: string | null
  contacts: string[]
  localised: LocalisedDisplay
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
  requirePushedAuthorizationRequests: boolean
  pushedAuthorizationRequestLifetime: number
  userinfoSignedResponseAlg: SigningAlgorithm | null
  idTokenEncryptedResponseAlg: KeyManagementAlgorithm | null
  idTokenEncryptedResponseEnc: ContentEncryption | null
  userinfoEncryptedResponseAlg: KeyManagementAlgorithm | null
  userinfoEncryptedResponseEnc: ContentEncryption | null
  introspectionSignedResponseAlg: SigningAlgorithm | null
  introspectionEncryptedResponseAlg: KeyManagementAlgorithm | null
  introspectionEncryptedResponseEnc: ContentEncryption | null
  /** Whether authorization responses must be JWTs (JARM). */
  requireJarm: boolean
  authorizationSignedResponseAlg: SigningAlgorithm | null
  authorizationEncryptedResponseAlg: KeyManagementAlgorithm | null
  authorizationEncryptedResponseEnc: ContentEncryption | null
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
  /** From when nothing is issued to it. */
  expiresAt: Date | null
  /** The number of writes to its row, from 1. A trigger of PostgreSQL maintains it. */
  version: number
  /**
   * Every scope of the form of a permission that it has or had. Only administration reads it, and a trigger of PostgreSQL
   * maintains it.
   */
  scopeHistory: string[]
  revokedAt: Date | null
  createdAt: Date
  updatedAt: Date
  /** The beginning of the hour; null: no use is known. Only administration reads it. */
  lastUsedAt: Date | null
}

/**
 * Completes the settings that storage holds of a client: a setting that was added since has its default, and one that this
 * release does not know is left out.
 */
export type CompleteSettings = (stored: Readonly<Record<string, unknown>>, lifetimes: TokenLifetimes) => ClientSettings

/** The settings whose default the organisation may set. */
export const lifetimeSettings = ['accessTokenLifetime', 'refreshTokenLifetime', 'idTokenLifetime'] as const
export type LifetimeSetting = (typeof lifetimeSettings)[number]

/** The settings as they are stored. A lifetime that is null follows the default of the organisation. */
export type StoredSettings = Omit<ClientSettings, LifetimeSetting> & Record<LifetimeSetting, number | null>

/** The members that are set when a client is created or changed. */
export type ClientSettings = Omit<
  Client,
  | 'id'
  | 'organisationId'
  | 'clientId'
  | 'version'
  | 'scopeHistory'
  | 'revokedAt'
  | 'createdAt'
  | 'updatedAt'
  | 'lastUsedAt'
>

/** Whether a client may be used at all: neither disabled nor expired. */
export function isClientEnabled(client: Pick<Client, 'isActive' | 'expiresAt'>, now: Date): boolean {
  return client.isActive && (client.expiresAt === null || client.expiresAt > now)
}
