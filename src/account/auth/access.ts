// `account/auth` owns the operations under `/v1/auth`: sign-in and sign-out by JSON, for consoles and scripts.
// The session is the same cookie as after the sign-in page.
// Checking the password belongs to `authentication`; the sign-in page belongs to `account/pages`.

import type { FastifySchema } from 'fastify'
import { forbidden } from '../../http/errors/problem.ts'
import {
  defineOperation,
  type CallerResolution,
  type Operation,
  type OperationDefinition,
} from '../../http/json-api/operation.ts'
import { isSameOrigin } from '../../http/security/csrf.ts'

/** Makes an operation that sets or ends the session of a browser. It needs no context. */
export function authOperation<const Schema extends FastifySchema>(
  definition: Omit<OperationDefinition<undefined, Schema>, 'tag'>,
): Operation<undefined> {
  return defineOperation<undefined, Schema>({ ...definition, tag: 'Sign-in' })
}

/** Accepts any caller, except pages of other sites. */
export function sameOriginOnly(issuer: string): CallerResolution<undefined> {
  return {
    async onRequest(request) {
      if (!isSameOrigin(request, issuer)) {
        throw forbidden('Other sites may not send this request with the session cookie.')
      }
    },
    contextOf: () => undefined,
  }
}
