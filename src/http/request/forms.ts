// `http/request` owns reading requests: cookies, forms, the Authorization header, client certificates, content
// negotiation and the request's metadata for the audit log. It rejects text that PostgreSQL cannot store.
// Validating what was read belongs to the rooms.

import { parse as parseQuery } from 'node:querystring'
import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { OAuthError } from '../../oauth/errors.ts'
import { parseParameters, type Parameters } from '../../oauth/parameters.ts'
import { MAX_FORM_BYTES } from '../server/server.ts'

const FORM_MEDIA_TYPE = 'application/x-www-form-urlencoded'

/** Lets a scope read forms, and nothing else. */
export async function registerFormParser(scope: FastifyInstance): Promise<void> {
  scope.removeAllContentTypeParsers()
  // A parser that throws would do so inside the stream's event: the refusal is handed on as the body instead.
  await scope.register(formbody, {
    bodyLimit: MAX_FORM_BYTES,
    parser: (body) => {
      try {
        return parseParameters(body) as unknown as Record<string, unknown>
      } catch (error) {
        if (error instanceof OAuthError) return { refusal: error }
        throw error
      }
    },
  })
}

/**
 * The parameters of a form that was posted (RFC 6749 §3.2). Throws `invalid_request` when the body is not a form, or not
 * one in UTF-8, or malformed.
 */
export function readForm(request: FastifyRequest): Parameters {
  const type = request.headers['content-type']
  if (type === undefined)
    throw new OAuthError('invalid_request', `The body must be a form with Content-Type: ${FORM_MEDIA_TYPE}.`)
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1]
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new OAuthError('invalid_request', 'The body must be encoded in UTF-8.')
  }
  const body = request.body as Parameters | { refusal: OAuthError } | undefined
  if (!body) return parseParameters('')
  if ('refusal' in body) throw body.refusal
  return body
}

/** The parameters of the query of a request's URL. Throws `invalid_request` when it is malformed. */
export function readQuery(request: FastifyRequest): Parameters {
  return parseParameters(queryOf(request))
}

/** Lets the routes of a scope find their query, by name, where schemas look for it. */
export function registerQueryParser(scope: FastifyInstance): void {
  scope.addHook('preValidation', (request, _reply, done) => {
    request.query = parseQuery(queryOf(request))
    done()
  })
}

function queryOf({ raw: { url = '' } }: FastifyRequest): string {
  const start = url.indexOf('?')
  return start === -1 ? '' : url.slice(start + 1)
}
