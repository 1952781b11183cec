import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { clientIdMetadataModes } from '../../model/clients/client-id-metadata-settings.ts'
import { registrationPolicies, type RegistrationSettings } from '../../model/clients/registration-settings.ts'
import { profileNames } from '../../model/clients/client.ts'
import { clientIdHostProblem } from '../../oauth/client-id-url.ts'

export const POLICY_PATH = '/v1/admin/registration-policy'

export const registrationPolicySchema = z.strictObject(
  {
    policy: field.oneOf(registrationPolicies),
    profile: field.oneOf(profileNames).describe('The profile of clients that register themselves.'),
    softwareStatementRequired: field.boolean.describe('Whether they need a software statement of a trusted issuer.'),
    clientIdMetadataDocuments: field
      .oneOf(clientIdMetadataModes)
      .describe('Whether a client_id may be the URL of a metadata document: on the listed hosts, or on any.'),
    clientIdMetadataHosts: field.listOf(field.validatedString(clientIdHostProblem)),
    clientIdMetadataScopes: field
      .listOf(field.scope)
      .describe('The scopes that clients with a metadata document may have at most.'),
  },
  { error: 'must be a JSON object' },
)

export function representPolicy({
  policy,
  profile,
  softwareStatementRequired,
  clientIdMetadataDocuments,
  clientIdMetadataHosts,
  clientIdMetadataScopes,
}: RegistrationSettings): z.output<typeof registrationPolicySchema> {
  return {
    policy,
    profile,
    softwareStatementRequired,
    clientIdMetadataDocuments,
    clientIdMetadataHosts: [...clientIdMetadataHosts],
    clientIdMetadataScopes: [...clientIdMetadataScopes],
  }
}
