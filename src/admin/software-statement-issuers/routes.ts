// `admin/software-statement-issuers` owns the routes of trusted issuers of software statements (RFC 7591 §2.3).
// An issuer has keys, by value or by URL, and limits on what its statements may contain.
// Verifying statements belongs to `clients/registration`.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { AuditEventType } from '../../audit/catalogue.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { forbidden, validationError, notFound, Problem } from '../../http/errors/problem.ts'
import type { Clock } from '../../lib/clock.ts'
import { uuidv7 } from '../../lib/random.ts'
import { hasPermission } from '../../model/permissions/permission.ts'
import type {
  SoftwareStatementIssuer,
  SoftwareStatementIssuerRepository,
} from '../../model/clients/software-statement-issuer.ts'
import { isScopeToken, standardScopes } from '../../oauth/scope.ts'
import { createAdminAccess, createAdminAuditEvent, type AdminAccessOptions } from '../context.ts'
import * as field from '../../clients/settings/properties/fields.ts'

export interface StatementIssuerOptions extends AdminAccessOptions {
  issuer: string
  clock: Clock
  softwareStatementIssuers: SoftwareStatementIssuerRepository
  /** Whether a scope would be read as a right on the administration API. */
  isPermission: (scope: string) => boolean
}

const ISSUERS_PATH = '/v1/admin/software-statement-issuers'
const ISSUER_PATH = `${ISSUERS_PATH}/:id`

const tags = ['Registration']
const BODY_ERROR = { error: 'must be a JSON object' }
const params = z.object({ id: z.uuid({ error: 'must be the id of an issuer' }) })
const scopeToken = field.validatedString((value) =>
  isScopeToken(value) && value.length <= 200 ? undefined : 'must be one scope, without spaces',
)
const issuerProperties = {
  jwks: field.keySet.nullable().default(null).describe('Its public keys; or, instead, jwksUri.'),
  jwksUri: field.webUri.nullable().default(null).describe('Where its public keys are.'),
  scopes: field
    .listOf(scopeToken)
    .default(Object.keys(standardScopes))
    .describe('The most that clients with its statements may have.'),
}
const issuerUpdateSchema = z.strictObject(issuerProperties, BODY_ERROR)
const newIssuerSchema = z.strictObject(
  {
    issuer: field.text(500).min(1, { error: 'must not be empty' }).describe('The iss of its statements.'),
    ...issuerProperties,
  },
  BODY_ERROR,
)
const issuerSchema = z.object({
  id: z.string(),
  issuer: z.string(),
  jwks: z.record(z.string(), z.unknown()).nullable(),
  jwksUri: z.string().nullable(),
  scopes: z.array(z.string()),
  createdAt: z.string().describe('ISO 8601.'),
  updatedAt: z.string(),
})

/** Whose software statements an organisation believes (RFC 7591 §2.3), kept by its administrators. */
export function statementIssuerRoutes(scope: FastifyInstance, options: StatementIssuerOptions): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  const { clock, softwareStatementIssuers } = options
  const { requirePermission, contextOf } = createAdminAccess(options)
  const administratorOf = (request: FastifyRequest) => contextOf(request).administrator
  const eventOf = (request: FastifyRequest, type: AuditEventType, metadata: Record<string, unknown>) =>
    createAdminAuditEvent(contextOf(request), clock, type, metadata)

  function assertValidIssuer(
    request: FastifyRequest,
    { jwks, jwksUri, scopes }: z.output<typeof issuerUpdateSchema>,
  ): void {
    if ((jwks === null) === (jwksUri === null)) {
      throw validationError([{ path: ['jwks'], code: 'custom', message: 'must stand alone, or jwksUri instead of it' }])
    }
    const missingPermissions = scopes.filter(
      (wanted) => options.isPermission(wanted) && !hasPermission(administratorOf(request).permissions, wanted),
    )
    if (missingPermissions.length > 0)
      throw forbidden(`The scopes include permissions that you lack: ${missingPermissions.join(', ')}.`)
  }

  routes.get(
    ISSUERS_PATH,
    {
      onRequest: requirePermission('clients:read'),
      schema: {
        tags,
        summary: 'List whose software statements are believed',
        description: 'Needs clients:read.',
        response: { 200: z.object({ data: z.array(issuerSchema) }) },
      },
    },
    async (request) => ({
      data: (await softwareStatementIssuers.list(administratorOf(request).organisationId)).map(representIssuer),
    }),
  )

  routes.post(
    ISSUERS_PATH,
    {
      onRequest: requirePermission('clients:create'),
      schema: {
        tags,
        summary: 'Believe the software statements of an issuer',
        description:
          'Needs clients:create. What its statements say of a client wins over what the client says (RFC 7591 §2.3).',
        body: newIssuerSchema,
        response: { 201: issuerSchema },
      },
    },
    async (request, reply) => {
      const { body } = request
      // The ID tokens that this server signs are for clients, and not about them.
      if (body.issuer === options.issuer) {
        throw validationError([{ path: ['issuer'], code: 'custom', message: 'must not be this server' }])
      }
      assertValidIssuer(request, body)
      const now = clock.now()
      const { organisationId } = administratorOf(request)
      const issuer = { ...body, id: uuidv7(now), organisationId, createdAt: now, updatedAt: now }
      const { id, scopes } = issuer
      const event = eventOf(request, 'registration.issuer_added', { id, issuer: issuer.issuer, scopes })
      if (!(await softwareStatementIssuers.create(issuer, event))) {
        throw new Problem(409, 'conflict', 'There is an issuer of this name already.')
      }
      return reply.status(201).send(representIssuer(issuer))
    },
  )

  routes.put(
    ISSUER_PATH,
    {
      onRequest: requirePermission('clients:create'),
      schema: {
        tags,
        summary: 'Replace the keys and scopes of an issuer',
        description: 'Needs clients:create. Clients that were registered before keep what they have.',
        params,
        body: issuerUpdateSchema,
        response: { 200: issuerSchema },
      },
    },
    async (request) => {
      const { id } = request.params
      const { body } = request
      assertValidIssuer(request, body)
      const event = eventOf(request, 'registration.issuer_changed', { id, scopes: body.scopes })
      const reference = { id, organisationId: administratorOf(request).organisationId }
      const replaced = await softwareStatementIssuers.replace(
        reference,
        { ...body, updatedAt: event.occurredAt },
        event,
      )
      if (!replaced) throw notFound('There is no such issuer.')
      return representIssuer(replaced)
    },
  )

  routes.delete(
    ISSUER_PATH,
    {
      onRequest: requirePermission('clients:create'),
      schema: {
        tags,
        summary: 'Believe an issuer no more',
        description: 'Needs clients:create. Clients that were registered with its statements stay.',
        params,
        response: { 204: z.null().describe('Deleted.') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const event = eventOf(request, 'registration.issuer_removed', { id })
      if (
        !(await softwareStatementIssuers.delete({ id, organisationId: administratorOf(request).organisationId }, event))
      ) {
        throw notFound('There is no such issuer.')
      }
      return reply.status(204).send(null)
    },
  )

  rejectOtherMethods(scope, ISSUERS_PATH, ['GET', 'POST'])
  rejectOtherMethods(scope, ISSUER_PATH, ['PUT', 'DELETE'])
}

function representIssuer({ organisationId: _, ...issuer }: SoftwareStatementIssuer): z.output<typeof issuerSchema> {
  return { ...issuer, createdAt: issuer.createdAt.toISOString(), updatedAt: issuer.updatedAt.toISOString() }
}
