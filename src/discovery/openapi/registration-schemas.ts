import type { OpenAPIV3_1 } from 'openapi-types'
import type { Schema } from './operation.ts'
import { described, object, seconds, text, texts } from './schema-parts.ts'

const clientMetadata: Record<string, Schema> = {
  client_name: text,
  redirect_uris: texts,
  post_logout_redirect_uris: texts,
  grant_types: texts,
  response_types: texts,
  scope: described('By spaces; all that is about people where it is left out.'),
  token_endpoint_auth_method: text,
  application_type: { type: 'string', enum: ['web', 'native'] },
  client_uri: text,
  logo_uri: text,
  policy_uri: text,
  tos_uri: text,
  contacts: texts,
  default_max_age: { type: 'integer', description: 'Seconds.' },
  require_auth_time: { type: 'boolean' },
  id_token_signed_response_alg: text,
  subject_type: text,
  sector_identifier_uri: text,
  initiate_login_uri: text,
  jwks: { type: 'object' },
  jwks_uri: text,
  request_object_signing_alg: text,
  request_uris: texts,
  token_endpoint_auth_signing_alg: text,
  userinfo_signed_response_alg: text,
  access_token_format: { type: 'string', enum: ['jwt', 'opaque'], description: 'Ours; jwt where it is left out.' },
  software_id: text,
  software_version: text,
}

/** Client metadata under the names of RFC 7591. */
export const registrationSchemas: Readonly<Record<string, OpenAPIV3_1.SchemaObject>> = {
  ClientMetadata: object(
    [],
    clientMetadata,
    'RFC 7591 §2. Others are passed over; client_name#fr and the like are kept.',
  ),
  RegisteredClient: object(
    ['client_id', 'client_id_issued_at', 'registration_access_token', 'registration_client_uri', 'redirect_uris'],
    {
      client_id: text,
      client_id_issued_at: seconds,
      client_secret: described('Only in the answer that registers the client.'),
      client_secret_expires_at: { type: 'integer', description: 'Always 0: never.' },
      registration_access_token: described('For the next request on this registration.'),
      registration_client_uri: described('Where the registration is read, replaced and deleted.'),
      ...clientMetadata,
    },
    'RFC 7591 §3.2.1.',
  ),
}
