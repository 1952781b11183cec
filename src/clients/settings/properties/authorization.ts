import { subjectTypes } from '../../../model/clients/client.ts'
import { deviceCodeGrantType } from '../../../oauth/device-code.ts'
import { responseTypes } from '../../../oauth/response-type.ts'
import { userClaimNames } from '../../../oauth/scope.ts'
import * as field from './fields.ts'
import { withDefault } from './defaults.ts'
import { withFormGroup } from './group.ts'

/** The grants that a client can be registered for. */
export const clientGrantTypes = [
  'authorization_code',
  'implicit',
  'refresh_token',
  'client_credentials',
  deviceCodeGrantType,
] as const

export const authorization = withFormGroup('Grants and scopes', {
  scopes: field.listOf(field.scope).describe('All that it may ask for; openid where it is left out.'),
  grantTypes: field
    .listOf(field.oneOf(clientGrantTypes))
    .min(1, { error: 'must name at least one grant' })
    .describe(
      'authorization_code and refresh_token where it is left out, and client_credentials for a confidential client with scopes of its own.',
    ),
  responseTypes: field
    .listOf(field.oneOf(responseTypes))
    .describe(
      'What it may ask the authorization endpoint for: code for authorization_code where it is left out. The others put tokens into the browser and need implicit among grantTypes.',
    ),
  requirePkce: withDefault(
    field.boolean.describe('True where it is left out; a public client cannot do without.'),
    true,
  ),
  pkceRequired: field.boolean.describe('Another name of requirePkce.'),
  requireConsent: withDefault(field.boolean.describe('Whether people are asked; true where it is left out.'), true),
  isFirstParty: withDefault(
    field.boolean.describe(
      'An application of the organisation itself: nobody is asked, and it learns roles and permissions.',
    ),
    false,
  ),
  rememberConsent: withDefault(
    field.boolean.describe(
      'Whether people who have agreed are not asked again; true where it is left out. While it is false each request asks.',
    ),
    true,
  ),
  allowedClaims: field
    .listOf(field.oneOf(userClaimNames))
    .nullable()
    .describe(
      'The claims that it may ask for one by one, by the parameter claims; others are left out. Null: all of its scopes.',
    ),
  requirePushedAuthorizationRequests: withDefault(
    field.boolean.describe('Whether its requests must be pushed to the server before the browser comes (RFC 9126).'),
    false,
  ),
  pushedAuthorizationRequestLifetime: withDefault(
    field
      .integer(5, 600)
      .describe('Seconds in which a browser must come with a request that was pushed; 60 where it is left out.'),
    60,
  ),
})

export const signIn = withFormGroup('Sign-in and subject', {
  defaultMaxAge: field
    .integer(0, 2_147_483_647)
    .nullable()
    .describe('Seconds since sign-in after which people are asked to sign in again.'),
  requireAuthTime: withDefault(field.boolean.describe('Whether ID tokens must have auth_time; they always do.'), false),
  defaultAcrValues: field.listOf(field.text(200)).describe('What it would like as acr, best first.'),
  subjectType: withDefault(
    field.oneOf(subjectTypes).describe('public: people have one name for all clients. pairwise: one for each sector.'),
    'public',
  ),
  sectorIdentifierUri: field.webUri
    .nullable()
    .describe('Where the list of all its redirect URIs is; its host is the sector. Needed for several hosts.'),
  alwaysSignIn: withDefault(
    field.boolean.describe(
      'Whether people sign in at each authorization request, as for prompt=login. No request can ask for less, as max_age does of defaultMaxAge.',
    ),
    false,
  ),
  authorizedAcrValues: field
    .listOf(field.text(200))
    .describe('The acr values that it may ask for: a request for another is refused. Empty: any.'),
})
