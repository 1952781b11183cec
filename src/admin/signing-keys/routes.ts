// `admin/signing-keys` owns the routes that list and rotate the server's signing keys.
// The keys belong to all organisations, so only administrators of the first organisation may use them.
// Creating and publishing keys belongs to `keys`.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { createAuditEvent } from '../../audit/catalogue.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { forbidden } from '../../http/errors/problem.ts'
import { currentKey, ALL_KEYS, type Rotation } from '../../keys/key-set.ts'
import type { Clock } from '../../lib/clock.ts'
import type { OrganisationRepository } from '../../model/organisations/organisation.ts'
import { actingClientMetadata, type AdminContext } from '../../model/permissions/permission.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type { SigningKeyRepository } from '../../model/keys/signing-key.ts'

export interface SigningKeyRoutesOptions {
  clock: Clock
  /** Who makes the request; throws the problem where they lack the permission. */
  authorizeAdministrator: (request: FastifyRequest, permission: string) => Promise<AdminContext>
  organisations: Pick<OrganisationRepository, 'findOperatorId'>
  signingKeys: Pick<SigningKeyRepository, 'list'>
  rotate: (rotation: Rotation) => Promise<void>
  record: (event: AuditEvent) => Promise<void>
}

const tags = ['Signing keys']
const keyStates = ['next', 'current', 'retired'] as const
type KeyState = (typeof keyStates)[number]
const keySchema = z.object({
  kid: z.string(),
  alg: z.string(),
  state: z.enum(keyStates).describe('next: published, signs later. retired: verifies only.'),
  createdAt: z.string().describe('ISO 8601.'),
  activatesAt: z.string().describe('ISO 8601. From when it signs.'),
})
const listSchema = z.object({ data: z.array(keySchema) })
const rotationSchema = z
  .strictObject({
    algorithms: z
      .array(z.enum(ALL_KEYS.algorithms))
      .min(1)
      .optional()
      .describe('The algorithms whose keys are replaced; all, where it is missing.'),
    when: z
      .enum(['known', 'now'])
      .optional()
      .describe(
        'known: as soon as every verifier can know the new keys. now: at once, with keys that nobody has seen, as after a leak. known, where it is missing.',
      ),
  })
  .nullish()

/**
 * `/v1/admin/signing-keys`: the keys of all tokens, for administrators of the operator's organisation alone, since every
 * organisation's tokens are signed with them.
 */
export function signingKeyRoutes(scope: FastifyInstance, options: SigningKeyRoutesOptions): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  const { clock, signingKeys, rotate } = options
  const administrators = new WeakMap<FastifyRequest, AdminContext>()

  const requirePermission = (permission: string) => async (request: FastifyRequest) => {
    const administrator = await options.authorizeAdministrator(request, permission)
    if (administrator.organisationId !== (await options.organisations.findOperatorId())) {
      throw forbidden("The signing keys belong to the server: only administrators of the operator's organisation may.")
    }
    administrators.set(request, administrator)
  }
  async function represent(): Promise<z.output<typeof listSchema>> {
    const now = clock.now()
    const keys = await signingKeys.list()
    const data = keys.map(({ kid, alg, createdAt, activatesAt }) => ({
      kid,
      alg,
      state: stateOf(kid, activatesAt, currentKey(keys, alg, now)?.kid, now),
      createdAt: createdAt.toISOString(),
      activatesAt: activatesAt.toISOString(),
    }))
    return { data }
  }

  routes.get(
    '/v1/admin/signing-keys',
    {
      onRequest: requirePermission('signing_keys:read'),
      schema: {
        tags,
        summary: 'List the signing keys',
        description: "Needs signing_keys:read, in the operator's organisation. Never with a private key.",
        response: { 200: listSchema },
      },
    },
    () => represent(),
  )

  routes.post(
    '/v1/admin/signing-keys/rotate',
    {
      onRequest: requirePermission('signing_keys:rotate'),
      schema: {
        tags,
        summary: 'Rotate the signing keys',
        description:
          "Needs signing_keys:rotate, in the operator's organisation. New keys are published at once; the next ones sign now, or as soon as every verifier can know them (five minutes). The old ones stay until their last token has expired.",
        body: rotationSchema,
        response: { 200: listSchema },
      },
    },
    async (request) => {
      const { algorithms = ALL_KEYS.algorithms, when = ALL_KEYS.when } = request.body ?? {}
      await rotate({ algorithms, when })
      const operator = administrators.get(request)
      await options.record(
        createAuditEvent(clock, 'signing_keys.rotated', {
          organisationId: operator?.organisationId,
          requestMetadata: requestMetadata(request),
          userId: operator?.userId,
          metadata: { algorithms, when, ...(operator && actingClientMetadata(operator)) },
        }),
      )
      return represent()
    },
  )

  rejectOtherMethods(scope, '/v1/admin/signing-keys', ['GET'])
  rejectOtherMethods(scope, '/v1/admin/signing-keys/rotate', ['POST'])
}

function stateOf(kid: string, activatesAt: Date, current: string | undefined, now: Date): KeyState {
  if (activatesAt > now) return 'next'
  return kid === current ? 'current' : 'retired'
}
