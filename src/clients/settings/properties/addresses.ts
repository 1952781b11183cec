import { z } from 'zod'
import * as field from './fields.ts'
import { withDefault } from './defaults.ts'
import { withFormGroup } from './group.ts'

/** The allowed forms of redirect URIs depend on the client type (`validation.ts`). */
const addresses = field.listOf(z.string({ error: 'must be a string' }))

export const redirection = withFormGroup('Addresses', {
  redirectUris: addresses.describe(
    'The redirect URIs, compared character by character: https, or http on localhost; for a public client also a private-use scheme such as com.example.app:/callback. Required for authorization_code.',
  ),
  postLogoutRedirectUris: addresses.describe(
    'The URIs to which a browser may be redirected after sign-out, compared character by character.',
  ),
  allowedOrigins: field
    .listOf(field.webOrigin)
    .describe('The origins whose scripts may read responses of the token, revocation and userinfo endpoints.'),
  initiateLoginUri: field.secureUri
    .nullable()
    .describe('The URL that starts a sign-in at the client for a third party (OpenID Connect Core §4).'),
  requestUris: field.listOf(field.webUri).describe('The URLs of its request objects. The fragment is not compared.'),
})

export const logout = withFormGroup('Logout', {
  frontchannelLogoutUri: field.logoutUri
    .nullable()
    .describe(
      'The URL loaded in a frame when a user of the client signs out. It must have the origin of a redirect URI.',
    ),
  frontchannelLogoutSessionRequired: withDefault(
    field.boolean.describe('Whether iss and sid are added to the URL; default false.'),
    false,
  ),
  backchannelLogoutUri: field.logoutUri
    .nullable()
    .describe('The URL to which a logout token is posted when a session of one of its users ends.'),
  backchannelLogoutSessionRequired: withDefault(
    field.boolean.describe('Whether logout tokens must have sid. They always do.'),
    false,
  ),
})
