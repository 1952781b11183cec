import { z } from 'zod'
import { parameter } from './message.ts'

/** RFC 7009 §2.1. */
export const revocationRequest = z.object({
  token: parameter('The refresh token or access token.', { example: 'REFRESH_TOKEN' }),
  token_type_hint: parameter('Ignored: the server recognises the kind of token.', {
    example: 'refresh_token',
  }).optional(),
})
