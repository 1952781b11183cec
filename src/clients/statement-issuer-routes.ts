import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { securityEvent, type EventType } from '../events/catalogue.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { forbidden, invalid, notFound, Problem } from '../http/problem-dialect.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidv7 } from '../lib/random.ts'
import { actingClient, allows, type Administrator } from '../model/permission.ts'
import type { StatementIssuer, StatementIssuerRepository } from '../model/statement-issuer.ts'
import { isScopeToken, standardScopes } from '../oauth/scope.ts'
import * as field from './metadata-fields.ts'

export interface StatementIssuerOptions {
  issuer: string
  clock: Clock
  statementIssuers: StatementIssuerRepository
  /** Who makes the request; throws the problem where they lack the permission. */
  administrator: (request: FastifyRequest, permission: string) => Promise<Administrator>
  /** Whether a scope would be read as a right on the administration API. */
  isPermission: (scope: string) => boolean
}

const ISSUERS = '/v1/admin/software-statement-issuers'
const ONE = `${ISSUERS}/:id`

const tags = ['Registration']
const BODY = { error: 'must be a JSON object' }
const params = z.object({ id: z.uuid({ error: 'must be the id of an issuer' }) })
const scopeToken = field.checked((value) =>
  isScopeToken(value) && value.length <= 200 ? undefined : 'must be one scope, without spaces',
)
const trust = {
  jwks: field.keySet.nullable().default(null).describe('Its public keys; or, instead, jwksUri.'),
  jwksUri: field.webUri.nullable().default(null).describe('Where its public keys are.'),
  scopes: field
    .listOf(scopeToken)
    .default(Object.keys(standardScopes))
    .describe('The most that clients with its statements may have.'),
}
const trustSchema = z.strictObject(trust, BODY)
const newIssuerSchema = z.strictObject(
  { issuer: field.text(500).min(1, { error: 'must not be empty' }).describe('The iss of its statements.'), ...trust },
  BODY,
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
  const { clock, statementIssuers } = options
  const administrators = new WeakMap<FastifyRequest, Administrator>()

  const needs = (permission: string) => async (request: FastifyRequest) => {
    administrators.set(request, await options.administrator(request, permission))
  }
  const who = (request: FastifyRequest): Administrator => {
    const administrator = administrators.get(request)
    if (!administrator) throw new Error('A route of the administration API did not ask who calls.')
    return administrator
  }
  const eventOf = (request: FastifyRequest, type: EventType, metadata: Record<string, unknown>) =>
    securityEvent(clock, type, {
      organisationId: who(request).organisationId,
      origin: originOf(request),
      userId: who(request).userId,
      metadata: { ...metadata, ...actingClient(who(request)) },
    })

  function checkTrust(request: FastifyRequest, { jwks, jwksUri, scopes }: z.output<typeof trustSchema>): void {
    if ((jwks === null) === (jwksUri === null)) {
      throw invalid([{ path: ['jwks'], code: 'custom', message: 'must stand alone, or jwksUri instead of it' }])
    }
    const beyond = scopes.filter((wanted) => options.isPermission(wanted) && !allows(who(request).permissions, wanted))
    if (beyond.length > 0) throw forbidden(`The scopes include permissions that you lack: ${beyond.join(', ')}.`)
  }

  routes.get(
    ISSUERS,
    {
      onRequest: needs('clients:read'),
      schema: {
        tags,
        summary: 'List whose software statements are believed',
        description: 'Needs clients:read.',
        response: { 200: z.object({ data: z.array(issuerSchema) }) },
      },
    },
    async (request) => ({ data: (await statementIssuers.list(who(request).organisationId)).map(represent) }),
  )

  routes.post(
    ISSUERS,
    {
      onRequest: needs('clients:create'),
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
        throw invalid([{ path: ['issuer'], code: 'custom', message: 'must not be this server' }])
      }
      checkTrust(request, body)
      const now = clock.now()
      const { organisationId } = who(request)
      const issuer = { ...body, id: uuidv7(now), organisationId, createdAt: now, updatedAt: now }
      const { id, scopes } = issuer
      const event = eventOf(request, 'registration.issuer_added', { id, issuer: issuer.issuer, scopes })
      if (!(await statementIssuers.add(issuer, event))) {
        throw new Problem(409, 'conflict', 'There is an issuer of this name already.')
      }
      return reply.status(201).send(represent(issuer))
    },
  )

  routes.put(
    ONE,
    {
      onRequest: needs('clients:create'),
      schema: {
        tags,
        summary: 'Replace the keys and scopes of an issuer',
        description: 'Needs clients:create. Clients that were registered before keep what they have.',
        params,
        body: trustSchema,
        response: { 200: issuerSchema },
      },
    },
    async (request) => {
      const { id } = request.params
      const { body } = request
      checkTrust(request, body)
      const event = eventOf(request, 'registration.issuer_changed', { id, scopes: body.scopes })
      const reference = { id, organisationId: who(request).organisationId }
      const replaced = await statementIssuers.replace(reference, { ...body, updatedAt: event.occurredAt }, event)
      if (!replaced) throw notFound('There is no such issuer.')
      return represent(replaced)
    },
  )

  routes.delete(
    ONE,
    {
      onRequest: needs('clients:create'),
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
      if (!(await statementIssuers.remove({ id, organisationId: who(request).organisationId }, event))) {
        throw notFound('There is no such issuer.')
      }
      return reply.status(204).send(null)
    },
  )

  refuseOtherMethods(scope, ISSUERS, ['GET', 'POST'])
  refuseOtherMethods(scope, ONE, ['PUT', 'DELETE'])
}

function represent({ organisationId: _, ...issuer }: StatementIssuer): z.output<typeof issuerSchema> {
  return { ...issuer, createdAt: issuer.createdAt.toISOString(), updatedAt: issuer.updatedAt.toISOString() }
}
