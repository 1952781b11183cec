import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openServerSecret } from '../../src/keys/server-secret.ts'
import { ALL_KEYS } from '../../src/keys/key-set.ts'
import { createSigner } from '../../src/keys/signer.ts'
import { createSealer } from '../../src/lib/crypto/sealer.ts'
import { sha256 } from '../../src/lib/crypto/hash.ts'
import { createTestApp, MASTER_KEY, type TestApp } from '../support/app.ts'

const NEW_KEY = sha256('the next master key')

describe('a new master key', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
    // The app's own signer has the first key only.
    test.repositories.onKeysChanged(() => {})
  })
  afterAll(() => test.close())

  const unreadable: string[] = []
  const start = async (keys: [Uint8Array, ...Uint8Array[]]) => {
    const { repositories, clock } = test
    const sealer = createSealer(keys)
    const signer = await createSigner({
      repository: repositories.signingKeys,
      sealer,
      clock,
      schedule: { rotateDays: 30, maxTokenLifetimeSeconds: 90_000 },
      onUnreadableKey: ({ kid }) => unreadable.push(kid),
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

  it('a key row that does not sign and cannot be read is reported and replaced, and stops nothing', async () => {
    const { pool } = test.database
    const before = await start([NEW_KEY])
    const token = await before.signer.sign({ sub: 'user-1' }, 'ES256', 'JWT')
    const kids = async (condition: string) =>
      (
        await pool.query<{ kid: string }>(`SELECT kid FROM signing_keys WHERE ${condition}`, [test.clock.now()])
      ).rows.map(({ kid }) => kid)
    const [next = ''] = await kids(`alg = 'RS256' AND activates_at > $1`)
    const [retired = ''] = await kids(`alg = 'ES256' AND activates_at <= $1`)
    test.clock.advance(600)
    await before.signer.rotate({ algorithms: ['ES256'], when: 'known' })
    test.clock.advance(600)
    const [malformed = ''] = await kids(`alg = 'EdDSA' AND activates_at > $1`)
    const [decrypting = ''] = await kids(`alg = 'ECDH-ES' AND activates_at <= $1`)
    await pool.query(`UPDATE signing_keys SET sealed_private_jwk = '\\x00' WHERE kid = ANY ($1)`, [[next, decrypting]])
    await pool.query(
      `UPDATE signing_keys SET sealed_private_jwk = overlay(sealed_private_jwk PLACING '\\x0000' FROM 20) WHERE kid = $1`,
      [retired],
    )
    await pool.query(`UPDATE signing_keys SET public_jwk = '{"kty":"oct"}' WHERE kid = $1`, [malformed])

    const after = await start([NEW_KEY])
    expect(new Set(unreadable)).toEqual(new Set([next, retired, malformed, decrypting]))
    for (const alg of ['RS256', 'ES256', 'EdDSA'] as const) {
      const signed = await after.signer.sign({ sub: 'user-2' }, alg, 'JWT')
      expect(await after.signer.verify(signed, 'JWT')).toEqual({ sub: 'user-2' })
    }
    // What the damaged key signed stays valid, and its public half published. A key that signed nothing is not.
    expect(await after.signer.verify(token, 'JWT')).toEqual({ sub: 'user-1' })
    const published = (JSON.parse(after.signer.jwks().body) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
    expect(published).toContain(retired)
    expect(published).not.toContain(next)
    expect(published).not.toContain(decrypting)
    await after.signer.rotate(ALL_KEYS)

    for (let month = 0; month < 3; month += 1) {
      test.clock.advance(40 * 86_400)
      await start([NEW_KEY])
    }
    expect(
      await kids(`kid IN ('${next}', '${retired}', '${malformed}', '${decrypting}') AND created_at <= $1`),
    ).toEqual([])
  })

  it('the key that signs now cannot be read: the message names it', async () => {
    const { pool } = test.database
    const { rows } = await pool.query<{ kid: string; sealed: Buffer }>(
      `SELECT kid, sealed_private_jwk AS sealed FROM signing_keys
       WHERE alg = 'PS256' AND activates_at <= $1 ORDER BY activates_at DESC LIMIT 1`,
      [test.clock.now()],
    )
    const [{ kid, sealed } = { kid: '', sealed: Buffer.of() }] = rows
    await pool.query(`UPDATE signing_keys SET sealed_private_jwk = '\\x00' WHERE kid = $1`, [kid])
    await expect(start([NEW_KEY])).rejects.toThrow(
      new RegExp(`^The key ${kid}, which signs with PS256 now, cannot be read`),
    )
    await pool.query(`UPDATE signing_keys SET sealed_private_jwk = $2 WHERE kid = $1`, [kid, sealed])
    await start([NEW_KEY])
  })

  it('no key row can be read: the master key is another one', async () => {
    await expect(start([sha256('a third key')])).rejects.toThrow(/None of the signing keys.*SECRET_ENCRYPTION_KEY/)
  })
})
