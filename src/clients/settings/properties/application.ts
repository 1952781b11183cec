import { applicationTypes, profileNames } from '../../../model/clients/client.ts'
import * as field from './fields.ts'
import { withDefault } from './defaults.ts'
import { withFormGroup } from './group.ts'

export const application = withFormGroup('Application', {
  name: field.displayName.describe('What people read on the pages.'),
  clientType: field
    .oneOf(['confidential', 'public'])
    .describe('confidential: runs on a server and keeps a secret. public: runs in a browser or on a device. Final.'),
})

export const administration = withFormGroup('Application', {
  externalId: field
    .validatedString((value) =>
      /^[\x21-\x7e]{1,200}$/.test(value) ? undefined : 'must have 1 to 200 printable ASCII characters and no space',
    )
    .nullable()
    .describe(
      'What you call it where you keep its settings (RFC 7643 §3.1), the same on every server: no two clients of an organisation have the same.',
    ),
  description: field
    .text(1000)
    .refine((value) => !/[^\P{Cc}\0\n\t]/u.test(value), {
      error: 'must not hold control characters but tab and line feed',
    })
    .nullable()
    .describe('For administrators.'),
  groups: field
    .listOf(field.groupName)
    .describe('For administrators: names that lists can be narrowed to. They mean nothing to the protocol.'),
  profile: withDefault(
    field
      .oneOf(profileNames)
      .describe('The rules that it is under: openid where it is left out, or strict. See docs/profiles.md.'),
    'openid',
  ),
  applicationType: withDefault(
    field.oneOf(applicationTypes).describe('web or native: told again, and no more. What counts is clientType.'),
    'web',
  ),
  attributes: withDefault(
    field.attributes.describe(
      'For administrators: texts and lists of texts under names of their own, 50 at most and 16 KiB together. They mean nothing to the protocol, and no client is told.',
    ),
    {},
  ),
})

export const display = withFormGroup('Display', {
  logoUri: field.webUri.nullable().describe('A picture for the pages.'),
  clientUri: field.webUri.nullable().describe('Its home page.'),
  policyUri: field.webUri.nullable().describe('What it does with data.'),
  tosUri: field.webUri.nullable().describe('Its terms of service.'),
  contacts: field.listOf(field.emailAddress).describe('E-mail addresses of who is responsible.'),
  localised: withDefault(
    field.localised.describe(
      'The same for people who read another language, by language tag: name, logoUri, clientUri, policyUri, tosUri.',
    ),
    {},
  ),
  softwareId: field
    .text(200)
    .nullable()
    .describe('The name of the software, the same in all that install it (RFC 7591 §2).'),
  softwareVersion: field.text(200).nullable().describe('Of the software.'),
})

export const lifecycle = withFormGroup('Application', {
  expiresAt: field.instant
    .nullable()
    .describe('ISO 8601. From then on it gets nothing; it is disabled, and thirty days later removed. Null: never.'),
  isActive: withDefault(field.boolean.describe('While false it gets nothing and what it holds does not work.'), true),
})
