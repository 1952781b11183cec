// `clients/settings` owns the settings of a client: their schema, defaults, profiles and validation.
// `properties/` holds one file per group of settings; `lint.ts` reports settings that are valid but risky.
// Storing settings belongs to `storage`.

import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { omitUndefined } from '../../lib/object.ts'
import { defaultContentEncryption } from '../../model/clients/client-algorithms.ts'
import { profileNames, type Client, type ClientSettings } from '../../model/clients/client.ts'
import { noTokenLifetimes, type TokenLifetimes } from '../../model/organisations/organisation-settings.ts'
import { deviceCodeGrantType } from '../../oauth/device-code.ts'
import { requiredGrantTypes, responseTypeIncludes } from '../../oauth/response-type.ts'
import { isIdentityScope } from '../../oauth/scope.ts'
import { validateSettings } from './validation.ts'
import { defaultOf } from './properties/defaults.ts'
import { clientIdProperty, optionalProperties, requiredProperties } from './properties/index.ts'
import { defaultLifetimes } from './lifetimes.ts'
import { profileOf } from './profiles.ts'
import { reportUnknownProperties } from './unknown-properties.ts'

/** The grant types with a user. */
const userGrantTypes = new Set<string>(['authorization_code', 'implicit', deviceCodeGrantType])

const BODY_ERROR = { error: 'must be a JSON object' }

/** The body that registers a client. Members that are left out get the defaults of `applyDefaults`. */
export const newClientSchema = z
  .strictObject({ ...requiredProperties, ...z.strictObject(optionalProperties).partial().shape }, BODY_ERROR)
  .superRefine(
    (body, context) => {
      reportUnknownProperties(context)
      const unreadable = new Set(context.issues.map(({ path }) => path?.[0]))
      // A body that is not an object has one issue, and no members to validate.
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

/** The body with which an administrator registers a client. */
export const newClientWithIdSchema = newClientSchema.safeExtend(clientIdProperty)

export type NewClientWithId = z.output<typeof newClientWithIdSchema>

/** The body that changes a client. Members that are left out stay unchanged; null removes an optional value. */
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

/** All members that administrators can set, when they register a client or later. */
export const settableProperties: readonly string[] = [requiredProperties, optionalProperties].flatMap(Object.keys)

/** The settings whose default does not depend on others. */
const independentSettings = Object.entries(optionalProperties).filter(
  ([name, property]) => name !== 'pkceRequired' && defaultOf(property) !== undefined,
)

/** All settings of a client that is registered with `given`, in an organisation with these lifetimes. */
export function applyDefaults(
  { pkceRequired, ...given }: NewClient,
  lifetimes: TokenLifetimes = noTokenLifetimes,
): ClientSettings {
  const confidential = given.clientType === 'confidential'
  const profile = given.profile ?? 'openid'
  const {
    authenticationMethods: [firstMethod = 'none'],
    idTokenAlgorithms: [idTokenAlgorithm = 'RS256'],
    accessTokenAlgorithms: [accessTokenAlgorithm = 'ES256'],
    requiredSettings,
    requiresSenderConstraint,
  } = profileOf({ profile })
  const isCertificateBound =
    given.tlsClientCertificateBoundAccessTokens === true ||
    requiredSettings.includes('tlsClientCertificateBoundAccessTokens')
  const hasOwnScopes = confidential && given.scopes?.some((name) => !isIdentityScope(name))
  const grantTypes = given.grantTypes ?? [
    'authorization_code',
    'refresh_token',
    ...(hasOwnScopes ? ['client_credentials'] : []),
  ]
  const contentEncryptionOf = (alg: unknown) => (alg ? defaultContentEncryption : null)
  const settings = {
    ...Object.fromEntries(independentSettings.map(([name, property]) => [name, defaultOf(property)])),
    ...(confidential && Object.fromEntries(requiredSettings.map((name) => [name, true]))),
    ...(requiresSenderConstraint && { dpopBoundAccessTokens: !isCertificateBound }),
    ...omitUndefined(given),
    profile,
    grantTypes,
    responseTypes: given.responseTypes ?? responseTypesOf(grantTypes, []),
    scopes: given.scopes ?? (grantTypes.some((grant) => userGrantTypes.has(grant)) ? ['openid'] : []),
    tokenEndpointAuthMethod: given.tokenEndpointAuthMethod ?? (confidential ? firstMethod : 'none'),
    requirePkce: given.requirePkce ?? pkceRequired ?? true,
    idTokenSignedResponseAlg: given.idTokenSignedResponseAlg ?? idTokenAlgorithm,
    accessTokenSigningAlg: given.accessTokenSigningAlg ?? accessTokenAlgorithm,
    ...defaultLifetimes(profile, lifetimes),
    ...omitUndefined({
      accessTokenLifetime: given.accessTokenLifetime,
      refreshTokenLifetime: given.refreshTokenLifetime,
      idTokenLifetime: given.idTokenLifetime,
    }),
    idTokenEncryptedResponseEnc:
      given.idTokenEncryptedResponseEnc ?? contentEncryptionOf(given.idTokenEncryptedResponseAlg),
    userinfoEncryptedResponseEnc:
      given.userinfoEncryptedResponseEnc ?? contentEncryptionOf(given.userinfoEncryptedResponseAlg),
    introspectionEncryptedResponseEnc:
      given.introspectionEncryptedResponseEnc ?? contentEncryptionOf(given.introspectionEncryptedResponseAlg),
    authorizationEncryptedResponseEnc:
      given.authorizationEncryptedResponseEnc ?? contentEncryptionOf(given.authorizationEncryptedResponseAlg),
    requestObjectEncryptionEnc:
      given.requestObjectEncryptionEnc ?? contentEncryptionOf(given.requestObjectEncryptionAlg),
  }
  // Complete: a test requires a default of every optional setting.
  return settings as CompleteProperties
}

/** What all properties together are; the compiler compares it with the model. */
type CompleteProperties = Omit<
  z.output<z.ZodObject<typeof requiredProperties & typeof optionalProperties>>,
  'pkceRequired'
>

/**
 * Completes the settings that storage holds of a client (`CompleteSettings` of the model). A profile that a newer release
 * stored counts as the strictest known one.
 */
export function completeSettings(
  stored: Readonly<Record<string, unknown>>,
  lifetimes: TokenLifetimes = noTokenLifetimes,
): ClientSettings {
  const known = Object.fromEntries(Object.entries(stored).filter(([name]) => isSettable.has(name)))
  const profile = profileNames.find((name) => name === (known['profile'] ?? 'openid')) ?? 'fapi2-message-signing'
  const settings = { name: '', clientType: 'confidential' as const, ...known, profile }
  return { ...applyDefaults(settings, lifetimes), ...settings }
}

const isSettable: ReadonlySet<string> = new Set(settableProperties.filter((name) => name !== 'pkceRequired'))

/** The settings of `client` that `change` alters, with those that depend on them. */
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

/** The response types of `current` that the grants still allow. With authorization_code, at least `code`. */
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
