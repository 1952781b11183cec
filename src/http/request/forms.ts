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

/** Makes forms the only accepted bodies of a scope. */
export async function registerFormParser(scope: FastifyInstance): Promise<void> {
  scope.removeAllContentTypeParsers()
  // An error thrown by the parser would be lost in an event of the stream, so it is passed on as the body.
  await scope.register(formbody, {
    bodyLimit: MAX_FORM_BYTES,
    parser: (body) => {
      try {
        return parseParameters(body) as unknown as Record<string, unknown>
      } catch (error) {
        if (error instanceof OAuthError) return { error }
        throw error
      }
    },
  })
}

/** The parameters of a posted form (RFC 6749 §3.2). Throws `invalid_request` unless the body is a form in UTF-8. */
export function readForm(request: FastifyRequest): Parameters {
  const type = request.headers['content-type']
  if (type === undefined)
    throw new OAuthError('invalid_request', `The body must be a form with Content-Type: ${FORM_MEDIA_TYPE}.`)
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1]
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new OAuthError('invalid_request', 'The body must be encoded in UTF-8.')
  }
  const body = request.body as Parameters | { error: OAuthError } | undefined
  if (!body) return parseParameters('')
  if ('error' in body) throw body.error
  return body
}

/** The parameters of the query of a request's URL. Throws `invalid_request` when it is malformed. */
export function readQuery(request: FastifyRequest): Parameters {
  return parseParameters(queryOf(request))
}

/** Parses the query of JSON routes, for their schemas. The server itself does not parse queries. */
export function registerQueryParser(scope: FastifyInstance): void {
  scope.addHook('preValidation', (request, _reply, done) => {
    const query = queryOf(request)
    if (!isDecodable(query)) {
      return done(new OAuthError('invalid_request', 'The query has a malformed percent-encoding, or is not UTF-8.'))
    }
    request.query = parseQuery(query)
    done()
  })
}

/** Whether a query is percent-encoded UTF-8. `node:querystring` would replace what is not. */
function isDecodable(query: string): boolean {
  if (!query.includes('%')) return true
  try {
    decodeURIComponent(query)
    return true
  } catch {
    return false
  }
}

function queryOf({ raw: { url = '' } }: FastifyRequest): string {
  const start = url.indexOf('?')
  return start === -1 ? '' : url.slice(start + 1)
}
