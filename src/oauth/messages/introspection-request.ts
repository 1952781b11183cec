import { z } from 'zod'
import { parameter } from './message.ts'

/** RFC 7662 §2.1. */
export const introspectionRequest = z.object({
  token: parameter('The access token or refresh token.', { example: 'ACCESS_TOKEN' }),
  token_type_hint: parameter('Ignored: the server recognises the kind of token.').optional(),
})
