// `admin/registration-policy` owns the routes of the registration policy and of initial access tokens (RFC 7591 §3).
// The policy says whether clients may register themselves, and with which profile.
// The registration endpoint itself belongs to `clients/registration`.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { AuditEventType } from '../../audit/catalogue.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { forbidden, notFound, Problem } from '../../http/errors/problem.ts'
import { addSeconds, type Clock } from '../../lib/clock.ts'
import { randomToken, uuidv7 } from '../../lib/random.ts'
import { sha256 } from '../../lib/hash.ts'
import { clientIdMetadataModes } from '../../model/clients/client-metadata-document.ts'
import { profileNames } from '../../model/clients/client.ts'
import { hasPermission } from '../../model/permissions/permission.ts'
import {
  registrationPolicies,
  type InitialAccessToken,
  type ClientRegistrationRepository,
  type RegistrationSettings,
} from '../../model/clients/client-registration.ts'
import { clientIdHostProblem } from '../../oauth/client-id-url.ts'
import { isScopeToken, standardScopes } from '../../oauth/scope.ts'
import { createAdminAccess, createAdminAuditEvent, type AdminAccessOptions } from '../context.ts'
import * as field from '../../clients/settings/properties/fields.ts'

export interface RegistrationAdminOptions extends AdminAccessOptions {
  clock: Clock
  clientRegistrations: ClientRegistrationRepository
  /** Whether a scope would be read as a right on the administration API. */
  isPermission: (scope: string) => boolean
}

const POLICY_PATH = '/v1/admin/registration-policy'
const TOKENS_PATH = '/v1/admin/initial-access-tokens'

const tags = ['Registration']
const scopeToken = field.validatedString((value) =>
  isScopeToken(value) && value.length <= 200 ? undefined : 'must be one scope, without spaces',
)
const rulesSchema = z.strictObject(
  {
    policy: field.oneOf(registrationPolicies),
    profile: field.oneOf(profileNames).describe('What such clients are under.'),
    softwareStatementRequired: field.boolean.describe(
      'Whether they need a software statement of an issuer that is believed.',
    ),
    clientIdMetadataDocuments: field
      .oneOf(clientIdMetadataModes)
      .describe('Whether a client_id may be the address of a metadata document: on the listed hosts, or on any.'),
    clientIdMetadataHosts: field.listOf(field.validatedString(clientIdHostProblem)),
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
    uses: field.integer(1, 100_000).default(1).describe('How many clients it is good for.'),
    expiresIn: field.integer(60, 31_536_000).default(86_400).describe('Seconds.'),
    scopes: field.listOf(scopeToken).default(Object.keys(standardScopes)),
  },
  { error: 'must be a JSON object' },
)

/** Who may register clients in an organisation, and the tokens to do it with (RFC 7591 §3). */
export function registrationAdminRoutes(scope: FastifyInstance, options: RegistrationAdminOptions): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  const { clock, clientRegistrations } = options
  const { requirePermission, contextOf } = createAdminAccess(options)
  const administratorOf = (request: FastifyRequest) => contextOf(request).administrator
  const eventOf = (request: FastifyRequest, type: AuditEventType, metadata: Record<string, unknown>) =>
    createAdminAuditEvent(contextOf(request), clock, type, metadata)

  function assertNoPrivilegeEscalation(request: FastifyRequest, scopes: readonly string[]): void {
    const { permissions } = administratorOf(request)
    const missingPermissions = scopes.filter(
      (wanted) => options.isPermission(wanted) && !hasPermission(permissions, wanted),
    )
    if (missingPermissions.length > 0)
      throw forbidden(`The scopes include permissions that you lack: ${missingPermissions.join(', ')}.`)
  }

  routes.get(
    POLICY_PATH,
    {
      onRequest: requirePermission('clients:read'),
      schema: {
        tags,
        summary: 'Read who may register clients',
        description: 'Needs clients:read.',
        response: { 200: rulesSchema },
      },
    },
    async (request) => {
      const found = await clientRegistrations.findSettings({ id: administratorOf(request).organisationId })
      if (!found) throw notFound('The organisation is not available.')
      return representRules(found)
    },
  )

  routes.put(
    POLICY_PATH,
    {
      onRequest: requirePermission('clients:create'),
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
      assertNoPrivilegeEscalation(request, body.clientIdMetadataScopes ?? [])
      const event = eventOf(request, 'registration.policy_changed', body)
      const rules = await clientRegistrations.updateSettings(administratorOf(request).organisationId, body, event)
      if (rules === 'host_taken') {
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
    TOKENS_PATH,
    {
      onRequest: requirePermission('clients:create'),
      schema: {
        tags,
        summary: 'Make an initial access token',
        description: 'Needs clients:create. The token is in this answer and nowhere else.',
        body: newTokenSchema,
        response: { 201: tokenSchema.extend({ token: z.string() }) },
      },
    },
    async (request, reply) => {
      const { organisationId, userId, actingClientId } = administratorOf(request)
      const { name, uses, expiresIn, scopes } = request.body
      assertNoPrivilegeEscalation(request, scopes)
      const now = clock.now()
      const tokenValue = `iat_${randomToken()}`
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
      await clientRegistrations.createInitialAccessToken(token, sha256(tokenValue), event)
      return reply.status(201).send({ ...representToken(token), token: tokenValue })
    },
  )

  routes.get(
    TOKENS_PATH,
    {
      onRequest: requirePermission('clients:read'),
      schema: {
        tags,
        summary: 'List the initial access tokens',
        description: 'Needs clients:read. Never with the tokens themselves.',
        response: { 200: z.object({ data: z.array(tokenSchema) }) },
      },
    },
    async (request) => ({
      data: (await clientRegistrations.listInitialAccessTokens(administratorOf(request).organisationId)).map(
        representToken,
      ),
    }),
  )

  routes.delete(
    `${TOKENS_PATH}/:id`,
    {
      onRequest: requirePermission('clients:create'),
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
      const deleted = await clientRegistrations.deleteInitialAccessToken(
        { id, organisationId: administratorOf(request).organisationId },
        event,
      )
      if (!deleted) throw notFound('There is no such initial access token.')
      return reply.status(204).send(null)
    },
  )

  rejectOtherMethods(scope, POLICY_PATH, ['GET', 'PUT'])
  rejectOtherMethods(scope, TOKENS_PATH, ['GET', 'POST'])
  rejectOtherMethods(scope, `${TOKENS_PATH}/:id`, ['DELETE'])
}

function representToken(token: InitialAccessToken): z.output<typeof tokenSchema> {
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
}: RegistrationSettings): z.output<typeof rulesSchema> {
  return {
    policy,
    profile,
    softwareStatementRequired,
    clientIdMetadataDocuments,
    clientIdMetadataHosts: [...clientIdMetadataHosts],
    clientIdMetadataScopes: [...clientIdMetadataScopes],
  }
}
