import { parseUrl } from '../../lib/url.ts'
import { z } from 'zod'
import { allowsAuthMethod, allowedAuthMethods } from '../../model/clients/authentication-methods.ts'
import type { ClientSettings } from '../../model/clients/client.ts'

/** A valid but risky setting. `member` and `message` read as one sentence. */
export const warningSchema = z.object({
  code: z.string().describe('The kind of risk; stable across releases.'),
  member: z.string().describe('The member that the warning is about.'),
  message: z.string().describe('Why it is risky; completes the sentence that begins with the member.'),
  advice: z.string().describe('What would be better.'),
})
export type Warning = z.output<typeof warningSchema>

interface Rule extends Warning {
  applies(client: ClientSettings): boolean
}

const HOUR = 3600
const DAY = 86_400

const assertionMethods = new Set(['private_key_jwt', 'client_secret_jwt'])
/** What an attacker must steal: a secret that is sent (0), a secret that both sides keep (1), a private key (2). */
const strengthOf = (method: string) =>
  method === 'client_secret_jwt' ? 1 : method.startsWith('client_secret_') ? 0 : 2
const publicKeys = ({ jwks }: ClientSettings) =>
  Array.isArray(jwks?.['keys']) ? (jwks['keys'] as Readonly<Record<string, unknown>>[]) : []
const bitsOf = (n: unknown) => (typeof n === 'string' ? Buffer.from(n, 'base64url').length * 8 : 0)
const hostsOf = (uris: readonly string[], scheme: string) =>
  uris.map((uri) => parseUrl(uri)).flatMap((url) => (url?.protocol === scheme ? [url.hostname] : []))

const rules: readonly Rule[] = [
  {
    code: 'implicit-beside-code',
    member: 'grantTypes',
    message:
      'has implicit beside authorization_code: an attacker who changes a request can avoid PKCE and client authentication',
    advice: 'Register two clients, or remove implicit (RFC 9700 §2.1.2).',
    applies: ({ grantTypes }) => grantTypes.includes('implicit') && grantTypes.includes('authorization_code'),
  },
  {
    code: 'token-in-front-channel',
    member: 'responseTypes',
    message: 'puts access tokens into the browser, where they appear in histories and logs and scripts can read them',
    advice: 'Use the response type code with PKCE (RFC 9700 §2.1.2).',
    applies: ({ responseTypes }) => responseTypes.some((type) => type.split(' ').includes('token')),
  },
  {
    code: 'loopback-by-name',
    member: 'redirectUris',
    message: 'has http on localhost: files and resolvers of the device decide where that name points',
    advice: 'Use http://127.0.0.1 or http://[::1] for applications on a device (RFC 8252 §8.3), and https otherwise.',
    applies: ({ redirectUris }) => hostsOf(redirectUris, 'http:').includes('localhost'),
  },
  {
    code: 'loopback-of-a-server',
    member: 'redirectUris',
    message: 'has http beside https for a confidential client: development and production share one secret',
    advice: 'Register a separate client for development.',
    applies: ({ clientType, redirectUris }) =>
      clientType === 'confidential' &&
      hostsOf(redirectUris, 'http:').length > 0 &&
      hostsOf(redirectUris, 'https:').length > 0,
  },
  {
    code: 'private-scheme',
    member: 'redirectUris',
    message: 'has a private-use scheme, which any application on the device can claim',
    advice: 'Use an https link that the operating system binds to the application (RFC 8252 §7.2).',
    applies: ({ redirectUris }) => redirectUris.some((uri) => !/^https?:/i.test(uri)),
  },
  {
    code: 'no-pkce',
    member: 'requirePkce',
    message: 'is false: injected and stolen codes are not detected',
    advice: 'Require PKCE as soon as the application supports it (RFC 9700 §2.1.1).',
    applies: ({ requirePkce, grantTypes }) => !requirePkce && grantTypes.includes('authorization_code'),
  },
  {
    code: 'no-consent',
    member: 'requireConsent',
    message: 'is false for a client that is not first-party: users are not asked for consent',
    advice: 'Set it to true, or set isFirstParty if the organisation runs the application.',
    applies: ({ requireConsent, isFirstParty, grantTypes }) =>
      !requireConsent && !isFirstParty && grantTypes.includes('authorization_code'),
  },
  {
    code: 'long-access-token',
    member: 'accessTokenLifetime',
    message:
      'is more than one hour: a resource server that does not introspect JWTs accepts a revoked one until it expires',
    advice: 'Use at most one hour with refresh tokens, or accessTokenFormat opaque.',
    applies: ({ accessTokenLifetime, accessTokenFormat }) => accessTokenFormat === 'jwt' && accessTokenLifetime > HOUR,
  },
  {
    code: 'long-refresh-token',
    member: 'refreshTokenLifetime',
    message: 'is more than ninety days: a lost device keeps its access for that time',
    advice: 'Use at most ninety days; users then sign in again.',
    applies: ({ refreshTokenLifetime, grantTypes }) =>
      grantTypes.includes('refresh_token') && refreshTokenLifetime > 90 * DAY,
  },
  {
    code: 'long-id-token',
    member: 'idTokenLifetime',
    message: 'is more than one hour: an ID token states that the user has just signed in',
    advice: 'Use minutes: the session of the application has its own lifetime.',
    applies: ({ idTokenLifetime, scopes }) => scopes.includes('openid') && idTokenLifetime > HOUR,
  },
  {
    code: 'long-reuse-window',
    member: 'refreshTokenReuseWindow',
    message: 'is more than thirty seconds: during that time a stolen refresh token looks like a retried request',
    advice: 'Use ten seconds: enough for lost responses.',
    applies: ({ refreshTokenReuseWindow, grantTypes }) =>
      grantTypes.includes('refresh_token') && refreshTokenReuseWindow > 30,
  },
  {
    code: 'claims-in-id-token',
    member: 'includeClaimsInIdToken',
    message: 'is true: user data is wherever an ID token is, such as in URLs and logs as id_token_hint',
    advice: 'Use userinfo, or encrypt ID tokens with idTokenEncryptedResponseAlg.',
    applies: ({ includeClaimsInIdToken, idTokenEncryptedResponseAlg }) =>
      includeClaimsInIdToken && idTokenEncryptedResponseAlg === null,
  },
  {
    code: 'claims-without-scope',
    member: 'claims',
    message: 'has entries without a scope: the consent page cannot say that the application receives them',
    advice: 'Give each entry a scope, so that the consent page names it.',
    applies: ({ claims, isFirstParty, requireConsent }) =>
      !isFirstParty &&
      requireConsent &&
      claims.some(({ source, scope }) => source !== 'constant' && scope === undefined),
  },
  {
    code: 'large-claims',
    member: 'maxClaimBytes',
    message: 'is more than 4096: with it, a token may exceed the 8 kB that many servers accept in a header',
    advice: 'Use at most 4096; userinfo has what is left out.',
    applies: ({ maxClaimBytes }) => maxClaimBytes > 4096,
  },
  {
    code: 'access-token-as-jwt',
    member: 'accessTokenTyp',
    message: 'is JWT: a resource server cannot tell an access token from an ID token by its header',
    advice: 'Use at+jwt where the resource server accepts it (RFC 9068 §2.1), and check aud in any case.',
    applies: ({ accessTokenTyp, accessTokenFormat }) => accessTokenTyp === 'JWT' && accessTokenFormat === 'jwt',
  },
  {
    code: 'unsigned-id-token',
    member: 'idTokenSignedResponseAlg',
    message: 'has the value none: an unsigned ID token proves nothing unless it comes directly from this server',
    advice: 'Use an algorithm with a key.',
    applies: ({ idTokenSignedResponseAlg }) => idTokenSignedResponseAlg === 'none',
  },
  {
    code: 'unsigned-request-object',
    member: 'requestObjectSigningAlg',
    message: 'has the value none: an unsigned request object protects no more than plain parameters',
    advice: 'Sign request objects with a key in jwks or at jwksUri (RFC 9101 §10.2).',
    applies: ({ requestObjectSigningAlg }) => requestObjectSigningAlg === 'none',
  },
  {
    code: 'any-request-object',
    member: 'requestObjectSigningAlg',
    message: 'is not set although the client has keys: unsigned request objects are accepted, too',
    advice: 'Set the algorithm with which the client signs request objects.',
    applies: (client) => client.requestObjectSigningAlg === null && client.requestUris.length > 0 && hasKeys(client),
  },
  {
    code: 'any-assertion-algorithm',
    member: 'tokenEndpointAuthSigningAlg',
    message: 'is not set: assertions with any algorithm that matches a key are accepted',
    advice: 'Set the algorithm with which the client signs.',
    // No algorithm suits both a secret and a private key.
    applies: (client) =>
      client.tokenEndpointAuthSigningAlg === null &&
      allowsAuthMethod(client, 'private_key_jwt') &&
      !allowsAuthMethod(client, 'client_secret_jwt'),
  },
  {
    code: 'short-rsa-key',
    member: 'jwks',
    message: 'has an RSA key of fewer than 3072 bits, which is considered secure until 2030 only',
    advice: 'Use ES256 or EdDSA, or RSA with 3072 bits.',
    applies: (client) => publicKeys(client).some(({ kty, n }) => kty === 'RSA' && bitsOf(n) < 3072),
  },
  {
    code: 'keys-by-value',
    member: 'jwks',
    message: 'must be updated here whenever the client rotates its keys',
    advice: 'Publish the keys at jwksUri: the client can then rotate them by itself.',
    applies: (client) =>
      client.jwks !== null && allowedAuthMethods(client).some((method) => assertionMethods.has(method)),
  },
  {
    code: 'secret-in-body',
    member: 'tokenEndpointAuthMethod',
    message: 'is client_secret_post: request bodies are logged more often than headers, with the secret',
    advice: 'Use client_secret_basic, or better private_key_jwt, which sends no secret.',
    applies: ({ tokenEndpointAuthMethod }) => tokenEndpointAuthMethod === 'client_secret_post',
  },
  {
    code: 'secret-in-body',
    member: 'additionalTokenEndpointAuthMethods',
    message: 'contains client_secret_post: request bodies are logged more often than headers, with the secret',
    advice: 'Use client_secret_basic, or better private_key_jwt, which sends no secret.',
    applies: (client) => client.additionalTokenEndpointAuthMethods.includes('client_secret_post'),
  },
  {
    code: 'weaker-method',
    member: 'additionalTokenEndpointAuthMethods',
    message: 'has a weaker method beside a stronger one: the credentials of the weaker one are enough',
    advice:
      'Remove the weaker method after the migration: lastUsedAt of the secrets shows whether they are still used.',
    applies: (client) => new Set(allowedAuthMethods(client).map(strengthOf)).size > 1,
  },
  {
    code: 'all-rights',
    member: 'scopes',
    message: 'contains *: as a permission, it allows everything in the management API',
    advice: 'List the permissions that the client needs.',
    applies: ({ scopes }) => scopes.includes('*'),
  },
]

/** The warnings about valid settings, in a stable order. */
export function lint(client: ClientSettings): Warning[] {
  return rules.filter((rule) => rule.applies(client)).map(({ applies: _, ...warning }) => warning)
}

/** The warning about entries of `claims` that name attributes which the organisation has not defined. */
export function lintAttributes({ claims }: ClientSettings, defined: readonly string[]): Warning[] {
  const named = claims.flatMap(({ attribute }) => (attribute === undefined ? [] : [attribute]))
  const unknown = [...new Set(named)].filter((name) => !defined.includes(name))
  if (unknown.length === 0) return []
  return [
    {
      code: 'unknown-attribute',
      member: 'claims',
      message: `names attributes that are not defined, so that no user has these claims: ${unknown.join(', ')}`,
      advice: 'Define the attribute at /v1/admin/user-attributes, or correct its name.',
    },
  ]
}

function hasKeys({ jwks, jwksUri }: ClientSettings): boolean {
  return jwks !== null || jwksUri !== null
}
