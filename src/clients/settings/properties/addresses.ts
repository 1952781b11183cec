import { z } from 'zod'
import * as field from './fields.ts'
import { withDefault } from './defaults.ts'
import { withFormGroup } from './group.ts'

/** Which forms of address it may have depends on the type of the client. */
const addresses = field.listOf(z.string({ error: 'must be a string' }))

export const redirection = withFormGroup('Addresses', {
  redirectUris: addresses.describe(
    'Where answers may go, compared character by character: https, or http on localhost; for a public client also a private scheme such as com.example.app:/callback. Needed for authorization_code.',
  ),
  postLogoutRedirectUris: addresses.describe('Where a browser may go after signing out, compared likewise.'),
  allowedOrigins: field
    .listOf(field.webOrigin)
    .describe('Origins whose scripts may read the answers of the token, revocation and userinfo endpoints.'),
  initiateLoginUri: field.secureUri
    .nullable()
    .describe('Where others may send a person to begin a sign-in at the client (OpenID Connect Core §4).'),
  requestUris: field
    .listOf(field.webUri)
    .describe('Where its request objects may be fetched; what stands after # is not compared.'),
})

export const logout = withFormGroup('Logout', {
  frontchannelLogoutUri: field.logoutUri
    .nullable()
    .describe('Loaded in a frame when a person signs out whom it knows; of the origin of a redirect URI.'),
  frontchannelLogoutSessionRequired: withDefault(
    field.boolean.describe('Whether iss and sid are added to it; false where it is left out.'),
    false,
  ),
  backchannelLogoutUri: field.logoutUri
    .nullable()
    .describe('Where a logout token is posted when a session ends from which it knows a person.'),
  backchannelLogoutSessionRequired: withDefault(
    field.boolean.describe('Whether logout tokens must have sid; they always do.'),
    false,
  ),
})
