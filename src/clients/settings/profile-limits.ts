import { parseUrl } from '../../lib/url.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import type { ClientSettings } from '../../model/clients/client.ts'
import { isLoopbackHost } from '../../oauth/redirect-uri.ts'
import { profileOf, type ClientProfile } from './profiles.ts'

/** The settings whose allowed values depend on the profile. */
const allowedValues = {
  grantTypes: (profile) => profile.grantTypes,
  responseTypes: (profile) => profile.responseTypes,
  tokenEndpointAuthMethod: (profile) => profile.authenticationMethods,
  additionalTokenEndpointAuthMethods: (profile) => profile.authenticationMethods.filter((name) => name !== 'none'),
  idTokenSignedResponseAlg: (profile) => profile.idTokenAlgorithms,
  accessTokenSigningAlg: (profile) => profile.accessTokenAlgorithms,
  userinfoSignedResponseAlg: (profile) => profile.userinfoAlgorithms,
  introspectionSignedResponseAlg: (profile) => profile.introspectionAlgorithms,
  authorizationSignedResponseAlg: (profile) => profile.authorizationResponseAlgorithms,
  tokenEndpointAuthSigningAlg: (profile) => profile.assertionAlgorithms,
  requestObjectSigningAlg: (profile) => profile.requestObjectAlgorithms,
} as const satisfies Partial<Record<keyof ClientSettings, (profile: ClientProfile) => readonly string[]>>

/** An issue for each setting that the client's profile does not allow. `unreadable` names settings to skip. */
export function profileIssues(client: ClientSettings, unreadable: ReadonlySet<unknown>): ValidationIssue[] {
  if (unreadable.has('profile')) return []
  const profile = profileOf(client)
  const issue = (path: ValidationIssue['path'], must: string): ValidationIssue[] =>
    unreadable.has(path[0])
      ? []
      : [{ path, code: 'custom', message: `must ${must} under the profile ${client.profile}` }]

  const valueIssues = (Object.keys(allowedValues) as (keyof typeof allowedValues)[]).flatMap((setting) => {
    const names: readonly string[] = allowedValues[setting](profile)
    const must = `be ${names.length === 1 ? '' : 'one of '}${names.join(', ')}`
    const value = client[setting]
    if (Array.isArray(value)) {
      return value.flatMap((item, index) => (names.includes(item) ? [] : issue([setting, index], must)))
    }
    return value === null || names.includes(value) ? [] : issue([setting], must)
  })

  const hosts = profile.httpRedirectHosts[client.clientType]
  const https = `use https${hosts.length > 0 ? ', or http on ' : ''}${hosts.join(' and ')},`
  const httpRedirectIssues = (['redirectUris', 'postLogoutRedirectUris'] as const).flatMap((setting) =>
    client[setting].flatMap((uri, index) =>
      isHttpLoopback(uri) && !hosts.includes(new URL(uri).hostname) ? issue([setting, index], https) : [],
    ),
  )

  const maxLifetime = profile.maxAccessTokenLifetime
  const missing = profile.requiredSettings.filter((setting) => !client[setting])
  const isUnbound = !client.dpopBoundAccessTokens && !client.tlsClientCertificateBoundAccessTokens
  return [
    ...(profile.clientTypes.includes(client.clientType)
      ? []
      : issue(['clientType'], `be ${profile.clientTypes.join(' or ')}`)),
    ...valueIssues,
    ...httpRedirectIssues,
    ...(client.clientType === 'confidential' ? missing.flatMap((setting) => issue([setting], 'be true')) : []),
    ...(profile.requiresSenderConstraint && isUnbound && missing.length === 0
      ? issue(['dpopBoundAccessTokens'], 'be true unless tlsClientCertificateBoundAccessTokens is,')
      : []),
    ...(client.accessTokenLifetime > maxLifetime ? issue(['accessTokenLifetime'], `be at most ${maxLifetime}`) : []),
  ]
}

/** Under every profile, other hosts need https. */
function isHttpLoopback(uri: string): boolean {
  const url = parseUrl(uri)
  return url?.protocol === 'http:' && isLoopbackHost(url.hostname)
}
