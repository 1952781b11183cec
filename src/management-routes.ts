import type { FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { authRoutes, type AuthRoutesOptions } from './accounts/auth-routes.ts'
import { meRoutes, type MeOptions } from './accounts/me-routes.ts'
import { explainRequest, type ExplainOptions } from './authorize/explain.ts'
import { clientAdminRoutes, type ClientAdminOptions } from './clients/admin-routes.ts'
import { registrationAdminRoutes, type RegistrationAdminOptions } from './clients/registration-admin-routes.ts'
import { traceRoutes, type TraceRoutesOptions } from './clients/trace-routes.ts'
import { statementIssuerRoutes, type StatementIssuerOptions } from './clients/statement-issuer-routes.ts'
import { signingKeyRoutes, type SigningKeyRoutesOptions } from './directory/signing-key-routes.ts'
import { acceptCookies } from './http/cookies.ts'
import { allowOrigins, answerPreflight } from './http/cors.ts'
import { acceptQueries } from './http/forms.ts'
import { refuseBrokenText } from './http/json-text.ts'
import { limitRequests, type RequestLimit } from './http/limits.ts'
import { speakProblems } from './http/problem-dialect.ts'
import type { ClientDirectory } from './model/client.ts'

export type ManagementOptions = AuthRoutesOptions &
  SigningKeyRoutesOptions &
  RegistrationAdminOptions &
  StatementIssuerOptions &
  TraceRoutesOptions &
  Omit<ClientAdminOptions, 'explainRequest'> &
  Omit<ExplainOptions, 'clients'> &
  MeOptions & {
    clientDirectory: ClientDirectory
    dialect: Parameters<typeof speakProblems>[1]
    /** Counts every request, by address. */
    general: RequestLimit
  }

/** What people and administrators call: JSON under `/v1`. */
export async function managementApi(scope: FastifyInstance, options: ManagementOptions): Promise<void> {
  speakProblems(scope, options.dialect)
  limitRequests(scope, options.general)
  await acceptCookies(scope)
  acceptQueries(scope)
  refuseBrokenText(scope)
  scope.setValidatorCompiler(validatorCompiler)
  scope.setSerializerCompiler(serializerCompiler)
  authRoutes(scope, options)
  signingKeyRoutes(scope, options)
  registrationAdminRoutes(scope, options)
  statementIssuerRoutes(scope, options)
  traceRoutes(scope, options)
  const explaining = { ...options, clients: options.clientDirectory }
  await scope.register(async (own) =>
    clientAdminRoutes(own, { ...options, explainRequest: (sent, by) => explainRequest(sent, explaining, by) }),
  )
  await scope.register(async (own) => {
    allowOrigins(own, options.clientDirectory)
    for (const url of ['/v1/me/profile', '/v1/me/sessions', '/v1/me/sessions/:id']) answerPreflight(own, url)
    meRoutes(own, options)
  })
}
