import type { AuthenticationMethod } from './method.ts'
import { verifySecret } from './verify-secret.ts'

/** `client_id` and `client_secret` in the body (RFC 6749 §2.3.1). */
export const clientSecretPost: AuthenticationMethod = {
  name: 'client_secret_post',
  readCredentials(_authorization, form) {
    const secret = form.get('client_secret')
    if (secret === undefined) return undefined
    const clientId = form.get('client_id')
    if (clientId === undefined) return { kind: 'malformed', description: 'client_secret is sent without client_id.' }
    return { kind: 'credentials', clientId, secret }
  },
  verify: verifySecret,
}
