import type { AttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'

/** Limits of requests that bring the token of an invitation, by network. */
export interface InvitationLimits {
  views: Pick<AttemptRateLimiter, 'consume'>
  answers: Pick<AttemptRateLimiter, 'consume'>
}
