import { z } from 'zod'
import { currentKey } from '../../keys/key-set.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { SigningKeyRepository } from '../../model/keys/signing-key.ts'

const keyStates = ['next', 'current', 'retired'] as const
type KeyState = (typeof keyStates)[number]

export const signingKeyListSchema = z.object({
  data: z.array(
    z.object({
      kid: z.string(),
      alg: z.string(),
      state: z.enum(keyStates).describe('next: published, signs later. retired: verifies only.'),
      createdAt: z.string().describe('ISO 8601.'),
      activatesAt: z.string().describe('ISO 8601. The time from which it signs.'),
    }),
  ),
})

/** The keys with their states, without the private keys. */
export async function listSigningKeys({
  signingKeys,
  clock,
}: {
  signingKeys: Pick<SigningKeyRepository, 'list'>
  clock: Clock
}): Promise<z.output<typeof signingKeyListSchema>> {
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

function stateOf(kid: string, activatesAt: Date, currentKid: string | undefined, now: Date): KeyState {
  if (activatesAt > now) return 'next'
  return kid === currentKid ? 'current' : 'retired'
}
