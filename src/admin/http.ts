import type { FastifyInstance } from 'fastify'
import { setUpJsonApi, type JsonApiOptions } from '../http/json-api/json-api.ts'
import { mountOperations } from '../http/json-api/operation.ts'
import { createAdminAccess, type AdminAccessOptions } from './context.ts'
import { createResources, type AdminServices } from './resources.ts'

export interface AdminApiOptions extends JsonApiOptions, AdminAccessOptions {
  services: AdminServices
}

/** The management API, `/v1/admin`. */
export async function adminApi(scope: FastifyInstance, { services, ...options }: AdminApiOptions): Promise<void> {
  await setUpJsonApi(scope, options)
  const resolutionOf = createAdminAccess(options)
  for (const { operations, prepare } of createResources(services)) {
    await scope.register(async (resourceScope) => {
      prepare?.(resourceScope)
      mountOperations(resourceScope, operations, resolutionOf)
    })
  }
}
