import { applicationTypes, profileNames } from '../../../model/clients/client.ts'
import { chosenClientIdProblem } from '../../client-id.ts'
import * as field from './fields.ts'
import { withDefault } from './defaults.ts'
import { withFormGroup } from './group.ts'

export const application = withFormGroup('Application', {
  name: field.displayName.describe('The name that users see.'),
  clientType: field
    .oneOf(['confidential', 'public'])
    .describe(
      'confidential: runs on a server and keeps a secret. public: runs in a browser or on a device. Cannot be changed.',
    ),
})

export const clientIdProperty = withFormGroup('Application', {
  clientId: field
    .validatedString(chosenClientIdProblem)
    .optional()
    .describe(
      'The client_id (RFC 6749 §2.2). Generated if it is left out. To choose it, the permission clients:choose_id is needed. Unique on the server, also after the client is deleted. Cannot be changed.',
    ),
})

export const administration = withFormGroup('Application', {
  externalId: field
    .validatedString((value) =>
      /^[\x21-\x7e]{1,200}$/.test(value) ? undefined : 'must have 1 to 200 printable ASCII characters and no space',
    )
    .nullable()
    .describe(
      'Your own identifier of the client, such as in configuration files (RFC 7643 §3.1). Unique within the organisation.',
    ),
  description: field
    .visibleText(1000)
    .refine((value) => !/[^\P{Cc}\0\n\t]/u.test(value), {
      error: 'must not hold control characters but tab and line feed',
    })
    .nullable()
    .describe('For administrators.'),
  groups: field
    .listOf(field.groupName)
    .describe('Names for filtering lists of clients. They have no effect on the protocol.'),
  profile: withDefault(
    field.oneOf(profileNames).describe('The profile: a set of rules. Default openid. See docs/profiles.md.'),
    'openid',
  ),
  applicationType: withDefault(
    field.oneOf(applicationTypes).describe('web or native. Returned, but without effect: clientType decides.'),
    'web',
  ),
  attributes: withDefault(
    field.attributes.describe(
      'Your own data about the client: at most 50 strings or lists of strings, 16 KiB in total. They have no effect on the protocol, and clients do not see them.',
    ),
    {},
  ),
})

export const display = withFormGroup('Display', {
  logoUri: field.webUri.nullable().describe('The URL of its logo.'),
  clientUri: field.webUri.nullable().describe('The URL of its home page.'),
  policyUri: field.webUri.nullable().describe('The URL of its privacy policy.'),
  tosUri: field.webUri.nullable().describe('The URL of its terms of service.'),
  contacts: field.listOf(field.emailAddress).describe('The e-mail addresses of the people responsible.'),
  localised: withDefault(
    field.localised.describe('Localised values by language tag: name, logoUri, clientUri, policyUri, tosUri.'),
    {},
  ),
  softwareId: field
    .visibleText(200)
    .nullable()
    .describe('The identifier of the software, the same for all its installations (RFC 7591 §2).'),
  softwareVersion: field.visibleText(200).nullable().describe('The version of the software.'),
})

export const lifecycle = withFormGroup('Application', {
  expiresAt: field.instant
    .nullable()
    .describe('ISO 8601. At this time the client is disabled, and thirty days later it is deleted. Null: never.'),
  isActive: withDefault(
    field.boolean.describe('While false, the client gets no tokens, and its tokens and grants do not work.'),
    true,
  ),
})
