import type { FastifyRequest } from 'fastify'
import type { nextSignInStep } from '../../authorize/authorize.ts'
import type { PendingRequest } from '../../authorize/request/pending-request.ts'

/** Returns the next step of a pending request, for the browser that sent `request`, if it is a page of signing in. */
export type NextSignInStep = (
  pendingRequest: PendingRequest,
  request: FastifyRequest,
) => ReturnType<typeof nextSignInStep>
