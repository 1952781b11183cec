import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import {
  accessTokenFormats,
  applicationTypes,
  contentEncryptions,
  defaultContentEncryption,
  keyManagementAlgorithms,
  macAlgorithms,
  profileNames,
  signingAlgorithms,
  subjectTypes,
  type Client,
  type ClientSettings,
} from '../model/client.ts'
import { deviceCodeGrantType } from '../oauth/device.ts'
import { grantsOf, includes, responseTypes } from '../oauth/response-type.ts'
import { isIdentityScope, isScopeToken } from '../oauth/scope.ts'
import * as certificateField from './certificate-fields.ts'
import { contradictions } from './contradictions.ts'
import * as field from './metadata-fields.ts'
import { authenticationMethods } from './methods/index.ts'
import { profileOf } from './profiles.ts'
import { nameUnknownMembers } from './unknown-members.ts'

/** The grants that a client can be registered for. */
export const clientGrantTypes = [
  'authorization_code',
  'implicit',
  'refresh_token',
  'client_credentials',
  deviceCodeGrantType,
] as const
/** Those with a person. */
const grantsOfPeople = new Set<string>(['authorization_code', 'implicit', deviceCodeGrantType])

const scope = field.checked((value) =>
  isScopeToken(value) && value.length <= 200
    ? undefined
    : 'must be one scope: up to 200 printable ASCII characters without space, " and \\',
)

const required = {
  name: field.displayName,
  clientType: field.oneOf(['confidential', 'public']),
}

const optional = {
  externalId: field
    .checked((value) =>
      /^[\x21-\x7e]{1,200}$/.test(value) ? undefined : 'must have 1 to 200 printable ASCII characters and no space',
    )
    .nullable(),
  description: field
    .text(1000)
    .refine((value) => !/[^\P{Cc}\0\n\t]/u.test(value), {
      error: 'must not hold control characters but tab and line feed',
    })
    .nullable(),
  groups: field.listOf(field.groupName),
  profile: field.oneOf(profileNames),
  redirectUris: field.listOf(z.string({ error: 'must be a string' })),
  postLogoutRedirectUris: field.listOf(z.string({ error: 'must be a string' })),
  allowedOrigins: field.listOf(field.webOrigin),
  scopes: field.listOf(scope),
  grantTypes: field.listOf(field.oneOf(clientGrantTypes)).min(1, { error: 'must name at least one grant' }),
  responseTypes: field.listOf(field.oneOf(responseTypes)),
  tokenEndpointAuthMethod: field.oneOf(authenticationMethods.map(({ name }) => name)),
  requirePkce: field.flag,
  pkceRequired: field.flag.describe('Another name of requirePkce.'),
  requireConsent: field.flag,
  isFirstParty: field.flag,
  idTokenSignedResponseAlg: field.oneOf([...signingAlgorithms, 'none']),
  accessTokenFormat: field.oneOf(accessTokenFormats),
  accessTokenSigningAlg: field.oneOf(signingAlgorithms),
  accessTokenLifetime: field.whole(1, 86_400).describe('Seconds.'),
  refreshTokenLifetime: field.whole(1, 31_536_000).describe('Seconds.'),
  idTokenLifetime: field.whole(1, 86_400).describe('Seconds.'),
  authorizationCodeLifetime: field.whole(10, 600).describe('Seconds in which a code must be exchanged.'),
  refreshTokenIdleLifetime: field
    .whole(60, 31_536_000)
    .nullable()
    .describe('Seconds after which a refresh token that nobody used has expired.'),
  refreshTokenReuseWindow: field
    .whole(0, 60)
    .describe('Seconds in which a refresh token that was just replaced is answered with the same successor.'),
  audience: field.listOf(field.resourceUri).describe('The aud of access tokens; empty: the issuer.'),
  defaultMaxAge: field.whole(0, 2_147_483_647).nullable().describe('Seconds since sign-in after which to ask again.'),
  requireAuthTime: field.flag,
  defaultAcrValues: field.listOf(field.text(200)),
  logoUri: field.webUri.nullable(),
  clientUri: field.webUri.nullable(),
  policyUri: field.webUri.nullable(),
  tosUri: field.webUri.nullable(),
  contacts: field.listOf(field.emailAddress),
  localised: field.localised,
  applicationType: field.oneOf(applicationTypes),
  initiateLoginUri: field.secureUri.nullable(),
  softwareId: field.text(200).nullable(),
  softwareVersion: field.text(200).nullable(),
  jwks: field.keySet.nullable(),
  jwksUri: field.webUri.nullable(),
  requestObjectSigningAlg: field.oneOf([...signingAlgorithms, 'none']).nullable(),
  tokenEndpointAuthSigningAlg: field.oneOf([...signingAlgorithms, ...macAlgorithms]).nullable(),
  requireSignedRequestObject: field.flag,
  requestUris: field.listOf(field.webUri),
  userinfoSignedResponseAlg: field.oneOf(signingAlgorithms).nullable(),
  idTokenEncryptedResponseAlg: field.oneOf(keyManagementAlgorithms).nullable(),
  idTokenEncryptedResponseEnc: field.oneOf(contentEncryptions).nullable(),
  userinfoEncryptedResponseAlg: field.oneOf(keyManagementAlgorithms).nullable(),
  userinfoEncryptedResponseEnc: field.oneOf(contentEncryptions).nullable(),
  introspectionSignedResponseAlg: field.oneOf(signingAlgorithms).nullable(),
  introspectionEncryptedResponseAlg: field.oneOf(keyManagementAlgorithms).nullable(),
  introspectionEncryptedResponseEnc: field.oneOf(contentEncryptions).nullable(),
  requestObjectEncryptionAlg: field.oneOf(keyManagementAlgorithms).nullable(),
  requestObjectEncryptionEnc: field.oneOf(contentEncryptions).nullable(),
  tlsClientAuthSubjectDn: certificateField.subjectName.nullable(),
  tlsClientAuthSanDns: certificateField.hostName.nullable(),
  tlsClientAuthSanUri: certificateField.uri.nullable(),
  tlsClientAuthSanIp: certificateField.ipAddress.nullable(),
  tlsClientAuthSanEmail: field.emailAddress.nullable(),
  subjectType: field.oneOf(subjectTypes),
  sectorIdentifierUri: field.webUri.nullable(),
  frontchannelLogoutUri: field.logoutUri.nullable(),
  frontchannelLogoutSessionRequired: field.flag,
  backchannelLogoutUri: field.logoutUri.nullable(),
  backchannelLogoutSessionRequired: field.flag,
  expiresAt: field.instant
    .nullable()
    .describe('ISO 8601. From then on it gets nothing; it is disabled, and thirty days later removed.'),
  isActive: field.flag,
}

const BODY = { error: 'must be a JSON object' }

/** The body that registers a client. What is left out gets the default of `completeSettings`. */
export const newClientSchema = z
  .strictObject({ ...required, ...z.strictObject(optional).partial().shape }, BODY)
  .superRefine(
    (body, context) => {
      nameUnknownMembers(context)
      const unreadable = new Set(context.issues.map(({ path }) => path?.[0]))
      // A body that is no object at all has one problem, and no members to look at.
      if (unreadable.has(undefined)) return
      refuseTwoNames(body, context)
      if (unreadable.has('pkceRequired')) unreadable.add('requirePkce')
      const readable = Object.fromEntries(Object.entries(body).filter(([name]) => !unreadable.has(name)))
      const settings = completeSettings({ name: '', clientType: 'confidential', ...readable })
      for (const issue of contradictions(settings, unreadable)) context.addIssue({ ...issue, code: 'custom' })
    },
    { when: () => true },
  )

export type NewClient = z.output<typeof newClientSchema>

/** The body that changes a client. What is left out stays, and null takes away what a client need not have. */
export const clientChangeSchema = z
  .strictObject({ name: required.name, ...optional }, BODY)
  .partial()
  .superRefine(
    (body, context) => {
      nameUnknownMembers(context)
      if (!context.issues.some(({ path }) => path === undefined || path.length === 0)) refuseTwoNames(body, context)
    },
    { when: () => true },
  )

export type ClientChange = z.output<typeof clientChangeSchema>

/** Every member that an administrator can set, now or later. */
export const settableMembers: readonly string[] = [...Object.keys(required), ...Object.keys(optional)]

/** Every setting of a client that is registered with `given`. */
export function completeSettings({ pkceRequired, ...given }: NewClient): ClientSettings {
  const confidential = given.clientType === 'confidential'
  const profile = given.profile ?? 'openid'
  const {
    authenticationMethods: [firstMethod = 'none'],
    idTokenAlgorithms: [idTokenAlgorithm = 'RS256'],
    accessTokenAlgorithms: [accessTokenAlgorithm = 'ES256'],
    longestAccessTokenLifetime,
  } = profileOf({ profile })
  const speaksForItself = confidential && given.scopes?.some((name) => !isIdentityScope(name))
  const grantTypes = given.grantTypes ?? [
    'authorization_code',
    'refresh_token',
    ...(speaksForItself ? ['client_credentials'] : []),
  ]
  return {
    name: given.name,
    clientType: given.clientType,
    profile,
    externalId: given.externalId ?? null,
    description: given.description ?? null,
    groups: given.groups ?? [],
    redirectUris: given.redirectUris ?? [],
    postLogoutRedirectUris: given.postLogoutRedirectUris ?? [],
    allowedOrigins: given.allowedOrigins ?? [],
    grantTypes,
    responseTypes: given.responseTypes ?? responseTypesOf(grantTypes, []),
    scopes: given.scopes ?? (grantTypes.some((grant) => grantsOfPeople.has(grant)) ? ['openid'] : []),
    tokenEndpointAuthMethod: given.tokenEndpointAuthMethod ?? (confidential ? firstMethod : 'none'),
    requirePkce: given.requirePkce ?? pkceRequired ?? true,
    requireConsent: given.requireConsent ?? true,
    isFirstParty: given.isFirstParty ?? false,
    idTokenSignedResponseAlg: given.idTokenSignedResponseAlg ?? idTokenAlgorithm,
    accessTokenFormat: given.accessTokenFormat ?? 'jwt',
    accessTokenSigningAlg: given.accessTokenSigningAlg ?? accessTokenAlgorithm,
    accessTokenLifetime: given.accessTokenLifetime ?? Math.min(3600, longestAccessTokenLifetime),
    refreshTokenLifetime: given.refreshTokenLifetime ?? 2_592_000,
    idTokenLifetime: given.idTokenLifetime ?? 3600,
    authorizationCodeLifetime: given.authorizationCodeLifetime ?? 600,
    refreshTokenIdleLifetime: given.refreshTokenIdleLifetime ?? null,
    refreshTokenReuseWindow: given.refreshTokenReuseWindow ?? 10,
    audience: given.audience ?? [],
    defaultMaxAge: given.defaultMaxAge ?? null,
    requireAuthTime: given.requireAuthTime ?? false,
    defaultAcrValues: given.defaultAcrValues ?? [],
    logoUri: given.logoUri ?? null,
    clientUri: given.clientUri ?? null,
    policyUri: given.policyUri ?? null,
    tosUri: given.tosUri ?? null,
    contacts: given.contacts ?? [],
    localised: given.localised ?? {},
    applicationType: given.applicationType ?? 'web',
    initiateLoginUri: given.initiateLoginUri ?? null,
    softwareId: given.softwareId ?? null,
    softwareVersion: given.softwareVersion ?? null,
    jwks: given.jwks ?? null,
    jwksUri: given.jwksUri ?? null,
    requestObjectSigningAlg: given.requestObjectSigningAlg ?? null,
    tokenEndpointAuthSigningAlg: given.tokenEndpointAuthSigningAlg ?? null,
    requireSignedRequestObject: given.requireSignedRequestObject ?? false,
    requestUris: given.requestUris ?? [],
    userinfoSignedResponseAlg: given.userinfoSignedResponseAlg ?? null,
    idTokenEncryptedResponseAlg: given.idTokenEncryptedResponseAlg ?? null,
    idTokenEncryptedResponseEnc:
      given.idTokenEncryptedResponseEnc ?? (given.idTokenEncryptedResponseAlg ? defaultContentEncryption : null),
    userinfoEncryptedResponseAlg: given.userinfoEncryptedResponseAlg ?? null,
    userinfoEncryptedResponseEnc:
      given.userinfoEncryptedResponseEnc ?? (given.userinfoEncryptedResponseAlg ? defaultContentEncryption : null),
    introspectionSignedResponseAlg: given.introspectionSignedResponseAlg ?? null,
    introspectionEncryptedResponseAlg: given.introspectionEncryptedResponseAlg ?? null,
    introspectionEncryptedResponseEnc:
      given.introspectionEncryptedResponseEnc ??
      (given.introspectionEncryptedResponseAlg ? defaultContentEncryption : null),
    requestObjectEncryptionAlg: given.requestObjectEncryptionAlg ?? null,
    requestObjectEncryptionEnc:
      given.requestObjectEncryptionEnc ?? (given.requestObjectEncryptionAlg ? defaultContentEncryption : null),
    tlsClientAuthSubjectDn: given.tlsClientAuthSubjectDn ?? null,
    tlsClientAuthSanDns: given.tlsClientAuthSanDns ?? null,
    tlsClientAuthSanUri: given.tlsClientAuthSanUri ?? null,
    tlsClientAuthSanIp: given.tlsClientAuthSanIp ?? null,
    tlsClientAuthSanEmail: given.tlsClientAuthSanEmail ?? null,
    subjectType: given.subjectType ?? 'public',
    sectorIdentifierUri: given.sectorIdentifierUri ?? null,
    frontchannelLogoutUri: given.frontchannelLogoutUri ?? null,
    frontchannelLogoutSessionRequired: given.frontchannelLogoutSessionRequired ?? false,
    backchannelLogoutUri: given.backchannelLogoutUri ?? null,
    backchannelLogoutSessionRequired: given.backchannelLogoutSessionRequired ?? false,
    isActive: given.isActive ?? true,
    expiresAt: given.expiresAt ?? null,
  }
}

/** The settings of `client` that `change` makes different, with those that follow from them. */
export function changedSettings(client: Client, { pkceRequired, ...change }: ClientChange): Partial<ClientSettings> {
  const current: Readonly<Record<string, unknown>> = { ...client }
  const wanted = {
    ...change,
    requirePkce: change.requirePkce ?? pkceRequired,
    responseTypes:
      change.responseTypes ?? (change.grantTypes && responseTypesOf(change.grantTypes, client.responseTypes)),
  }
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => value !== undefined && !isDeepStrictEqual(value, current[name])),
  )
}

/** Those of `current` that the grants still allow; for authorization_code, `code` where none is left. */
function responseTypesOf(grantTypes: readonly string[], current: readonly string[]): string[] {
  const kept = current.filter((type) => grantsOf(type).every((grant) => grantTypes.includes(grant)))
  const withoutCode = !kept.some((type) => includes(type, 'code'))
  return grantTypes.includes('authorization_code') && withoutCode ? ['code', ...kept] : kept
}

function refuseTwoNames(body: { requirePkce?: unknown; pkceRequired?: unknown }, context: z.RefinementCtx): void {
  const { requirePkce, pkceRequired } = body
  if (requirePkce !== undefined && pkceRequired !== undefined && requirePkce !== pkceRequired) {
    context.addIssue({ code: 'custom', path: ['pkceRequired'], message: 'must not contradict requirePkce' })
  }
}
