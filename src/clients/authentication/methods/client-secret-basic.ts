import { decodeFormValue } from '../../../oauth/parameters.ts'
import type { AuthenticationMethod } from './method.ts'
import { verifySecret } from './verify-secret.ts'

const MALFORMED_HEADER = {
  kind: 'malformed',
  description: 'The Authorization header is not HTTP Basic with a form-encoded client_id and client_secret.',
} as const

/** HTTP Basic with the id and the secret form-encoded (RFC 6749 §2.3.1). */
export const clientSecretBasic: AuthenticationMethod = {
  name: 'client_secret_basic',
  readCredentials(authorization, form) {
    if (authorization === undefined) return undefined
    const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1]
    if (encoded === undefined) return MALFORMED_HEADER
    const text = Buffer.from(encoded, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    if (colon < 1) return MALFORMED_HEADER
    let clientId: string
    let secret: string
    try {
      clientId = decodeFormValue(text.slice(0, colon))
      secret = decodeFormValue(text.slice(colon + 1))
    } catch {
      return MALFORMED_HEADER
    }
    const formClientId = form.get('client_id')
    if (formClientId !== undefined && formClientId !== clientId) {
      return { kind: 'malformed', description: 'client_id must equal the one in the Authorization header.' }
    }
    return { kind: 'credentials', clientId, secret }
  },
  verify: verifySecret,
}
