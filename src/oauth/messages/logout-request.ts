import { z } from 'zod'
import { parameter } from './message.ts'

/** OpenID Connect RP-Initiated Logout §2. */
export const logoutRequest = z.object({
  id_token_hint: parameter(
    'An ID token of the session that ends. It may be expired. With it, the user is not asked to confirm.',
    { example: 'ID_TOKEN' },
  ).optional(),
  post_logout_redirect_uri: parameter(
    'Where the browser goes afterwards. It must equal one of the registered post-logout redirect URIs.',
  ).optional(),
  client_id: parameter('The client, if id_token_hint is not sent.').optional(),
  logout_hint: parameter('Accepted and ignored: the session identifies the user.').optional(),
  state: parameter('Returned unchanged to post_logout_redirect_uri.').optional(),
  ui_locales: parameter('Languages in order of preference, separated by spaces.').optional(),
})
export type LogoutMessage = z.output<typeof logoutRequest>
