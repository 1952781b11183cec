// `clients/settings` owns the settings of a client: their schema, defaults, profiles and validation.
// `properties/` holds one file per group of settings; `lint.ts` reports settings that are valid but risky.
// Storing settings belongs to `storage`.

import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { defaultContentEncryption, type Client, type ClientSettings } from '../../model/clients/client.ts'
import { deviceCodeGrantType } from '../../oauth/device-code.ts'
import { requiredGrantTypes, responseTypeIncludes } from '../../oauth/response-type.ts'
import { isIdentityScope } from '../../oauth/scope.ts'
import { validateSettings } from './validation.ts'
import { optionalProperties, requiredProperties } from './properties/index.ts'
import { profileOf } from './profiles.ts'
import { reportUnknownProperties } from './unknown-properties.ts'

/** Those with a person. */
const userGrantTypes = new Set<string>(['authorization_code', 'implicit', deviceCodeGrantType])

const BODY_ERROR = { error: 'must be a JSON object' }

/** The body that registers a client. What is left out gets the default of `completeSettings`. */
export const newClientSchema = z
  .strictObject({ ...requiredProperties, ...z.strictObject(optionalProperties).partial().shape }, BODY_ERROR)
  .superRefine(
    (body, context) => {
      reportUnknownProperties(context)
      const unreadable = new Set(context.issues.map(({ path }) => path?.[0]))
      // A body that is no object at all has one problem, and no members to look at.
      if (unreadable.has(undefined)) return
      rejectConflictingAliases(body, context)
      if (unreadable.has('pkceRequired')) unreadable.add('requirePkce')
      const readable = Object.fromEntries(Object.entries(body).filter(([name]) => !unreadable.has(name)))
      const settings = applyDefaults({ name: '', clientType: 'confidential', ...readable })
      for (const issue of validateSettings(settings, unreadable)) context.addIssue({ ...issue, code: 'custom' })
    },
    { when: () => true },
  )

export type NewClient = z.output<typeof newClientSchema>

/** The body that changes a client. What is left out stays, and null takes away what a client need not have. */
export const clientChangeSchema = z
  .strictObject({ name: requiredProperties.name, ...optionalProperties }, BODY_ERROR)
  .partial()
  .superRefine(
    (body, context) => {
      reportUnknownProperties(context)
      if (!context.issues.some(({ path }) => path === undefined || path.length === 0))
        rejectConflictingAliases(body, context)
    },
    { when: () => true },
  )

export type ClientChange = z.output<typeof clientChangeSchema>

/** Every member that an administrator can set, now or later. */
export const settableProperties: readonly string[] = [requiredProperties, optionalProperties].flatMap(Object.keys)

/** Every setting of a client that is registered with `given`. */
export function applyDefaults({ pkceRequired, ...given }: NewClient): ClientSettings {
  const confidential = given.clientType === 'confidential'
  const profile = given.profile ?? 'openid'
  const {
    authenticationMethods: [firstMethod = 'none'],
    idTokenAlgorithms: [idTokenAlgorithm = 'RS256'],
    accessTokenAlgorithms: [accessTokenAlgorithm = 'ES256'],
    maxAccessTokenLifetime,
  } = profileOf({ profile })
  const hasOwnScopes = confidential && given.scopes?.some((name) => !isIdentityScope(name))
  const grantTypes = given.grantTypes ?? [
    'authorization_code',
    'refresh_token',
    ...(hasOwnScopes ? ['client_credentials'] : []),
  ]
  return {
    name: given.name,
    clientType: given.clientType,
    profile,
    externalId: given.externalId ?? null,
    description: given.description ?? null,
    groups: given.groups ?? [],
    attributes: given.attributes ?? {},
    redirectUris: given.redirectUris ?? [],
    postLogoutRedirectUris: given.postLogoutRedirectUris ?? [],
    allowedOrigins: given.allowedOrigins ?? [],
    grantTypes,
    responseTypes: given.responseTypes ?? responseTypesOf(grantTypes, []),
    scopes: given.scopes ?? (grantTypes.some((grant) => userGrantTypes.has(grant)) ? ['openid'] : []),
    tokenEndpointAuthMethod: given.tokenEndpointAuthMethod ?? (confidential ? firstMethod : 'none'),
    additionalTokenEndpointAuthMethods: given.additionalTokenEndpointAuthMethods ?? [],
    requirePkce: given.requirePkce ?? pkceRequired ?? true,
    requireConsent: given.requireConsent ?? true,
    rememberConsent: given.rememberConsent ?? true,
    isFirstParty: given.isFirstParty ?? false,
    allowedClaims: given.allowedClaims ?? null,
    idTokenSignedResponseAlg: given.idTokenSignedResponseAlg ?? idTokenAlgorithm,
    accessTokenFormat: given.accessTokenFormat ?? 'jwt',
    accessTokenSigningAlg: given.accessTokenSigningAlg ?? accessTokenAlgorithm,
    accessTokenLifetime: given.accessTokenLifetime ?? Math.min(3600, maxAccessTokenLifetime),
    refreshTokenLifetime: given.refreshTokenLifetime ?? 2_592_000,
    idTokenLifetime: given.idTokenLifetime ?? 3600,
    authorizationCodeLifetime: given.authorizationCodeLifetime ?? 600,
    refreshTokenIdleLifetime: given.refreshTokenIdleLifetime ?? null,
    refreshTokenReuseWindow: given.refreshTokenReuseWindow ?? 10,
    audience: given.audience ?? [],
    includeClaimsInIdToken: given.includeClaimsInIdToken ?? false,
    tlsClientCertificateBoundAccessTokens: given.tlsClientCertificateBoundAccessTokens ?? false,
    dpopBoundAccessTokens: given.dpopBoundAccessTokens ?? false,
    defaultMaxAge: given.defaultMaxAge ?? null,
    requireAuthTime: given.requireAuthTime ?? false,
    alwaysSignIn: given.alwaysSignIn ?? false,
    defaultAcrValues: given.defaultAcrValues ?? [],
    authorizedAcrValues: given.authorizedAcrValues ?? [],
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
    requirePushedAuthorizationRequests: given.requirePushedAuthorizationRequests ?? false,
    pushedAuthorizationRequestLifetime: given.pushedAuthorizationRequestLifetime ?? 60,
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
    authorizationSignedResponseAlg: given.authorizationSignedResponseAlg ?? null,
    authorizationEncryptedResponseAlg: given.authorizationEncryptedResponseAlg ?? null,
    authorizationEncryptedResponseEnc:
      given.authorizationEncryptedResponseEnc ??
      (given.authorizationEncryptedResponseAlg ? defaultContentEncryption : null),
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
  const allowed = current.filter((type) => requiredGrantTypes(type).every((grant) => grantTypes.includes(grant)))
  const withoutCode = !allowed.some((type) => responseTypeIncludes(type, 'code'))
  return grantTypes.includes('authorization_code') && withoutCode ? ['code', ...allowed] : allowed
}

function rejectConflictingAliases(
  body: { requirePkce?: unknown; pkceRequired?: unknown },
  context: z.RefinementCtx,
): void {
  const { requirePkce, pkceRequired } = body
  if (requirePkce !== undefined && pkceRequired !== undefined && requirePkce !== pkceRequired) {
    context.addIssue({ code: 'custom', path: ['pkceRequired'], message: 'must not contradict requirePkce' })
  }
}
