import { decodeFormValue } from '../../oauth/params.ts'
import type { AuthenticationMethod } from './method.ts'
import { verifySecret } from './secret.ts'

const MALFORMED = {
  kind: 'malformed',
  description: 'The Authorization header is not HTTP Basic with a form-encoded client_id and client_secret.',
} as const

/** HTTP Basic with the id and the secret form-encoded (RFC 6749 §2.3.1). */
export const clientSecretBasic: AuthenticationMethod = {
  name: 'client_secret_basic',
  present(authorization, form) {
    if (authorization === undefined) return undefined
    const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1]
    if (encoded === undefined) return MALFORMED
    const text = Buffer.from(encoded, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    if (colon < 1) return MALFORMED
    let clientId: string
    let secret: string
    try {
      clientId = decodeFormValue(text.slice(0, colon))
      secret = decodeFormValue(text.slice(colon + 1))
    } catch {
      return MALFORMED
    }
    const named = form.get('client_id')
    if (named !== undefined && named !== clientId) {
      return { kind: 'malformed', description: 'client_id differs from the one in the Authorization header.' }
    }
    return { kind: 'credentials', clientId, secret }
  },
  verify: verifySecret,
}
