import type { AuthenticationMethod } from './method.ts'

/** A public client sends its client_id only (RFC 6749 §3.2.1). PKCE and refresh token rotation protect it. */
export const none: AuthenticationMethod = {
  name: 'none',
  readCredentials(authorization, form) {
    const clientId = form.get('client_id')
    if (
      clientId === undefined ||
      authorization !== undefined ||
      form.get('client_secret') !== undefined ||
      form.get('client_assertion') !== undefined
    )
      return undefined
    return { kind: 'credentials', clientId, secret: undefined }
  },
  verify: (_presented, client) => client?.clientType === 'public',
}
