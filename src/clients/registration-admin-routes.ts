import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { EventType } from '../events/catalogue.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { forbidden, notFound, Problem } from '../http/problem-dialect.ts'
import { addSeconds, type Clock } from '../lib/clock.ts'
import { randomToken, uuidv7 } from '../lib/random.ts'
import { sha256 } from '../lib/secret.ts'
import { clientIdMetadataModes } from '../model/client-document.ts'
import { profileNames } from '../model/client.ts'
import { allows } from '../model/permission.ts'
import {
  registrationPolicies,
  type InitialAccessToken,
  type RegistrationRepository,
  type RegistrationRules,
} from '../model/registration.ts'
import { clientIdHostProblem } from '../oauth/client-id-url.ts'
import { isScopeToken, standardScopes } from '../oauth/scope.ts'
import { createActors, eventBy, type ActorOptions } from './actor-routes.ts'
import * as field from './metadata-fields.ts'

export interface RegistrationAdminOptions extends ActorOptions {
  clock: Clock
  registrations: RegistrationRepository
  /** Whether a scope would be read as a right on the administration API. */
  isPermission: (scope: string) => boolean
}

const POLICY = '/v1/admin/registration-policy'
const TOKENS = '/v1/admin/initial-access-tokens'

const tags = ['Registration']
const scopeToken = field.checked((value) =>
  isScopeToken(value) && value.length <= 200 ? undefined : 'must be one scope, without spaces',
)
const rulesSchema = z.strictObject(
  {
    policy: field.oneOf(registrationPolicies),
    profile: field.oneOf(profileNames).describe('What such clients are under.'),
    softwareStatementRequired: field.flag.describe(
      'Whether they need a software statement of an issuer that is believed.',
    ),
    clientIdMetadataDocuments: field
      .oneOf(clientIdMetadataModes)
      .describe('Whether a client_id may be the address of a metadata document: on the listed hosts, or on any.'),
    clientIdMetadataHosts: field.listOf(field.checked(clientIdHostProblem)),
    clientIdMetadataScopes: field.listOf(scopeToken).describe('What such clients may have at most.'),
  },
  { error: 'must be a JSON object' },
)
const newRulesSchema = rulesSchema.partial().required({ policy: true })
const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  userId: z.string().nullable().describe('Who made it; null: a client for itself.'),
  actingClientId: z.string().nullable().describe('The client_id of the application that made it, where one did.'),
  usesLeft: z.int(),
  scopes: z.array(z.string()).describe('What its clients may have at most.'),
  expiresAt: z.string().describe('ISO 8601.'),
  lastUsedAt: z.string().nullable(),
  createdAt: z.string(),
})
const newTokenSchema = z.strictObject(
  {
    name: field.displayName,
    uses: field.whole(1, 100_000).default(1).describe('How many clients it is good for.'),
    expiresIn: field.whole(60, 31_536_000).default(86_400).describe('Seconds.'),
    scopes: field.listOf(scopeToken).default(Object.keys(standardScopes)),
  },
  { error: 'must be a JSON object' },
)

/** Who may register clients in an organisation, and the tokens to do it with (RFC 7591 §3). */
export function registrationAdminRoutes(scope: FastifyInstance, options: RegistrationAdminOptions): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  const { clock, registrations } = options
  const { needs, actorOf } = createActors(options)
  const who = (request: FastifyRequest) => actorOf(request).administrator
  const eventOf = (request: FastifyRequest, type: EventType, metadata: Record<string, unknown>) =>
    eventBy(actorOf(request), clock, type, metadata)

  function refuseBorrowed(request: FastifyRequest, scopes: readonly string[]): void {
    const { permissions } = who(request)
    const beyond = scopes.filter((wanted) => options.isPermission(wanted) && !allows(permissions, wanted))
    if (beyond.length > 0) throw forbidden(`The scopes include permissions that you lack: ${beyond.join(', ')}.`)
  }

  routes.get(
    POLICY,
    {
      onRequest: needs('clients:read'),
      schema: {
        tags,
        summary: 'Read who may register clients',
        description: 'Needs clients:read.',
        response: { 200: rulesSchema },
      },
    },
    async (request) => {
      const found = await registrations.findRules({ id: who(request).organisationId })
      if (!found) throw notFound('The organisation is not available.')
      return representRules(found)
    },
  )

  routes.put(
    POLICY,
    {
      onRequest: needs('clients:create'),
      schema: {
        tags,
        summary: 'Say who may register clients',
        description:
          'Needs clients:create. closed: nobody but administrators. token: who holds an initial access token. open: everybody; such clients end after thirty days if nobody uses them. Members besides policy that are left out stay as they are. Clients whose client_id is the address of their metadata need neither: clientIdMetadataDocuments says whether they are taken.',
        body: newRulesSchema,
        response: { 200: rulesSchema },
      },
    },
    async (request) => {
      const { body } = request
      refuseBorrowed(request, body.clientIdMetadataScopes ?? [])
      const event = eventOf(request, 'registration.policy_changed', body)
      const rules = await registrations.setRules(who(request).organisationId, body, event)
      if (rules === 'taken') {
        throw new Problem(
          409,
          'conflict',
          'Another organisation takes the metadata documents of one of these hosts, or of any: nobody could tell whose client it is.',
        )
      }
      return representRules(rules)
    },
  )

  routes.post(
    TOKENS,
    {
      onRequest: needs('clients:create'),
      schema: {
        tags,
        summary: 'Make an initial access token',
        description: 'Needs clients:create. The token is in this answer and nowhere else.',
        body: newTokenSchema,
        response: { 201: tokenSchema.extend({ token: z.string() }) },
      },
    },
    async (request, reply) => {
      const { organisationId, userId, actingClientId } = who(request)
      const { name, uses, expiresIn, scopes } = request.body
      refuseBorrowed(request, scopes)
      const now = clock.now()
      const shown = `iat_${randomToken()}`
      const token: InitialAccessToken = {
        id: uuidv7(now),
        organisationId,
        name,
        userId: userId ?? null,
        actingClientId: actingClientId ?? null,
        usesLeft: uses,
        scopes,
        expiresAt: addSeconds(now, expiresIn),
        lastUsedAt: null,
        createdAt: now,
      }
      const event = eventOf(request, 'registration.token_created', { id: token.id, name, uses, scopes })
      await registrations.createToken(token, sha256(shown), event)
      return reply.status(201).send({ ...represent(token), token: shown })
    },
  )

  routes.get(
    TOKENS,
    {
      onRequest: needs('clients:read'),
      schema: {
        tags,
        summary: 'List the initial access tokens',
        description: 'Needs clients:read. Never with the tokens themselves.',
        response: { 200: z.object({ data: z.array(tokenSchema) }) },
      },
    },
    async (request) => ({ data: (await registrations.listTokens(who(request).organisationId)).map(represent) }),
  )

  routes.delete(
    `${TOKENS}/:id`,
    {
      onRequest: needs('clients:create'),
      schema: {
        tags,
        summary: 'Revoke an initial access token',
        description: 'Needs clients:create. Clients that were registered with it stay.',
        params: z.object({ id: z.uuid({ error: 'must be the id of a token' }) }),
        response: { 204: z.null().describe('Deleted.') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const event = eventOf(request, 'registration.token_deleted', { id })
      const deleted = await registrations.deleteToken({ id, organisationId: who(request).organisationId }, event)
      if (!deleted) throw notFound('There is no such initial access token.')
      return reply.status(204).send(null)
    },
  )

  refuseOtherMethods(scope, POLICY, ['GET', 'PUT'])
  refuseOtherMethods(scope, TOKENS, ['GET', 'POST'])
  refuseOtherMethods(scope, `${TOKENS}/:id`, ['DELETE'])
}

function represent(token: InitialAccessToken): z.output<typeof tokenSchema> {
  const { organisationId: _, ...shown } = token
  return {
    ...shown,
    expiresAt: token.expiresAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    createdAt: token.createdAt.toISOString(),
  }
}

function representRules({
  policy,
  profile,
  softwareStatementRequired,
  clientIdMetadataDocuments,
  clientIdMetadataHosts,
  clientIdMetadataScopes,
}: RegistrationRules): z.output<typeof rulesSchema> {
  return {
    policy,
    profile,
    softwareStatementRequired,
    clientIdMetadataDocuments,
    clientIdMetadataHosts: [...clientIdMetadataHosts],
    clientIdMetadataScopes: [...clientIdMetadataScopes],
  }
}
