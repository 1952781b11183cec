import { z } from 'zod'
import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import { ALL_KEYS, rotatableAlgorithms, type Rotation, type UnchangedAlgorithm } from '../../keys/key-set.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type { SigningKeyRepository } from '../../model/keys/signing-key.ts'
import { adminOperation } from '../operation.ts'
import { listSigningKeys, signingKeyListSchema } from './signing-key.ts'

export interface SigningKeyServices {
  clock: Clock
  signingKeys: Pick<SigningKeyRepository, 'list'>
  rotate: (rotation: Rotation) => Promise<UnchangedAlgorithm[]>
  record: (event: AuditEvent) => Promise<void>
}

const rotationSchema = z
  .strictObject({
    algorithms: z
      .array(z.enum(rotatableAlgorithms))
      .min(1)
      .optional()
      .describe(
        'The algorithms whose keys are replaced; default all that have keys. One without keys gets its first, which are published before a client needs them.',
      ),
    when: z
      .enum(['known', 'now'])
      .optional()
      .describe(
        'known (default): the new keys sign when every verifier has had the time to fetch them. now: they sign immediately, as required after a leak.',
      ),
  })
  .nullish()

const rotationResultSchema = signingKeyListSchema.extend({
  unchanged: z
    .array(
      z.object({
        alg: z.string(),
        rotatableFrom: z.string().describe('ISO 8601. The time from which a rotation replaces the keys.'),
      }),
    )
    .describe('The algorithms whose keys stay, because they were replaced or published less than five minutes ago.'),
})

export const rotateSigningKeysOperation = ({ rotate, record, ...services }: SigningKeyServices) =>
  adminOperation({
    method: 'POST',
    path: '/v1/admin/signing-keys/rotate',
    operationId: 'rotateSigningKeys',
    tag: 'Signing keys',
    permission: 'signing_keys:rotate',
    operatorOnly: true,
    summary: 'Rotate the signing keys',
    description:
      'New keys are published immediately. The published next keys sign now, or five minutes after their publication, when every verifier can have fetched them. The previous keys stay published until their last token has expired. `unchanged` lists the algorithms that were rotated too recently.',
    schema: { body: rotationSchema, response: { 200: rotationResultSchema } },
    errors: [400],
    example: { algorithms: ['RS256'], when: 'now' },
    async handle({ context, request }) {
      const { algorithms, when = ALL_KEYS.when } = request.body ?? {}
      const before = await listSigningKeys(services)
      const unchanged = await rotate({ algorithms, when })
      const { data } = await listSigningKeys(services)
      const changes = fieldChanges({ signingKeys: before.data.map(keyState) }, { signingKeys: data.map(keyState) })
      const facts = { metadata: { algorithms: algorithms ?? 'all', when }, changes }
      await record(createAdminAuditEvent(context, services.clock, 'signing_keys.rotated', facts))
      return {
        data,
        unchanged: unchanged.map(({ alg, rotatableFrom }) => ({ alg, rotatableFrom: rotatableFrom.toISOString() })),
      }
    },
  })

const keyState = ({ kid, state }: { kid: string; state: string }) => ({ kid, state })
