// `directory` is about organisations and what people may do in them: the catalogue of permissions, the roles that every
// organisation starts with, the first organisation of an empty database, and who counts as an administrator. It leaves
// signing in to `accounts` and what administrators do to the capability concerned.

import type { FastifyRequest } from 'fastify'
import { tokenCredentials, type TokenCredentials } from '../http/bearer.ts'
import { isSameOrigin } from '../http/cross-site.ts'
import type { Administrator } from '../model/permission.ts'
import { createAdministrators, type AdministratorOptions, type PresentedToken, type SignedIn } from './administrator.ts'

export interface RequestAdministratorOptions extends AdministratorOptions {
  /** Whose session a request carries, if anybody's. */
  sessionOf: (request: FastifyRequest) => Promise<SignedIn | undefined>
  /** The access token, if it works at this moment. Throws `invalid_token` where it is bound to another sender. */
  findToken: (request: FastifyRequest, credentials: TokenCredentials) => Promise<PresentedToken | undefined>
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Who makes a request of the administration API, in the one organisation they may act in: by an access token, or where
 * there is none by the session of a browser. Throws a 401 or 403 problem where they may not do what `permission` names.
 */
export function createRequestAdministrators(
  options: RequestAdministratorOptions,
): (request: FastifyRequest, permission: string) => Promise<Administrator> {
  const administrator = createAdministrators(options)
  return async (request, permission) => {
    const domain = request.headers['x-org-domain']
    const credentials = tokenCredentials(request)
    return administrator(
      {
        credential: credentials
          ? { kind: 'token', token: await options.findToken(request, credentials) }
          : { kind: 'session', session: await options.sessionOf(request) },
        organisationHeader: Array.isArray(domain) ? domain.join(', ') : domain,
        crossSite: !SAFE_METHODS.has(request.method) && !isSameOrigin(request, options.issuer),
      },
      permission,
    )
  }
}
