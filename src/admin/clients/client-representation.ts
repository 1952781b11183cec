import { keepsRefreshTokens } from '../../clients/settings/profiles.ts'
import { z } from 'zod'
import { lint, warningSchema } from '../../clients/settings/lint.ts'
import { optionalProperties } from '../../clients/settings/properties/index.ts'
import { acrValues } from '../../oauth/acr.ts'
import { localisableProperties, type Client } from '../../model/clients/client.ts'

const timestamp = z.string().describe('ISO 8601.')

/** The members of a client in responses. Values that were stored under older rules are valid. */
const representedProperties = {
  id: z.string(),
  organisationId: z.string(),
  clientId: z.string().describe('The client_id (RFC 6749 §2.2).'),
  name: z.string(),
  externalId: z.string().nullable(),
  description: z.string().nullable(),
  groups: z.array(z.string()),
  attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  clientType: z.enum(['confidential', 'public']),
  profile: z.string(),
  redirectUris: z.array(z.string()),
  postLogoutRedirectUris: z.array(z.string()),
  allowedOrigins: z.array(z.string()),
  grantTypes: z.array(z.string()),
  responseTypes: z.array(z.string()),
  scopes: z.array(z.string()),
  tokenEndpointAuthMethod: z.string(),
  additionalTokenEndpointAuthMethods: z.array(z.string()),
  requirePkce: z.boolean(),
  pkceRequired: z.boolean(),
  requireConsent: z.boolean(),
  rememberConsent: z.boolean(),
  isFirstParty: z.boolean(),
  allowedClaims: z.array(z.string()).nullable(),
  idTokenSignedResponseAlg: z.string(),
  accessTokenFormat: z.string(),
  accessTokenSigningAlg: z.string(),
  accessTokenLifetime: z.int(),
  refreshTokenLifetime: z.int(),
  idTokenLifetime: z.int(),
  authorizationCodeLifetime: z.int(),
  refreshTokenIdleLifetime: z.int().nullable(),
  refreshTokenReuseWindow: z.int(),
  refreshTokenRotation: z.enum(['rotating', 'static']),
  audience: z.array(z.string()),
  includeClaimsInIdToken: z.boolean(),
  tlsClientCertificateBoundAccessTokens: z.boolean(),
  dpopBoundAccessTokens: z.boolean(),
  defaultMaxAge: z.int().nullable(),
  requireAuthTime: z.boolean(),
  alwaysSignIn: z.boolean(),
  defaultAcrValues: z.array(z.string()),
  authorizedAcrValues: z.array(z.string()),
  minimumAcr: z.enum(acrValues).nullable(),
  logoUri: z.string().nullable(),
  clientUri: z.string().nullable(),
  policyUri: z.string().nullable(),
  tosUri: z.string().nullable(),
  contacts: z.array(z.string()),
  localised: z.record(z.string(), z.partialRecord(z.enum(localisableProperties), z.string().optional())),
  applicationType: z.string(),
  initiateLoginUri: z.string().nullable(),
  softwareId: z.string().nullable(),
  softwareVersion: z.string().nullable(),
  jwks: z.record(z.string(), z.unknown()).nullable(),
  jwksUri: z.string().nullable(),
  requestObjectSigningAlg: z.string().nullable(),
  tokenEndpointAuthSigningAlg: z.string().nullable(),
  requireSignedRequestObject: z.boolean(),
  requestUris: z.array(z.string()),
  requirePushedAuthorizationRequests: z.boolean(),
  pushedAuthorizationRequestLifetime: z.int(),
  userinfoSignedResponseAlg: z.string().nullable(),
  idTokenEncryptedResponseAlg: z.string().nullable(),
  idTokenEncryptedResponseEnc: z.string().nullable(),
  userinfoEncryptedResponseAlg: z.string().nullable(),
  userinfoEncryptedResponseEnc: z.string().nullable(),
  introspectionSignedResponseAlg: z.string().nullable(),
  introspectionEncryptedResponseAlg: z.string().nullable(),
  introspectionEncryptedResponseEnc: z.string().nullable(),
  requireJarm: z.boolean(),
  authorizationSignedResponseAlg: z.string().nullable(),
  authorizationEncryptedResponseAlg: z.string().nullable(),
  authorizationEncryptedResponseEnc: z.string().nullable(),
  requestObjectEncryptionAlg: z.string().nullable(),
  requestObjectEncryptionEnc: z.string().nullable(),
  tlsClientAuthSubjectDn: z.string().nullable(),
  tlsClientAuthSanDns: z.string().nullable(),
  tlsClientAuthSanUri: z.string().nullable(),
  tlsClientAuthSanIp: z.string().nullable(),
  tlsClientAuthSanEmail: z.string().nullable(),
  subjectType: z.string(),
  sectorIdentifierUri: z.string().nullable(),
  frontchannelLogoutUri: z.string().nullable(),
  frontchannelLogoutSessionRequired: z.boolean(),
  backchannelLogoutUri: z.string().nullable(),
  backchannelLogoutSessionRequired: z.boolean(),
  isActive: z.boolean(),
  expiresAt: timestamp.nullable(),
  revokedAt: timestamp.nullable().describe('Everything issued before this time is invalid.'),
  createdAt: timestamp,
  updatedAt: timestamp,
  lastUsedAt: timestamp
    .nullable()
    .describe('Rounded to the hour. Null: not used so far. A use does not change the ETag.'),
}

/** A setting that needs no other form here is returned as its own schema accepts it. */
const otherSettings = Object.fromEntries(
  Object.entries(optionalProperties).filter(([name]) => !(name in representedProperties)),
)

/** A client as the management API returns it, without its secrets. Its type has the members of this file alone. */
export const clientSchema: z.ZodObject<typeof representedProperties> = z.object({
  ...otherSettings,
  ...representedProperties,
})

/** A client with the warnings about its settings: the response to a change. */
export const clientWithWarningsSchema = clientSchema.extend({
  warnings: z.array(warningSchema).describe('Settings that are valid but risky.'),
})

/** A client with the secret that was just created and is returned once. Null for a client without a secret. */
export const clientWithSecretSchema = clientWithWarningsSchema.extend({ clientSecret: z.string().nullable() })

export type ClientRepresentation = z.output<typeof clientSchema>

export function representClient({
  version: _version,
  scopeHistory: _scopeHistory,
  ...client
}: Client): ClientRepresentation {
  return {
    ...client,
    pkceRequired: client.requirePkce,
    refreshTokenRotation: keepsRefreshTokens(client) ? 'static' : 'rotating',
    expiresAt: client.expiresAt?.toISOString() ?? null,
    revokedAt: client.revokedAt?.toISOString() ?? null,
    createdAt: client.createdAt.toISOString(),
    updatedAt: client.updatedAt.toISOString(),
    lastUsedAt: client.lastUsedAt?.toISOString() ?? null,
  }
}

export function representClientWithWarnings(client: Client): z.output<typeof clientWithWarningsSchema> {
  return { ...representClient(client), warnings: lint(client) }
}
