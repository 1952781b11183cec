import { z } from 'zod'
import { parameter, resourceParameter } from './message.ts'

/** RFC 8628 §3.1. */
export const deviceAuthorizationRequest = z.object({
  scope: parameter('The requested scopes, separated by spaces. The default is openid.', {
    example: 'openid profile',
  }).optional(),
  resource: resourceParameter,
})
