import { parseUrl } from '../../lib/url.ts'
import { excerpt } from '../../lib/text/excerpt.ts'
import { isObject } from '../../lib/object.ts'
import type { Client, ClientSettings, localisableProperties, LocalisedDisplay } from '../../model/clients/client.ts'
import { recipientOf } from '../../oauth/redirect-uri.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { parseResponseType } from '../../oauth/response-type.ts'
import { formatScope, standardScopes } from '../../oauth/scope.ts'
import * as field from '../settings/properties/fields.ts'
import { newClientSchema, type NewClient } from '../settings/schema.ts'
import { profileOf } from '../settings/profiles.ts'
import { applyStatement, type SoftwareStatement } from './software-statement.ts'

/**
 * The setting of each member of RFC 7591 §2 and OpenID Connect Registration §2, and of our own `access_token_format`
 * (RFC 7591 §2 allows extensions).
 */
export const settingByMetadataName = {
  redirect_uris: 'redirectUris',
  post_logout_redirect_uris: 'postLogoutRedirectUris',
  grant_types: 'grantTypes',
  response_types: 'responseTypes',
  scope: 'scopes',
  token_endpoint_auth_method: 'tokenEndpointAuthMethod',
  client_name: 'name',
  client_uri: 'clientUri',
  logo_uri: 'logoUri',
  policy_uri: 'policyUri',
  tos_uri: 'tosUri',
  contacts: 'contacts',
  application_type: 'applicationType',
  initiate_login_uri: 'initiateLoginUri',
  software_id: 'softwareId',
  software_version: 'softwareVersion',
  default_max_age: 'defaultMaxAge',
  require_auth_time: 'requireAuthTime',
  default_acr_values: 'defaultAcrValues',
  id_token_signed_response_alg: 'idTokenSignedResponseAlg',
  jwks: 'jwks',
  jwks_uri: 'jwksUri',
  request_object_signing_alg: 'requestObjectSigningAlg',
  require_signed_request_object: 'requireSignedRequestObject',
  request_uris: 'requestUris',
  require_pushed_authorization_requests: 'requirePushedAuthorizationRequests',
  token_endpoint_auth_signing_alg: 'tokenEndpointAuthSigningAlg',
  userinfo_signed_response_alg: 'userinfoSignedResponseAlg',
  id_token_encrypted_response_alg: 'idTokenEncryptedResponseAlg',
  id_token_encrypted_response_enc: 'idTokenEncryptedResponseEnc',
  userinfo_encrypted_response_alg: 'userinfoEncryptedResponseAlg',
  userinfo_encrypted_response_enc: 'userinfoEncryptedResponseEnc',
  introspection_signed_response_alg: 'introspectionSignedResponseAlg',
  introspection_encrypted_response_alg: 'introspectionEncryptedResponseAlg',
  introspection_encrypted_response_enc: 'introspectionEncryptedResponseEnc',
  authorization_signed_response_alg: 'authorizationSignedResponseAlg',
  authorization_encrypted_response_alg: 'authorizationEncryptedResponseAlg',
  authorization_encrypted_response_enc: 'authorizationEncryptedResponseEnc',
  request_object_encryption_alg: 'requestObjectEncryptionAlg',
  request_object_encryption_enc: 'requestObjectEncryptionEnc',
  tls_client_auth_subject_dn: 'tlsClientAuthSubjectDn',
  tls_client_auth_san_dns: 'tlsClientAuthSanDns',
  tls_client_auth_san_uri: 'tlsClientAuthSanUri',
  tls_client_auth_san_ip: 'tlsClientAuthSanIp',
  tls_client_auth_san_email: 'tlsClientAuthSanEmail',
  subject_type: 'subjectType',
  sector_identifier_uri: 'sectorIdentifierUri',
  frontchannel_logout_uri: 'frontchannelLogoutUri',
  frontchannel_logout_session_required: 'frontchannelLogoutSessionRequired',
  backchannel_logout_uri: 'backchannelLogoutUri',
  backchannel_logout_session_required: 'backchannelLogoutSessionRequired',
  access_token_format: 'accessTokenFormat',
  tls_client_certificate_bound_access_tokens: 'tlsClientCertificateBoundAccessTokens',
  dpop_bound_access_tokens: 'dpopBoundAccessTokens',
} as const satisfies Record<string, keyof NewClient>

type WireMetadata = Readonly<Record<string, unknown>>

/** The members that can be localised by a language tag: `client_name#fr`. */
const localisableMetadata: Readonly<Record<string, (typeof localisableProperties)[number]>> = {
  client_name: 'name',
  client_uri: 'clientUri',
  logo_uri: 'logoUri',
  policy_uri: 'policyUri',
  tos_uri: 'tosUri',
}
const MAX_LOCALISED_VALUES = 100

/** A valid registration: the settings, and the metadata that are stored as they were sent. */
export interface RegisteredMetadata {
  given: NewClient
  metadata: Record<string, unknown>
}

/**
 * Parses the metadata that a client sends. Ignores unknown members (RFC 7591 §2). Throws `invalid_redirect_uri` or
 * `invalid_client_metadata` with a description that names the member (§3.2.2). `client` has the profile, and the scopes
 * that are allowed at most. The claims of a statement override the metadata, and its issuer limits the scopes.
 */
export function readMetadata(
  body: unknown,
  client: Pick<Client, 'scopes' | 'profile'>,
  statement?: SoftwareStatement,
): RegisteredMetadata {
  if (!isObject(body)) {
    throw new OAuthError('invalid_client_metadata', 'The body must be a JSON object.')
  }
  // Null means left out (§2).
  const sent: WireMetadata = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
  const wire = statement ? applyStatement(sent, statement) : sent
  const scopes = statement ? client.scopes.filter((scope) => statement.scopes.includes(scope)) : client.scopes
  const ceiling = { ...client, scopes }
  const metadata = statement ? { software_statement: statement.text } : {}
  const parsed = newClientSchema.safeParse(toSettings(wire, ceiling))
  if (!parsed.success) throw metadataError(parsed.error.issues)
  const excessScopes = (parsed.data.scopes ?? []).filter((scope) => !ceiling.scopes.includes(scope))
  if (excessScopes.length > 0) {
    throw new OAuthError(
      'invalid_client_metadata',
      `scope may contain at most ${formatScope(ceiling.scopes)}, and not ${excerpt(formatScope(excessScopes))}.`,
    )
  }
  return { given: parsed.data, metadata }
}

/** The metadata of a client under the names of RFC 7591. Empty members are left out. */
export function writeMetadata(client: Client, metadata: WireMetadata): Record<string, unknown> {
  const own = Object.entries(settingByMetadataName).map(([wire, name]): [string, unknown] => {
    const value = client[name]
    return [wire, wire === 'scope' ? formatScope(client.scopes) : value]
  })
  return {
    ...Object.fromEntries(own.filter(([, value]) => value !== null && value !== '')),
    ...writeLocalised(client.localised),
    ...metadata,
  }
}

/** The settings that clients set themselves. Administrators set the others. */
export const clientManagedSettings = [...Object.values(settingByMetadataName), 'localised' as const]

/** The client-managed settings of `wanted`. */
export function pickClientManagedSettings(wanted: ClientSettings): Partial<ClientSettings> {
  return Object.fromEntries(clientManagedSettings.map((name) => [name, wanted[name]]))
}

function toSettings(
  wire: WireMetadata,
  { scopes: ceiling, profile }: Pick<Client, 'scopes' | 'profile'>,
): Record<string, unknown> {
  const grantTypes = wire['grant_types'] ?? ['authorization_code']
  const confidential = wire['token_endpoint_auth_method'] !== 'none'
  const given: Record<string, unknown> = {
    clientType: confidential ? 'confidential' : 'public',
    profile,
    // A client that registers itself is not first-party.
    isFirstParty: false,
    requireConsent: true,
    requirePkce: !confidential || profileOf({ profile }).requiredSettings.includes('requirePkce'),
    name: defaultName(wire),
    localised: readLocalised(wire),
    grantTypes,
    responseTypes: ['code'],
    scopes: defaultScopes(grantTypes, ceiling),
  }
  for (const [member, name] of Object.entries(settingByMetadataName)) {
    const value = wire[member]
    if (value !== undefined) given[name] = value
  }
  if (Array.isArray(wire['response_types'])) {
    given['responseTypes'] = wire['response_types'].map((type: unknown) =>
      typeof type === 'string' ? (parseResponseType(type) ?? type) : type,
    )
  }
  if (typeof wire['scope'] === 'string') given['scopes'] = wire['scope'].split(' ').filter((scope) => scope !== '')
  return withoutRepetitions(given)
}

/** Clients send lists of distinct values, but some repeat values: each counts once, in its first place. */
function withoutRepetitions(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, Array.isArray(value) ? [...new Set<unknown>(value)] : value]),
  )
}

/** The default: all scopes that release user data (RFC 7591 §2: "a default set"). */
function defaultScopes(grantTypes: unknown, ceiling: readonly string[]): string[] {
  const refreshes = Array.isArray(grantTypes) && grantTypes.includes('refresh_token')
  return Object.keys(standardScopes).filter(
    (scope) => ceiling.includes(scope) && (scope !== 'offline_access' || refreshes),
  )
}

/** The name of a client that sends none: the host of its first redirect URI. */
function defaultName(wire: WireMetadata): string {
  const [first] = Array.isArray(wire['redirect_uris']) ? (wire['redirect_uris'] as unknown[]) : []
  const recipient = typeof first === 'string' && parseUrl(first) ? recipientOf(first) : undefined
  return (recipient && 'host' in recipient && recipient.host) || 'Application'
}

/** Reads localised members such as `client_name#fr` (RFC 7591 §2.2). */
function readLocalised(wire: WireMetadata): Record<string, Record<string, unknown>> {
  const languages = new Map<string, Record<string, unknown>>()
  let count = 0
  for (const [member, value] of Object.entries(wire)) {
    const [base = '', tag, ...rest] = member.split('#')
    const name = Object.hasOwn(localisableMetadata, base) ? localisableMetadata[base] : undefined
    if (name === undefined || tag === undefined || rest.length > 0 || !field.languageTag.test(tag)) continue
    count += 1
    languages.set(tag, { ...languages.get(tag), [name]: value })
  }
  if (count > MAX_LOCALISED_VALUES) {
    throw new OAuthError('invalid_client_metadata', `There must be at most ${MAX_LOCALISED_VALUES} localised members.`)
  }
  return Object.fromEntries(languages)
}

function writeLocalised(localised: LocalisedDisplay): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(localised).flatMap(([tag, said]) =>
      Object.entries(localisableMetadata).flatMap(([base, name]) =>
        said[name] === undefined ? [] : [[`${base}#${tag}`, said[name]]],
      ),
    ),
  )
}

/** The error response for the first issue, under the name of the metadata member (RFC 7591 §3.2.2). */
export function metadataError(issues: readonly { path: readonly PropertyKey[]; message: string }[]): OAuthError {
  const issue = issues.find(({ path }) => path[0] === 'redirectUris') ?? issues[0]
  const [name = '', ...rest] = issue?.path ?? []
  const wire = Object.entries(settingByMetadataName).find(([, setting]) => setting === name)?.[0] ?? String(name)
  const [tag, member] = rest.map(String)
  const base = Object.keys(localisableMetadata).find((key) => localisableMetadata[key] === member) ?? 'client_name'
  const at = name === 'localised' && tag !== undefined ? `${base}#${tag}` : [wire, ...rest.map(String)].join('.')
  return new OAuthError(
    wire === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata',
    `${excerpt(at)} ${issue?.message ?? 'is invalid'}.`,
  )
}
