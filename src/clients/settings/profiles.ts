import {
  signingAlgorithms,
  macAlgorithms,
  type SigningAlgorithm,
  type MacAlgorithm,
} from '../../model/clients/client-algorithms.ts'
import type { Client, ProfileName } from '../../model/clients/client.ts'
import { deviceCodeGrantType } from '../../oauth/device-code.ts'
import type { ClientType } from '../../oauth/redirect-uri.ts'
import { responseModes, responseTypes, type ResponseMode, type ResponseType } from '../../oauth/response-type.ts'

/**
 * The rules of a client profile, about which the profiles of OAuth disagree. Code reads the rules and never compares the
 * name of the profile. The first value of a list is the default.
 */
export interface ClientProfile {
  grantTypes: readonly string[]
  responseTypes: readonly ResponseType[]
  responseModes: readonly ResponseMode[]
  authenticationMethods: readonly string[]
  clientTypes: readonly ClientType[]
  /** Settings that must be true, and are so unless a registration says otherwise. Public clients always use PKCE. */
  requiredSettings: readonly RequirableSetting[]
  /** Whether access tokens must be bound to a certificate or a key of the client (RFC 8705 §3, RFC 9449 §5). */
  requiresSenderConstraint: boolean
  /** Response types that must be sent as a JWT (JARM). */
  jarmResponseTypes: readonly ResponseType[]
  /** Loopback hosts to which a redirect URI may use http. */
  httpRedirectHosts: Readonly<Record<ClientType, readonly string[]>>
  idTokenAlgorithms: readonly (SigningAlgorithm | 'none')[]
  accessTokenAlgorithms: readonly SigningAlgorithm[]
  userinfoAlgorithms: readonly SigningAlgorithm[]
  introspectionAlgorithms: readonly SigningAlgorithm[]
  authorizationResponseAlgorithms: readonly SigningAlgorithm[]
  assertionAlgorithms: readonly (SigningAlgorithm | MacAlgorithm)[]
  /** `any`: the `aud` of an assertion contains one of the server's URLs. `issuer`: it is the issuer, as a single string. */
  assertionAudience: 'any' | 'issuer'
  dpopAlgorithms: readonly SigningAlgorithm[]
  /** Whether DPoP proofs must have a server nonce (RFC 9449 §8), so that they cannot be made in advance. */
  requiresDpopNonce: boolean
  requestObjectAlgorithms: readonly (SigningAlgorithm | 'none')[]
  /** Whether parameters outside the request object are used where it does not have them. */
  mergesRequestObject: boolean
  /** Whether a request object must have `nbf` and `exp`, and be valid for at most an hour (FAPI 1.0 Advanced §5.2.2). */
  requiresRequestObjectDates: boolean
  /** Parameters that a request object must have. */
  requestObjectParameters: readonly string[]
  /** Whether the refresh tokens of confidential clients stay the same (FAPI 2.0 Security Profile §5.3.2.1). */
  keepsRefreshTokens: boolean
  /** In seconds. Codes live at most ten minutes (RFC 6749 §4.1.2). */
  maxCodeLifetime: number
  maxAccessTokenLifetime: number
}

/** Settings that a profile can require to be true. */
type RequirableSetting =
  | 'requirePkce'
  | 'requirePushedAuthorizationRequests'
  | 'requireSignedRequestObject'
  | 'tlsClientCertificateBoundAccessTokens'

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]']
const modernAlgorithms = ['ES256', 'PS256', 'EdDSA', 'Ed25519', 'ES384', 'ES512', 'PS384', 'PS512'] as const
/** FAPI 2.0 Security Profile §5.4.1. */
const fapiAlgorithms = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const
const fapi1Algorithms = ['PS256', 'ES256'] as const

/** RFC 9700 and OAuth 2.1, with their recommendations as requirements. */
const oauth21: ClientProfile = {
  clientTypes: ['confidential', 'public'],
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials', deviceCodeGrantType],
  responseTypes: ['code'],
  responseModes: ['query', 'form_post', 'jwt', 'query.jwt', 'form_post.jwt'],
  jarmResponseTypes: [],
  authenticationMethods: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'none'],
  requiredSettings: ['requirePkce'],
  requiresSenderConstraint: false,
  httpRedirectHosts: { confidential: [], public: ['127.0.0.1', '[::1]'] },
  idTokenAlgorithms: modernAlgorithms,
  accessTokenAlgorithms: modernAlgorithms,
  userinfoAlgorithms: modernAlgorithms,
  introspectionAlgorithms: modernAlgorithms,
  authorizationResponseAlgorithms: modernAlgorithms,
  assertionAlgorithms: modernAlgorithms,
  assertionAudience: 'issuer',
  dpopAlgorithms: modernAlgorithms,
  requiresDpopNonce: true,
  requestObjectAlgorithms: modernAlgorithms,
  mergesRequestObject: false,
  requiresRequestObjectDates: false,
  requestObjectParameters: [],
  keepsRefreshTokens: false,
  maxCodeLifetime: 60,
  maxAccessTokenLifetime: 3_600,
}

/** FAPI 2.0 Security Profile. */
const fapi2Security: ClientProfile = {
  ...oauth21,
  clientTypes: ['confidential'],
  authenticationMethods: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
  requiredSettings: ['requirePkce', 'requirePushedAuthorizationRequests'],
  requiresSenderConstraint: true,
  idTokenAlgorithms: fapiAlgorithms,
  accessTokenAlgorithms: fapiAlgorithms,
  userinfoAlgorithms: fapiAlgorithms,
  introspectionAlgorithms: fapiAlgorithms,
  authorizationResponseAlgorithms: fapiAlgorithms,
  assertionAlgorithms: fapiAlgorithms,
  dpopAlgorithms: fapiAlgorithms,
  requestObjectAlgorithms: fapiAlgorithms,
  requiresRequestObjectDates: true,
  keepsRefreshTokens: true,
}

const profiles: Readonly<Record<ProfileName, ClientProfile>> = {
  /** Everything that OpenID Connect Core and Registration allow, unless RFC 9700 forbids it. */
  openid: {
    clientTypes: ['confidential', 'public'],
    grantTypes: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials', deviceCodeGrantType],
    responseTypes,
    responseModes,
    jarmResponseTypes: [],
    authenticationMethods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'tls_client_auth',
      'self_signed_tls_client_auth',
      'none',
    ],
    requiredSettings: [],
    requiresSenderConstraint: false,
    httpRedirectHosts: { confidential: loopbackHosts, public: loopbackHosts },
    idTokenAlgorithms: [...signingAlgorithms, 'none'],
    accessTokenAlgorithms: ['ES256', ...signingAlgorithms.filter((alg) => alg !== 'ES256')],
    userinfoAlgorithms: signingAlgorithms,
    introspectionAlgorithms: signingAlgorithms,
    authorizationResponseAlgorithms: signingAlgorithms,
    assertionAlgorithms: [...signingAlgorithms, ...macAlgorithms],
    assertionAudience: 'any',
    dpopAlgorithms: signingAlgorithms,
    requiresDpopNonce: false,
    requestObjectAlgorithms: [...signingAlgorithms, 'none'],
    mergesRequestObject: true,
    requiresRequestObjectDates: false,
    requestObjectParameters: [],
    keepsRefreshTokens: false,
    maxCodeLifetime: 600,
    maxAccessTokenLifetime: 86_400,
  },
  'oauth2.1': oauth21,
  'fapi2-security': fapi2Security,
  /** FAPI 2.0 Message Signing, for requests. A client asks for signed responses by `requireJarm`. */
  'fapi2-message-signing': {
    ...fapi2Security,
    requiredSettings: [...fapi2Security.requiredSettings, 'requireSignedRequestObject'],
  },
  /** FAPI 1.0 Part 2: Advanced. */
  'fapi1-advanced': {
    ...fapi2Security,
    grantTypes: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'],
    responseTypes: ['code', 'code id_token'],
    responseModes,
    jarmResponseTypes: ['code'],
    requiredSettings: ['requireSignedRequestObject', 'tlsClientCertificateBoundAccessTokens'],
    idTokenAlgorithms: fapi1Algorithms,
    accessTokenAlgorithms: fapi1Algorithms,
    userinfoAlgorithms: fapi1Algorithms,
    introspectionAlgorithms: fapi1Algorithms,
    authorizationResponseAlgorithms: fapi1Algorithms,
    assertionAlgorithms: fapi1Algorithms,
    assertionAudience: 'any',
    requestObjectAlgorithms: fapi1Algorithms,
    requestObjectParameters: ['scope', 'redirect_uri'],
    keepsRefreshTokens: false,
  },
}

/** The rules of a client's profile. */
export function profileOf({ profile }: Pick<Client, 'profile'>): ClientProfile {
  return profiles[profile]
}

/** Whether the refresh tokens of this client stay the same when they are used. */
export function keepsRefreshTokens({ clientType, profile }: Pick<Client, 'clientType' | 'profile'>): boolean {
  return clientType === 'confidential' && profileOf({ profile }).keepsRefreshTokens
}

/** Whether a response of this type must be a JWT. Without a known type, the response is an error. */
export function requiresJarm(client: Pick<Client, 'profile' | 'requireJarm'>, type: ResponseType | undefined): boolean {
  return client.requireJarm || profileOf(client).jarmResponseTypes.some((name) => type === undefined || name === type)
}
