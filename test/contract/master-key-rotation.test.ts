import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openServerSecret } from '../../src/keys/server-secret.ts'
import { createSigner } from '../../src/keys/signer.ts'
import { createSealer } from '../../src/lib/sealer.ts'
import { sha256 } from '../../src/lib/hash.ts'
import { createTestApp, MASTER_KEY, type TestApp } from '../support/app.ts'

const NEW_KEY = sha256('the next master key')

describe('a new master key', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  const start = async (keys: [Uint8Array, ...Uint8Array[]]) => {
    const { repositories, clock } = test
    const sealer = createSealer(keys)
    const signer = await createSigner({
      repository: repositories.signingKeys,
      sealer,
      clock,
      schedule: { rotateDays: 30, maxTokenLifetimeSeconds: 90_000 },
    })
    return { secret: await openServerSecret(repositories.serverSecrets, sealer, clock), signer }
  }

  it('opens what the old one sealed, seals it anew, and then does without the old one', async () => {
    const before = await start([MASTER_KEY])
    const token = await before.signer.sign({ sub: 'user-1' }, 'ES256', 'JWT')

    const during = await start([NEW_KEY, MASTER_KEY])
    expect(during.secret).toEqual(before.secret)

    const after = await start([NEW_KEY])
    expect(after.secret).toEqual(before.secret)
    expect(await after.signer.verify(token, 'JWT')).toEqual({ sub: 'user-1' })
    expect(after.signer.jwks().body).toBe(before.signer.jwks().body)

    await expect(start([MASTER_KEY])).rejects.toThrow('SECRET_ENCRYPTION_KEY')
  })
})
