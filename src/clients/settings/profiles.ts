import {
  macAlgorithms,
  signingAlgorithms,
  type Client,
  type MacAlgorithm,
  type ProfileName,
  type SigningAlgorithm,
} from '../../model/clients/client.ts'
import { deviceCodeGrantType } from '../../oauth/device-code.ts'
import type { ClientType } from '../../oauth/redirect-uri.ts'
import { responseModes, responseTypes, type ResponseMode, type ResponseType } from '../../oauth/response-type.ts'

/**
 * What a client may be and do, whatever it registered: the rules that profiles of OAuth disagree about. Whoever decides
 * asks the record and never its name. Of a list, what stands first is what a client gets that does not say.
 */
export interface ClientProfile {
  grantTypes: readonly string[]
  responseTypes: readonly ResponseType[]
  responseModes: readonly ResponseMode[]
  authenticationMethods: readonly string[]
  /** Whether clients that keep a secret cannot do without PKCE either: public ones never can (RFC 9700 §2.1.1). */
  requiresPkce: boolean
  /** Hosts of the person's own device to which a redirect may go by http. */
  httpRedirectHosts: Readonly<Record<ClientType, readonly string[]>>
  idTokenAlgorithms: readonly (SigningAlgorithm | 'none')[]
  accessTokenAlgorithms: readonly SigningAlgorithm[]
  userinfoAlgorithms: readonly SigningAlgorithm[]
  introspectionAlgorithms: readonly SigningAlgorithm[]
  authorizationResponseAlgorithms: readonly SigningAlgorithm[]
  assertionAlgorithms: readonly (SigningAlgorithm | MacAlgorithm)[]
  /** `any`: the `aud` of an assertion holds a name of ours; `issuer`: it is the issuer, as one string and alone. */
  assertionAudience: 'any' | 'issuer'
  dpopAlgorithms: readonly SigningAlgorithm[]
  /** Whether DPoP proofs must have a nonce of this server (RFC 9449 §8), so that none can be made in advance. */
  requiresDpopNonce: boolean
  requestObjectAlgorithms: readonly (SigningAlgorithm | 'none')[]
  /** Whether parameters beside a request object count where it does not have them. */
  mergesRequestObject: boolean
  /** Seconds; of codes at most ten minutes (RFC 6749 §4.1.2). */
  maxCodeLifetime: number
  maxAccessTokenLifetime: number
}

const loopbackHosts = ['localhost', '127.0.0.1', '[::1]']
const modernAlgorithms = ['ES256', 'PS256', 'EdDSA'] as const

const profiles: Readonly<Record<ProfileName, ClientProfile>> = {
  /** All that OpenID Connect Core and Registration let a client ask for, as far as RFC 9700 does not forbid it. */
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
    assertionAlgorithms: [...signingAlgorithms, ...macAlgorithms],
    assertionAudience: 'any',
    dpopAlgorithms: signingAlgorithms,
    requiresDpopNonce: false,
    requestObjectAlgorithms: [...signingAlgorithms, 'none'],
    mergesRequestObject: true,
    maxCodeLifetime: 600,
    maxAccessTokenLifetime: 86_400,
  },
  /** RFC 9700 and OAuth 2.1, with what they recommend taken as said. */
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
    assertionAlgorithms: modernAlgorithms,
    assertionAudience: 'issuer',
    dpopAlgorithms: modernAlgorithms,
    requiresDpopNonce: true,
    requestObjectAlgorithms: modernAlgorithms,
    mergesRequestObject: false,
    maxCodeLifetime: 60,
    maxAccessTokenLifetime: 3_600,
  },
}

/** The policies that a client is under. */
export function profileOf({ profile }: Pick<Client, 'profile'>): ClientProfile {
  return profiles[profile]
}
