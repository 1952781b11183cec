// Finds the administrator that a request acts for, from the session or the access token.

import type { FastifyRequest } from 'fastify'
import { tokenCredentials, type TokenCredentials } from '../http/request/authorization-header.ts'
import { isSameOrigin } from '../http/security/csrf.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import {
  createAdministratorAuthorizer,
  type AdministratorAuthorizerOptions,
  type AdminToken,
  type AdminSession,
} from './authorize-administrator.ts'

export interface RequestAuthorizerOptions extends AdministratorAuthorizerOptions {
  /** Whose session a request carries, if anybody's. */
  sessionOf: (request: FastifyRequest) => Promise<AdminSession | undefined>
  /** The access token, if it works at this moment. Throws `invalid_token` where it is bound to another sender. */
  findToken: (request: FastifyRequest, credentials: TokenCredentials) => Promise<AdminToken | undefined>
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Who makes a request of the administration API, in the one organisation they may act in: by an access token, or where
 * there is none by the session of a browser. Throws a 401 or 403 problem where they may not do what `permission` names.
 */
export function createRequestAuthorizer(
  options: RequestAuthorizerOptions,
): (request: FastifyRequest, permission: string) => Promise<AdminContext> {
  const authorizeAdministrator = createAdministratorAuthorizer(options)
  return async (request, permission) => {
    const organisationHeader = request.headers['x-org-domain']
    const credentials = tokenCredentials(request)
    return authorizeAdministrator(
      {
        credential: credentials
          ? { kind: 'token', token: await options.findToken(request, credentials) }
          : { kind: 'session', session: await options.sessionOf(request) },
        organisationHeader: Array.isArray(organisationHeader) ? organisationHeader.join(', ') : organisationHeader,
        crossSite: !SAFE_METHODS.has(request.method) && !isSameOrigin(request, options.issuer),
      },
      permission,
    )
  }
}
