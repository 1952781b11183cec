import type { FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { authRoutes, type AuthRoutesOptions } from './account/auth/routes.ts'
import { meRoutes, type MeOptions } from './account/me/routes.ts'
import { diagnoseRequest, type DiagnoseRequestOptions } from './authorize/diagnostics/diagnose-request.ts'
import { clientAdminRoutes, type ClientAdminOptions } from './admin/clients/routes.ts'
import { registrationAdminRoutes, type RegistrationAdminOptions } from './admin/registration-policy/routes.ts'
import {
  authorizationFailureRoutes,
  type AuthorizationFailureRoutesOptions,
} from './admin/authorization-failures/get-authorization-failure.ts'
import { statementIssuerRoutes, type StatementIssuerOptions } from './admin/software-statement-issuers/routes.ts'
import { signingKeyRoutes, type SigningKeyRoutesOptions } from './admin/signing-keys/routes.ts'
import { registerCookies } from './http/request/cookies.ts'
import { enableCors, handlePreflight } from './http/security/cors.ts'
import { registerQueryParser } from './http/request/forms.ts'
import { rejectInvalidUnicode } from './http/request/invalid-unicode.ts'
import { rateLimitRequests, type RequestRateLimiter } from './http/rate-limit/rate-limiters.ts'
import { setProblemErrorHandler } from './http/errors/problem-error-handler.ts'
import type { ClientCache } from './model/clients/client.ts'

export type ManagementOptions = AuthRoutesOptions &
  SigningKeyRoutesOptions &
  RegistrationAdminOptions &
  StatementIssuerOptions &
  AuthorizationFailureRoutesOptions &
  Omit<ClientAdminOptions, 'explainRequest'> &
  Omit<DiagnoseRequestOptions, 'clients'> &
  MeOptions & {
    clientCache: ClientCache
    errorHandling: Parameters<typeof setProblemErrorHandler>[1]
    /** Counts every request, by address. */
    generalRateLimiter: RequestRateLimiter
  }

/** What people and administrators call: JSON under `/v1`. */
export async function managementApi(scope: FastifyInstance, options: ManagementOptions): Promise<void> {
  setProblemErrorHandler(scope, options.errorHandling)
  rateLimitRequests(scope, options.generalRateLimiter)
  await registerCookies(scope)
  registerQueryParser(scope)
  rejectInvalidUnicode(scope)
  scope.setValidatorCompiler(validatorCompiler)
  scope.setSerializerCompiler(serializerCompiler)
  authRoutes(scope, options)
  signingKeyRoutes(scope, options)
  registrationAdminRoutes(scope, options)
  statementIssuerRoutes(scope, options)
  authorizationFailureRoutes(scope, options)
  const diagnosticsOptions = { ...options, clients: options.clientCache }
  await scope.register(async (own) =>
    clientAdminRoutes(own, { ...options, explainRequest: (sent, by) => diagnoseRequest(sent, diagnosticsOptions, by) }),
  )
  await scope.register(async (own) => {
    enableCors(own, options.clientCache)
    for (const url of ['/v1/me/profile', '/v1/me/sessions', '/v1/me/sessions/:id']) handlePreflight(own, url)
    meRoutes(own, options)
  })
}
