import { z } from 'zod'

const text = z.string()
const texts = z.array(z.string())
const flag = z.boolean()

/** The metadata document: RFC 8414 §2 and OpenID Connect Discovery §3, with the members of the extensions. */
export const providerMetadata = z
  .object({
    issuer: text,
    authorization_endpoint: text,
    token_endpoint: text,
    userinfo_endpoint: text,
    jwks_uri: text,
    revocation_endpoint: text,
    introspection_endpoint: text,
    registration_endpoint: text,
    device_authorization_endpoint: text,
    pushed_authorization_request_endpoint: text,
    end_session_endpoint: text,
    check_session_iframe: text,
    frontchannel_logout_supported: flag,
    frontchannel_logout_session_supported: flag,
    backchannel_logout_supported: flag,
    backchannel_logout_session_supported: flag,
    scopes_supported: texts,
    response_types_supported: texts,
    response_modes_supported: texts,
    grant_types_supported: texts,
    subject_types_supported: texts,
    id_token_signing_alg_values_supported: texts,
    userinfo_signing_alg_values_supported: texts,
    request_object_signing_alg_values_supported: texts,
    introspection_signing_alg_values_supported: texts,
    introspection_encryption_alg_values_supported: texts,
    introspection_encryption_enc_values_supported: texts,
    authorization_signing_alg_values_supported: texts,
    authorization_encryption_alg_values_supported: texts,
    authorization_encryption_enc_values_supported: texts,
    id_token_encryption_alg_values_supported: texts,
    id_token_encryption_enc_values_supported: texts,
    userinfo_encryption_alg_values_supported: texts,
    userinfo_encryption_enc_values_supported: texts,
    request_object_encryption_alg_values_supported: texts,
    request_object_encryption_enc_values_supported: texts,
    token_endpoint_auth_methods_supported: texts,
    token_endpoint_auth_signing_alg_values_supported: texts,
    revocation_endpoint_auth_methods_supported: texts,
    revocation_endpoint_auth_signing_alg_values_supported: texts,
    introspection_endpoint_auth_methods_supported: texts,
    introspection_endpoint_auth_signing_alg_values_supported: texts,
    dpop_signing_alg_values_supported: texts,
    code_challenge_methods_supported: texts,
    prompt_values_supported: texts,
    claim_types_supported: texts,
    claims_supported: texts,
    ui_locales_supported: texts,
    claims_parameter_supported: flag,
    acr_values_supported: texts,
    request_parameter_supported: flag,
    request_uri_parameter_supported: flag,
    require_request_uri_registration: flag,
    require_pushed_authorization_requests: flag,
    authorization_response_iss_parameter_supported: flag,
    client_id_metadata_document_supported: flag,
    tls_client_certificate_bound_access_tokens: flag.optional(),
    mtls_endpoint_aliases: z
      .record(z.string(), z.string())
      .meta({ description: 'The endpoints that accept client certificates (RFC 8705 section 5).' })
      .optional(),
    service_documentation: text,
  })
  .meta({ description: 'RFC 8414 section 2, OpenID Connect Discovery section 3.' })
export type ProviderMetadata = z.output<typeof providerMetadata>
