import { z } from 'zod'
import { deviceCodeGrantType } from '../device-code.ts'
import { parameter, resourceParameter } from './message.ts'

/** What every token request has. The grant type selects which of the messages below the form holds. */
export const tokenRequest = z.object({
  grant_type: parameter('The grant type.', {
    values: ['authorization_code', 'refresh_token', 'client_credentials', deviceCodeGrantType],
    example: 'authorization_code',
  }),
  resource: resourceParameter,
})

/** RFC 6749 §4.1.3, RFC 7636 §4.5. */
export const authorizationCodeRequest = z.object({
  code: parameter('authorization_code: the authorization code.', { example: 'AUTH_CODE' }),
  redirect_uri: parameter('authorization_code: the redirect URI of the authorization request.', {
    example: 'https://myapp.example.com/callback',
  }).optional(),
  code_verifier: parameter('authorization_code: the verifier that code_challenge was derived from.', {
    example: 'VERIFIER',
  }).optional(),
})

/** RFC 6749 §6. */
export const refreshTokenRequest = z.object({
  refresh_token: parameter('refresh_token: the latest refresh token of its family.'),
  scope: parameter(
    'refresh_token: a subset of the granted scopes. client_credentials: a subset of the registered scopes.',
  ).optional(),
})

/** RFC 6749 §4.4.2. */
export const clientCredentialsRequest = z.object({ scope: refreshTokenRequest.shape.scope })

/** RFC 8628 §3.4. */
export const deviceCodeRequest = z.object({
  device_code: parameter(`${deviceCodeGrantType}: the device code. Poll no faster than interval allows.`),
})
