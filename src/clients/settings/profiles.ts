import {
  clientSigningAlgorithms,
  macAlgorithms,
  signingAlgorithms,
  type ClientSigningAlgorithm,
  type MacAlgorithm,
  type SigningAlgorithm,
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
  /** Whether confidential clients must use PKCE, as public ones always must (RFC 9700 §2.1.1). */
  requiresPkce: boolean
  /** Loopback hosts to which a redirect URI may use http. */
  httpRedirectHosts: Readonly<Record<ClientType, readonly string[]>>
  idTokenAlgorithms: readonly (SigningAlgorithm | 'none')[]
  accessTokenAlgorithms: readonly SigningAlgorithm[]
  userinfoAlgorithms: readonly SigningAlgorithm[]
  introspectionAlgorithms: readonly SigningAlgorithm[]
  authorizationResponseAlgorithms: readonly SigningAlgorithm[]
  assertionAlgorithms: readonly (ClientSigningAlgorithm | MacAlgorithm)[]
  /** `any`: the `aud` of an assertion contains one of the server's URLs. `issuer`: it is the issuer, as a single string. */
  assertionAudience: 'any' | 'issuer'
  dpopAlgorithms: readonly ClientSigningAlgorithm[]
  /** Whether DPoP proofs must have a server nonce (RFC 9449 §8), so that they cannot be made in advance. */
  requiresDpopNonce: boolean
  requestObjectAlgorithms: readonly (ClientSigningAlgorithm | 'none')[]
  /** Whether parameters outside the request object are used where it does not have them. */
  mergesRequestObject: boolean
  /** In seconds. Codes live at most ten minutes (RFC 6749 §4.1.2). */
  maxCodeLifetime: number
  maxAccessTokenLifetime: number
}

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]']
const modernAlgorithms = ['ES256', 'PS256', 'EdDSA'] as const
const modernClientAlgorithms = [...modernAlgorithms, 'Ed25519', 'ES384', 'ES512', 'PS384', 'PS512'] as const

const profiles: Readonly<Record<ProfileName, ClientProfile>> = {
  /** Everything that OpenID Connect Core and Registration allow, unless RFC 9700 forbids it. */
  openid: {
    grantTypes: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials', deviceCodeGrantType],
    responseTypes,
    responseModes,
    authenticationMethods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'tls_client_auth',
      'self_signed_tls_client_auth',
      'none',
    ],
    requiresPkce: false,
    httpRedirectHosts: { confidential: loopbackHosts, public: loopbackHosts },
    idTokenAlgorithms: [...signingAlgorithms, 'none'],
    accessTokenAlgorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    userinfoAlgorithms: signingAlgorithms,
    introspectionAlgorithms: signingAlgorithms,
    authorizationResponseAlgorithms: signingAlgorithms,
    assertionAlgorithms: [...clientSigningAlgorithms, ...macAlgorithms],
    assertionAudience: 'any',
    dpopAlgorithms: clientSigningAlgorithms,
    requiresDpopNonce: false,
    requestObjectAlgorithms: [...clientSigningAlgorithms, 'none'],
    mergesRequestObject: true,
    maxCodeLifetime: 600,
    maxAccessTokenLifetime: 86_400,
  },
  /** RFC 9700 and OAuth 2.1, with their recommendations as requirements. */
  strict: {
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials', deviceCodeGrantType],
    responseTypes: ['code'],
    responseModes: ['query', 'form_post', 'jwt', 'query.jwt', 'form_post.jwt'],
    authenticationMethods: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'none'],
    requiresPkce: true,
    httpRedirectHosts: { confidential: [], public: ['127.0.0.1', '[::1]'] },
    idTokenAlgorithms: modernAlgorithms,
    accessTokenAlgorithms: modernAlgorithms,
    userinfoAlgorithms: modernAlgorithms,
    introspectionAlgorithms: modernAlgorithms,
    authorizationResponseAlgorithms: modernAlgorithms,
    assertionAlgorithms: modernClientAlgorithms,
    assertionAudience: 'issuer',
    dpopAlgorithms: modernClientAlgorithms,
    requiresDpopNonce: true,
    requestObjectAlgorithms: modernClientAlgorithms,
    mergesRequestObject: false,
    maxCodeLifetime: 60,
    maxAccessTokenLifetime: 3_600,
  },
}

/** The rules of a client's profile. */
export function profileOf({ profile }: Pick<Client, 'profile'>): ClientProfile {
  return profiles[profile]
}
