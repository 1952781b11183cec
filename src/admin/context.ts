// `admin` owns the management API under `/v1/admin`: one folder per resource, one file per operation.
// An operation file has the route, its zod schemas and its entry in the OpenAPI document (`operation.ts`).
// The files at the root serve all resources: caller and permission, paging, dry run, preconditions, JSON Patch.
// `resources.ts` lists the resources; `http.ts` mounts them.
// What an operation does belongs to the domain services: `clients` and its neighbours.

import type { FastifyRequest } from 'fastify'
import { forbidden } from '../http/errors/problem.ts'
import type { CallerResolution } from '../http/json-api/operation.ts'
import { requestMetadata } from '../http/request/request-metadata.ts'
import type { AdminCaller, AdminContext } from '../model/permissions/permission.ts'
import type { RequiredPermission } from './authorize-caller.ts'
import type { AdminOperation } from './operation.ts'

export interface AdminAccessOptions {
  /** The caller of a request. Throws a 401 or 403 problem where the caller does not hold the permission. */
  authorizeCaller: (request: FastifyRequest, required: RequiredPermission) => Promise<AdminCaller>
  /** The id of the organisation that runs the server. */
  findOperatorId: () => Promise<string | undefined>
}

/** Returns, for an operation, the hook that checks the caller before the body is read, and the context it found. */
export function createAdminAccess({ authorizeCaller, findOperatorId }: AdminAccessOptions) {
  const contexts = new WeakMap<FastifyRequest, AdminContext>()
  return ({ permission, withinTeams, operatorOnly }: AdminOperation): CallerResolution<AdminContext> => ({
    // Before the body is parsed, so that unauthorised callers get 403 and no validation errors.
    async onRequest(request) {
      const caller = await authorizeCaller(request, { permission, withinTeams })
      if (operatorOnly && caller.organisationId !== (await findOperatorId())) {
        throw forbidden("Only administrators of the operator's organisation may do this.")
      }
      contexts.set(request, { ...caller, requestMetadata: requestMetadata(request) })
    },
    contextOf(request) {
      const context = contexts.get(request)
      if (!context) throw new Error('The caller of this request has not been authorised.')
      return context
    },
  })
}
