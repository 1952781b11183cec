import { subjectTypes } from '../../../model/clients/client.ts'
import { acrValues } from '../../../oauth/acr.ts'
import { deviceCodeGrantType } from '../../../oauth/device-code.ts'
import { responseTypes } from '../../../oauth/response-type.ts'
import { userClaimNames } from '../../../oauth/scope.ts'
import * as field from './fields.ts'
import { withDefault, withDependentDefault } from './defaults.ts'
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
  scopes: withDependentDefault(field.listOf(field.scope).describe('The scopes that it may request; default openid.')),
  grantTypes: field
    .listOf(field.oneOf(clientGrantTypes))
    .min(1, { error: 'must name at least one grant' })
    .describe(
      'Default authorization_code and refresh_token, and client_credentials for a confidential client with its own scopes.',
    ),
  responseTypes: withDependentDefault(
    field
      .listOf(field.oneOf(responseTypes))
      .describe(
        'The response types that it may request; default code with authorization_code. The others put tokens into the browser and need implicit among grantTypes.',
      ),
  ),
  requirePkce: withDefault(
    field.boolean.describe('Whether it must use PKCE; default true. Always true for a public client.'),
    true,
  ),
  pkceRequired: field.boolean.describe('Another name of requirePkce.'),
  requireConsent: withDefault(field.boolean.describe('Whether users are asked for consent; default true.'), true),
  isFirstParty: withDefault(
    field.boolean.describe(
      'Whether the organisation runs the application. Users are not asked for consent, and the client sees roles and permissions.',
    ),
    false,
  ),
  rememberConsent: withDefault(
    field.boolean.describe('Whether a consent is remembered; default true. While false, each request asks again.'),
    true,
  ),
  allowedClaims: field
    .listOf(field.oneOf(userClaimNames))
    .nullable()
    .describe(
      'The claims that it may request with the parameter claims; others are left out. Null: all claims of its scopes.',
    ),
  requirePushedAuthorizationRequests: withDefault(
    field.boolean.describe('Whether it must use pushed authorization requests (RFC 9126).'),
    false,
  ),
  pushedAuthorizationRequestLifetime: withDefault(
    field.integer(5, 600).describe('Seconds within which the browser must arrive with a pushed request; default 60.'),
    60,
  ),
})

export const signIn = withFormGroup('Sign-in and subject', {
  defaultMaxAge: field
    .integer(0, 2_147_483_647)
    .nullable()
    .describe('Seconds since sign-in after which users must sign in again.'),
  requireAuthTime: withDefault(field.boolean.describe('Whether ID tokens must have auth_time. They always do.'), false),
  defaultAcrValues: field.listOf(field.text(200)).describe('The preferred acr values, the best first.'),
  subjectType: withDefault(
    field
      .oneOf(subjectTypes)
      .describe('public: a user has the same sub for all clients. pairwise: another sub for each sector.'),
    'public',
  ),
  sectorIdentifierUri: field.webUri
    .nullable()
    .describe('The URL of a list of all its redirect URIs. Its host is the sector. Required for several hosts.'),
  alwaysSignIn: withDefault(
    field.boolean.describe(
      'Whether users sign in at each authorization request, as with prompt=login. A request cannot override it.',
    ),
    false,
  ),
  authorizedAcrValues: field
    .listOf(field.text(200))
    .describe('The acr values that it may request; others are rejected. Empty: any.'),
  minimumAcr: field
    .oneOf(acrValues)
    .nullable()
    .describe(
      'The weakest sign-in that it accepts: pwd, mfa, phr (a passkey) or phrh (a passkey that is bound to a device). Users set up what they lack, except phrh. Null: that of the organisation.',
    ),
})
