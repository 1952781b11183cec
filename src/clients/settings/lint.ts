import { z } from 'zod'
import { allowsAuthMethod, allowedAuthMethods, type ClientSettings } from '../../model/clients/client.ts'

/** A setting that is allowed and risky. A `member` and its `message` read as one sentence. */
export const warningSchema = z.object({
  code: z.string().describe('What kind of risk it is; stays the same over releases.'),
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
/** What somebody must have stolen to be taken for the client: what is sent, what is kept on both sides, or a key of its own. */
const strengthOf = (method: string) =>
  method === 'client_secret_jwt' ? 1 : method.startsWith('client_secret_') ? 0 : 2
const publicKeys = ({ jwks }: ClientSettings) =>
  Array.isArray(jwks?.['keys']) ? (jwks['keys'] as Readonly<Record<string, unknown>>[]) : []
const bitsOf = (n: unknown) => (typeof n === 'string' ? Buffer.from(n, 'base64url').length * 8 : 0)
const hostsOf = (uris: readonly string[], scheme: string) =>
  uris.filter((uri) => URL.canParse(uri) && new URL(uri).protocol === scheme).map((uri) => new URL(uri).hostname)

const rules: readonly Rule[] = [
  {
    code: 'implicit-beside-code',
    member: 'grantTypes',
    message: 'lets whoever can change a request choose implicit, and so avoid PKCE and client authentication',
    advice: 'Register two clients, or leave implicit out (RFC 9700 §2.1.2).',
    applies: ({ grantTypes }) => grantTypes.includes('implicit') && grantTypes.includes('authorization_code'),
  },
  {
    code: 'token-in-front-channel',
    member: 'responseTypes',
    message: 'has access tokens pass through the browser, where histories, logs and scripts can find them',
    advice: 'Use the response type code with PKCE (RFC 9700 §2.1.2).',
    applies: ({ responseTypes }) => responseTypes.some((type) => type.split(' ').includes('token')),
  },
  {
    code: 'loopback-by-name',
    member: 'redirectUris',
    message: 'has http on localhost: what that name means is decided by files and resolvers of the device',
    advice: 'For applications on a device use http://127.0.0.1 or http://[::1] (RFC 8252 §8.3); elsewhere, https.',
    applies: ({ redirectUris }) => hostsOf(redirectUris, 'http:').includes('localhost'),
  },
  {
    code: 'loopback-of-a-server',
    member: 'redirectUris',
    message: 'has http beside https for a confidential client: development and production share one secret',
    advice: 'Register a client of its own for development.',
    applies: ({ clientType, redirectUris }) =>
      clientType === 'confidential' &&
      hostsOf(redirectUris, 'http:').length > 0 &&
      hostsOf(redirectUris, 'https:').length > 0,
  },
  {
    code: 'private-scheme',
    member: 'redirectUris',
    message: 'has a scheme that any application on a device can claim for itself',
    advice: 'Use an https link that the operating system binds to the application (RFC 8252 §7.2).',
    applies: ({ redirectUris }) => redirectUris.some((uri) => !/^https?:/i.test(uri)),
  },
  {
    code: 'no-pkce',
    member: 'requirePkce',
    message: 'is false: a code that somebody slips in or steals is not noticed',
    advice: 'Require PKCE as soon as the application can do it (RFC 9700 §2.1.1).',
    applies: ({ requirePkce, grantTypes }) => !requirePkce && grantTypes.includes('authorization_code'),
  },
  {
    code: 'no-consent',
    member: 'requireConsent',
    message: 'is false for an application that is not the organisation’s own: people are not asked',
    advice: 'Ask, or mark the application with isFirstParty if it is the organisation’s own.',
    applies: ({ requireConsent, isFirstParty, grantTypes }) =>
      !requireConsent && !isFirstParty && grantTypes.includes('authorization_code'),
  },
  {
    code: 'long-access-token',
    member: 'accessTokenLifetime',
    message: 'is more than an hour: who checks a JWT without asking here believes it for as long, revoked or not',
    advice: 'An hour at most, with refresh tokens; or accessTokenFormat opaque.',
    applies: ({ accessTokenLifetime, accessTokenFormat }) => accessTokenFormat === 'jwt' && accessTokenLifetime > HOUR,
  },
  {
    code: 'long-refresh-token',
    member: 'refreshTokenLifetime',
    message: 'is more than ninety days: nobody notices for as long that a device was lost',
    advice: 'Let people sign in again after ninety days at most.',
    applies: ({ refreshTokenLifetime, grantTypes }) =>
      grantTypes.includes('refresh_token') && refreshTokenLifetime > 90 * DAY,
  },
  {
    code: 'long-id-token',
    member: 'idTokenLifetime',
    message: 'is more than an hour: an ID token says that somebody has just signed in',
    advice: 'Minutes are enough; the session of the application has a lifetime of its own.',
    applies: ({ idTokenLifetime, scopes }) => scopes.includes('openid') && idTokenLifetime > HOUR,
  },
  {
    code: 'long-reuse-window',
    member: 'refreshTokenReuseWindow',
    message: 'is more than thirty seconds: for as long, a stolen refresh token is not told from a lost answer',
    advice: 'Ten seconds are enough for answers that get lost.',
    applies: ({ refreshTokenReuseWindow, grantTypes }) =>
      grantTypes.includes('refresh_token') && refreshTokenReuseWindow > 30,
  },
  {
    code: 'claims-in-id-token',
    member: 'includeClaimsInIdToken',
    message:
      'is true: what is known of a person goes wherever an ID token goes, as id_token_hint into addresses and logs, too',
    advice: 'Ask userinfo, or have ID tokens encrypted to the application with idTokenEncryptedResponseAlg.',
    applies: ({ includeClaimsInIdToken, idTokenEncryptedResponseAlg }) =>
      includeClaimsInIdToken && idTokenEncryptedResponseAlg === null,
  },
  {
    code: 'unsigned-id-token',
    member: 'idTokenSignedResponseAlg',
    message: 'is none: an ID token proves nothing to whoever gets it from somebody else than this server',
    advice: 'Any algorithm with a key.',
    applies: ({ idTokenSignedResponseAlg }) => idTokenSignedResponseAlg === 'none',
  },
  {
    code: 'unsigned-request-object',
    member: 'requestObjectSigningAlg',
    message: 'is none: a request object that nobody signed protects no more than parameters do',
    advice: 'Sign request objects with a key in jwks or at jwksUri (RFC 9101 §10.2).',
    applies: ({ requestObjectSigningAlg }) => requestObjectSigningAlg === 'none',
  },
  {
    code: 'any-request-object',
    member: 'requestObjectSigningAlg',
    message: 'is left open though the client has keys: an unsigned request object is taken as well',
    advice: 'Name the one algorithm that the client signs request objects with.',
    applies: (client) => client.requestObjectSigningAlg === null && client.requestUris.length > 0 && hasKeys(client),
  },
  {
    code: 'any-assertion-algorithm',
    member: 'tokenEndpointAuthSigningAlg',
    message: 'is left open: an assertion may be signed by any algorithm that a key fits',
    advice: 'Name the one algorithm that the client signs with.',
    // With a secret to sign by as well, there is no algorithm that would do for both.
    applies: (client) =>
      client.tokenEndpointAuthSigningAlg === null &&
      allowsAuthMethod(client, 'private_key_jwt') &&
      !allowsAuthMethod(client, 'client_secret_jwt'),
  },
  {
    code: 'short-rsa-key',
    member: 'jwks',
    message: 'has an RSA key of fewer than 3072 bits, which is not thought to last beyond 2030',
    advice: 'Use ES256 or EdDSA, or RSA with 3072 bits.',
    applies: (client) => publicKeys(client).some(({ kty, n }) => kty === 'RSA' && bitsOf(n) < 3072),
  },
  {
    code: 'keys-by-value',
    member: 'jwks',
    message: 'has to be changed here whenever the client changes its keys',
    advice: 'Publish the keys at jwksUri: they can then be exchanged without anybody’s help.',
    applies: (client) =>
      client.jwks !== null && allowedAuthMethods(client).some((method) => assertionMethods.has(method)),
  },
  {
    code: 'secret-in-body',
    member: 'tokenEndpointAuthMethod',
    message: 'is client_secret_post: bodies are logged more often than headers, with the secret in them',
    advice: 'client_secret_basic, or better private_key_jwt, where no secret travels at all.',
    applies: ({ tokenEndpointAuthMethod }) => tokenEndpointAuthMethod === 'client_secret_post',
  },
  {
    code: 'secret-in-body',
    member: 'additionalTokenEndpointAuthMethods',
    message: 'has client_secret_post: bodies are logged more often than headers, with the secret in them',
    advice: 'client_secret_basic, or better private_key_jwt, where no secret travels at all.',
    applies: (client) => client.additionalTokenEndpointAuthMethods.includes('client_secret_post'),
  },
  {
    code: 'weaker-method',
    member: 'additionalTokenEndpointAuthMethods',
    message: 'leaves a weaker method beside a stronger one: whoever has what the weaker takes needs nothing else',
    advice: 'Leave the weaker method out when the client has moved: lastUsedAt of its secrets tells when one was used.',
    applies: (client) => new Set(allowedAuthMethods(client).map(strengthOf)).size > 1,
  },
  {
    code: 'all-rights',
    member: 'scopes',
    message: 'has *: as a permission, that is every right of the administration',
    advice: 'Name the permissions that the client needs.',
    applies: ({ scopes }) => scopes.includes('*'),
  },
]

/** What is risky in a client that contradicts itself in nothing, in an order that stays the same. */
export function lint(client: ClientSettings): Warning[] {
  return rules.filter((rule) => rule.applies(client)).map(({ applies: _, ...warning }) => warning)
}

function hasKeys({ jwks, jwksUri }: ClientSettings): boolean {
  return jwks !== null || jwksUri !== null
}
