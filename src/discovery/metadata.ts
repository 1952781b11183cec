// `discovery` publishes what the server supports: the metadata document, the JWKS, the OpenAPI document and `/docs`.
// The metadata is derived from the registries of grant types, authentication methods and response types.
// The keys belong to `keys`; the routes that the OpenAPI document describes belong to their folders.

import { relyingPartyOf } from '../authentication/factors/passkey/relying-party.ts'
import { acrValues, acrValuesWithoutPasskeys } from '../oauth/acr.ts'
import { requiredGrantTypes } from '../oauth/response-type.ts'
import { userScopes } from '../oauth/scope.ts'
import {
  contentEncryptions,
  keyManagementAlgorithms,
  macAlgorithms,
  signingAlgorithms,
} from '../model/clients/client-algorithms.ts'
import { subjectTypes } from '../model/clients/client.ts'
import type { ProviderMetadata } from './provider-metadata.ts'

/** What the metadata is derived from. */
export interface ServerCapabilities {
  issuer: string
  authenticationMethods: readonly { name: string; byConnection?: true }[]
  grantTypes: readonly { name: string }[]
  responseTypes: readonly string[]
  responseModes: readonly string[]
  prompts: readonly string[]
  locales: readonly string[]
  /** The base URL for client certificates; undefined without mutual TLS. */
  mtlsUrl: string | undefined
  /** Whether at least one organisation accepts client ID metadata documents. */
  supportsCimd: boolean
}

/**
 * RFC 8414 §2 and OpenID Connect Discovery §3, with RFC 8628 §4, RFC 8705 §3.3 and §5, RFC 9126 §5, RFC 9449 §5.1, RFC 9701
 * §7, RFC 9207 §3, JARM §4, RP-Initiated Logout §2.1 and the draft of Client ID Metadata Documents §4.
 */
export function serverMetadata(capabilities: ServerCapabilities): ProviderMetadata {
  const endpoint = (path: string) => `${capabilities.issuer}${path}`
  const { mtlsUrl } = capabilities
  const methods = capabilities.authenticationMethods
    .filter(({ byConnection }) => !byConnection || mtlsUrl !== undefined)
    .map(({ name }) => name)
  const assertionAlgorithms = [...signingAlgorithms, ...macAlgorithms]
  const confidentialMethods = methods.filter((name) => name !== 'none')
  return {
    issuer: capabilities.issuer,
    authorization_endpoint: endpoint('/oauth2/authorize'),
    token_endpoint: endpoint('/oauth2/token'),
    userinfo_endpoint: endpoint('/oauth2/userinfo'),
    jwks_uri: endpoint('/oauth2/jwks.json'),
    revocation_endpoint: endpoint('/oauth2/revoke'),
    introspection_endpoint: endpoint('/oauth2/introspect'),
    registration_endpoint: endpoint('/oauth2/register'),
    device_authorization_endpoint: endpoint('/oauth2/device_authorization'),
    pushed_authorization_request_endpoint: endpoint('/oauth2/par'),
    end_session_endpoint: endpoint('/oauth2/logout'),
    check_session_iframe: endpoint('/oauth2/check-session'),
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    scopes_supported: Object.keys(userScopes),
    response_types_supported: [...capabilities.responseTypes],
    response_modes_supported: [...capabilities.responseModes],
    grant_types_supported: [
      ...new Set([
        ...capabilities.grantTypes.map(({ name }) => name),
        ...capabilities.responseTypes.flatMap(requiredGrantTypes),
      ]),
    ],
    subject_types_supported: [...subjectTypes],
    id_token_signing_alg_values_supported: [...signingAlgorithms, 'none'],
    userinfo_signing_alg_values_supported: [...signingAlgorithms],
    request_object_signing_alg_values_supported: [...signingAlgorithms, 'none'],
    introspection_signing_alg_values_supported: [...signingAlgorithms],
    introspection_encryption_alg_values_supported: [...keyManagementAlgorithms],
    introspection_encryption_enc_values_supported: [...contentEncryptions],
    authorization_signing_alg_values_supported: [...signingAlgorithms],
    authorization_encryption_alg_values_supported: [...keyManagementAlgorithms],
    authorization_encryption_enc_values_supported: [...contentEncryptions],
    id_token_encryption_alg_values_supported: [...keyManagementAlgorithms],
    id_token_encryption_enc_values_supported: [...contentEncryptions],
    userinfo_encryption_alg_values_supported: [...keyManagementAlgorithms],
    userinfo_encryption_enc_values_supported: [...contentEncryptions],
    request_object_encryption_alg_values_supported: [...keyManagementAlgorithms],
    request_object_encryption_enc_values_supported: [...contentEncryptions],
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    introspection_endpoint_auth_methods_supported: confidentialMethods,
    introspection_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
    dpop_signing_alg_values_supported: [...signingAlgorithms],
    code_challenge_methods_supported: ['S256'],
    prompt_values_supported: [...capabilities.prompts],
    claim_types_supported: ['normal'],
    claims_supported: [
      ...new Set([
        'iss',
        'aud',
        'exp',
        'iat',
        'auth_time',
        'amr',
        'acr',
        'nonce',
        'at_hash',
        'c_hash',
        'sid',
        ...Object.values(userScopes).flat(),
      ]),
    ],
    ui_locales_supported: [...capabilities.locales],
    claims_parameter_supported: true,
    acr_values_supported: [...(relyingPartyOf(capabilities.issuer) ? acrValues : acrValuesWithoutPasskeys)],
    request_parameter_supported: true,
    request_uri_parameter_supported: true,
    require_request_uri_registration: true,
    // The default of all clients. The registration of a client may require it.
    require_pushed_authorization_requests: false,
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: capabilities.supportsCimd,
    ...(mtlsUrl !== undefined && {
      tls_client_certificate_bound_access_tokens: true,
      mtls_endpoint_aliases: {
        token_endpoint: `${mtlsUrl}/oauth2/token`,
        revocation_endpoint: `${mtlsUrl}/oauth2/revoke`,
        introspection_endpoint: `${mtlsUrl}/oauth2/introspect`,
        userinfo_endpoint: `${mtlsUrl}/oauth2/userinfo`,
        device_authorization_endpoint: `${mtlsUrl}/oauth2/device_authorization`,
        pushed_authorization_request_endpoint: `${mtlsUrl}/oauth2/par`,
      },
    }),
    service_documentation: endpoint('/docs'),
  }
}
