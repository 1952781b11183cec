import { parseUrl } from '../../lib/url.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import { allowsAuthMethod, allowedAuthMethods } from '../../model/clients/authentication-methods.ts'
import type { ClientSettings } from '../../model/clients/client.ts'
import { profileIssues } from './profile-limits.ts'
import { sectorsOf } from '../subject-identifier.ts'
import { deviceCodeGrantType } from '../../oauth/device-code.ts'
import { redirectUriProblem, responseParameterProblem } from '../../oauth/redirect-uri.ts'
import { requiredGrantTypes, responseTypeIncludes } from '../../oauth/response-type.ts'

/** A rule about several settings, each of which is valid by itself. */
interface Rule {
  /** The settings that it reads. */
  reads: readonly (keyof ClientSettings)[]
  find(client: ClientSettings): ValidationIssue[]
}

/** Methods that use a public key of the client. */
const keyBasedMethods = new Set(['private_key_jwt', 'self_signed_tls_client_auth'])

const authMethodProperties = ['tokenEndpointAuthMethod', 'additionalTokenEndpointAuthMethods'] as const

const certificateSubjects = [
  'tlsClientAuthSubjectDn',
  'tlsClientAuthSanDns',
  'tlsClientAuthSanUri',
  'tlsClientAuthSanIp',
  'tlsClientAuthSanEmail',
] as const

/** What can be encrypted. `reader`: to a key of the client. */
const encryptions = [
  { alg: 'idTokenEncryptedResponseAlg', enc: 'idTokenEncryptedResponseEnc', reader: true },
  { alg: 'userinfoEncryptedResponseAlg', enc: 'userinfoEncryptedResponseEnc', reader: true },
  { alg: 'introspectionEncryptedResponseAlg', enc: 'introspectionEncryptedResponseEnc', reader: true },
  { alg: 'authorizationEncryptedResponseAlg', enc: 'authorizationEncryptedResponseEnc', reader: true },
  { alg: 'requestObjectEncryptionAlg', enc: 'requestObjectEncryptionEnc', reader: false },
] as const

const rules: readonly Rule[] = [
  {
    reads: ['redirectUris', 'clientType'],
    find: (client) => redirectUriIssues('redirectUris', client),
  },
  {
    reads: ['postLogoutRedirectUris', 'clientType'],
    find: (client) => redirectUriIssues('postLogoutRedirectUris', client),
  },
  {
    reads: ['grantTypes', 'redirectUris'],
    find: ({ grantTypes, redirectUris }) =>
      issueIf(
        grantTypes.some((grant) => grant === 'authorization_code' || grant === 'implicit') && redirectUris.length === 0,
        ['redirectUris'],
        'must contain at least one URI for the grants authorization_code and implicit (for a client without users, send grantTypes ["client_credentials"])',
      ),
  },
  {
    reads: ['grantTypes', 'clientType'],
    find: ({ grantTypes, clientType }) =>
      issueIf(
        clientType === 'public' && grantTypes.includes('client_credentials'),
        ['grantTypes', grantTypes.indexOf('client_credentials')],
        'is for confidential clients only: a public client cannot keep a secret',
      ),
  },
  {
    reads: ['grantTypes'],
    find: ({ grantTypes }) =>
      issueIf(
        grantTypes.includes('refresh_token') &&
          !grantTypes.includes('authorization_code') &&
          !grantTypes.includes(deviceCodeGrantType),
        ['grantTypes', grantTypes.indexOf('refresh_token')],
        `needs authorization_code or ${deviceCodeGrantType} beside it: only these issue refresh tokens`,
      ),
  },
  {
    reads: ['responseTypes', 'grantTypes'],
    find: ({ responseTypes, grantTypes }) => [
      ...responseTypes.flatMap((type, index) => {
        const missing = requiredGrantTypes(type).filter((grant) => !grantTypes.includes(grant))
        return issueIf(
          missing.length > 0,
          ['responseTypes', index],
          `needs ${missing.join(' and ')} among grantTypes (OpenID Connect Registration §2)`,
        )
      }),
      ...(['authorization_code', 'implicit'] as const).flatMap((grant) =>
        issueIf(
          grantTypes.includes(grant) && !responseTypes.some((type) => requiredGrantTypes(type).includes(grant)),
          ['responseTypes'],
          grant === 'implicit'
            ? 'must contain one of id_token, id_token token, code id_token, code token, code id_token token for the grant implicit'
            : 'must contain one with code for the grant authorization_code',
        ),
      ),
    ],
  },
  {
    reads: [...authMethodProperties, 'jwks', 'jwksUri'],
    find: (client) =>
      allowedAuthMethods(client).flatMap((method) =>
        issueIf(
          keyBasedMethods.has(method) && client.jwks === null && client.jwksUri === null,
          pathOfMethod(client, method),
          'needs the public keys of the client, in jwks or at jwksUri',
        ),
      ),
  },
  {
    reads: [...authMethodProperties, 'tokenEndpointAuthSigningAlg'],
    find: (client) =>
      allowedAuthMethods(client).flatMap((method) =>
        issueIf(
          client.tokenEndpointAuthSigningAlg !== null &&
            (client.tokenEndpointAuthSigningAlg === 'HS256') !== (method === 'client_secret_jwt') &&
            method.endsWith('_jwt'),
          ['tokenEndpointAuthSigningAlg'],
          method === 'client_secret_jwt'
            ? 'must be HS256 for client_secret_jwt, which signs with a secret'
            : 'must not be HS256 for private_key_jwt, which signs with a private key',
        ),
      ),
  },
  {
    reads: [...authMethodProperties, ...certificateSubjects],
    find(client) {
      const named = certificateSubjects.filter((name) => client[name] !== null)
      const needed = allowsAuthMethod(client, 'tls_client_auth') ? 1 : 0
      return issueIf(
        named.length !== needed,
        named[needed] === undefined ? pathOfMethod(client, 'tls_client_auth') : [named[needed]],
        needed === 0
          ? 'is for tls_client_auth only'
          : `needs exactly one of ${certificateSubjects.join(', ')} (RFC 8705 §2.1.2)`,
      )
    },
  },
  ...encryptions.map(({ alg, enc, reader }): Rule => ({
    reads: [alg, enc, 'jwks', 'jwksUri'],
    find: (client) => [
      ...issueIf(client[enc] !== null && client[alg] === null, [enc], `needs ${alg} beside it`),
      ...issueIf(
        reader && client[alg] !== null && client.jwks === null && client.jwksUri === null,
        [alg],
        'needs a public key of the client to encrypt to, in jwks or at jwksUri',
      ),
    ],
  })),
  {
    reads: ['requireSignedRequestObject', 'requestObjectSigningAlg', 'jwks', 'jwksUri'],
    find: ({ requireSignedRequestObject, requestObjectSigningAlg, jwks, jwksUri }) => [
      ...issueIf(
        requireSignedRequestObject && jwks === null && jwksUri === null,
        ['requireSignedRequestObject'],
        'needs the public keys of the client, in jwks or at jwksUri',
      ),
      ...issueIf(
        requireSignedRequestObject && requestObjectSigningAlg === 'none',
        ['requestObjectSigningAlg'],
        'must not be none where request objects must be signed',
      ),
    ],
  },
  {
    reads: ['subjectType', 'sectorIdentifierUri', 'redirectUris'],
    find: ({ subjectType, sectorIdentifierUri, redirectUris }) =>
      issueIf(
        subjectType === 'pairwise' && sectorIdentifierUri === null && sectorsOf(redirectUris).length > 1,
        ['sectorIdentifierUri'],
        'is required: subjectType is pairwise, and the redirect URIs have several hosts',
      ),
  },
  {
    // OpenID Connect Front-Channel Logout §2: the page that is loaded has the cookies of the application.
    reads: ['frontchannelLogoutUri', 'redirectUris'],
    find: ({ frontchannelLogoutUri: uri, redirectUris }) =>
      issueIf(
        uri !== null && !redirectUris.some((known) => parseUrl(known)?.origin === new URL(uri).origin),
        ['frontchannelLogoutUri'],
        'must have the scheme, host and port of a redirect URI',
      ),
  },
  {
    reads: ['jwks', 'jwksUri'],
    find: ({ jwks, jwksUri }) => issueIf(jwks !== null && jwksUri !== null, ['jwks'], 'must not be set beside jwksUri'),
  },
  {
    reads: ['idTokenSignedResponseAlg', 'responseTypes'],
    find: ({ idTokenSignedResponseAlg, responseTypes }) =>
      issueIf(
        idTokenSignedResponseAlg === 'none' && responseTypes.some((type) => responseTypeIncludes(type, 'id_token')),
        ['idTokenSignedResponseAlg'],
        'must not be none where ID tokens pass through the browser: they could be forged',
      ),
  },
  // Tokens in the front channel are issued before the client has proven possession of a key.
  ...(['tlsClientCertificateBoundAccessTokens', 'dpopBoundAccessTokens'] as const).map((bound): Rule => ({
    reads: [bound, 'responseTypes'],
    find: (client) =>
      issueIf(
        client[bound] && client.responseTypes.some((type) => responseTypeIncludes(type, 'token')),
        [bound],
        'must not be true where access tokens pass through the browser: these cannot be bound',
      ),
  })),
  {
    reads: ['scopes', 'grantTypes'],
    find: ({ scopes, grantTypes }) =>
      issueIf(
        scopes.includes('offline_access') && !grantTypes.includes('refresh_token'),
        ['scopes', scopes.indexOf('offline_access')],
        'requests refresh tokens: add refresh_token to grantTypes, or remove offline_access',
      ),
  },
  {
    reads: ['requirePkce', 'clientType'],
    find: ({ requirePkce, clientType }) =>
      issueIf(clientType === 'public' && !requirePkce, ['requirePkce'], 'must be true for a public client'),
  },
  {
    reads: ['tokenEndpointAuthMethod', 'clientType'],
    find: ({ tokenEndpointAuthMethod, clientType }) => [
      ...issueIf(
        clientType === 'public' && tokenEndpointAuthMethod !== 'none',
        ['tokenEndpointAuthMethod'],
        'must be none for a public client, which has no secret',
      ),
      ...issueIf(
        clientType === 'confidential' && tokenEndpointAuthMethod === 'none',
        ['tokenEndpointAuthMethod'],
        'must not be none for a confidential client: choose one with a secret, a key or a certificate',
      ),
    ],
  },
  {
    reads: [...authMethodProperties, 'clientType'],
    find: ({ tokenEndpointAuthMethod, additionalTokenEndpointAuthMethods: additional, clientType }) => [
      ...issueIf(
        clientType === 'public' && additional.length > 0,
        ['additionalTokenEndpointAuthMethods'],
        'must be empty for a public client, which has no credentials',
      ),
      ...issueIf(
        additional.includes(tokenEndpointAuthMethod),
        ['additionalTokenEndpointAuthMethods', additional.indexOf(tokenEndpointAuthMethod)],
        'must not repeat tokenEndpointAuthMethod',
      ),
    ],
  },
  {
    reads: ['defaultAcrValues', 'authorizedAcrValues'],
    find: ({ defaultAcrValues, authorizedAcrValues: allowed }) =>
      defaultAcrValues.flatMap((value, index) =>
        issueIf(
          allowed.length > 0 && !allowed.includes(value),
          ['defaultAcrValues', index],
          'must be one of authorizedAcrValues',
        ),
      ),
  },
]

/**
 * An issue for each way in which the settings of a client contradict one another or its profile. `unreadable` names
 * settings that are invalid by themselves; rules that read one of them are skipped.
 */
export function validateSettings(
  client: ClientSettings,
  unreadable: ReadonlySet<unknown> = new Set(),
): ValidationIssue[] {
  const applicableRules = rules.filter(({ reads }) => !reads.some((name) => unreadable.has(name)))
  return [...applicableRules.flatMap((rule) => rule.find(client)), ...profileIssues(client, unreadable)]
}

function redirectUriIssues(name: 'redirectUris' | 'postLogoutRedirectUris', client: ClientSettings): ValidationIssue[] {
  return client[name].flatMap((uri, index) => {
    const message = redirectUriProblem(uri, client.clientType) ?? responseParameterProblem(uri)
    return message === undefined ? [] : [{ path: [name, index], code: 'custom', message }]
  })
}

/** The path of an authentication method in the settings. */
function pathOfMethod(client: ClientSettings, method: string): ValidationIssue['path'] {
  const index = client.additionalTokenEndpointAuthMethods.indexOf(method)
  return client.tokenEndpointAuthMethod === method || index < 0
    ? ['tokenEndpointAuthMethod']
    : ['additionalTokenEndpointAuthMethods', index]
}

function issueIf(condition: boolean, path: ValidationIssue['path'], message: string): ValidationIssue[] {
  return condition ? [{ path, code: 'custom', message }] : []
}
