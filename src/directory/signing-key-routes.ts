import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { securityEvent } from '../events/catalogue.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { forbidden } from '../http/problem-dialect.ts'
import { currentKey, everyKey, type Rotation } from '../keys/key-set.ts'
import type { Clock } from '../lib/clock.ts'
import type { OrganisationRepository } from '../model/organisation.ts'
import { actingClient, type Administrator } from '../model/permission.ts'
import type { SecurityEvent } from '../model/security-event.ts'
import type { KeyRepository } from '../model/key.ts'

export interface SigningKeyRoutesOptions {
  clock: Clock
  /** Who makes the request; throws the problem where they lack the permission. */
  administrator: (request: FastifyRequest, permission: string) => Promise<Administrator>
  organisations: Pick<OrganisationRepository, 'findOperator'>
  signingKeys: Pick<KeyRepository, 'list'>
  rotate: (rotation: Rotation) => Promise<void>
  record: (event: SecurityEvent) => Promise<void>
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
      .array(z.enum(everyKey.algorithms))
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
  const operators = new WeakMap<FastifyRequest, Administrator>()

  const needs = (permission: string) => async (request: FastifyRequest) => {
    const administrator = await options.administrator(request, permission)
    if (administrator.organisationId !== (await options.organisations.findOperator())) {
      throw forbidden("The signing keys belong to the server: only administrators of the operator's organisation may.")
    }
    operators.set(request, administrator)
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
      onRequest: needs('signing_keys:read'),
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
      onRequest: needs('signing_keys:rotate'),
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
      const { algorithms = everyKey.algorithms, when = everyKey.when } = request.body ?? {}
      await rotate({ algorithms, when })
      const operator = operators.get(request)
      await options.record(
        securityEvent(clock, 'signing_keys.rotated', {
          organisationId: operator?.organisationId,
          origin: originOf(request),
          userId: operator?.userId,
          metadata: { algorithms, when, ...(operator && actingClient(operator)) },
        }),
      )
      return represent()
    },
  )

  refuseOtherMethods(scope, '/v1/admin/signing-keys', ['GET'])
  refuseOtherMethods(scope, '/v1/admin/signing-keys/rotate', ['POST'])
}

function stateOf(kid: string, activatesAt: Date, current: string | undefined, now: Date): KeyState {
  if (activatesAt > now) return 'next'
  return kid === current ? 'current' : 'retired'
}
