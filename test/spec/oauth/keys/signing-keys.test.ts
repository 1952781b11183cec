import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ALL_KEYS } from '../../../../src/keys/key-set.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import {
  algorithms,
  ALGORITHMS,
  FIRST_KEYS,
  DAY,
  isLive,
  keySet,
  maxAge,
  newToken,
  published,
  registerMachine,
  signerOf,
  verifies,
} from '../../../support/published-keys.ts'

/** The schedule of the tests: a rotation every 30 days, and a maximum token lifetime of 25 hours. */
const ROTATION = 30 * DAY
const LONGEST_LIFE = 90_000

describe('OpenID Connect Core §10.1.1: rotation of keys', () => {
  let test: TestApp
  let client: RegisteredTestClient
  beforeEach(async () => {
    test = await createTestApp()
    client = await registerMachine(test)
  })
  afterEach(() => test.close())

  it('publishes the current and the next signing key of each algorithm, and the encryption keys', async () => {
    const { keys } = await keySet(test)
    expect(algorithms(keys)).toEqual(FIRST_KEYS)
    const token = await newToken(test, client)
    expect(await published(test)).toContain(signerOf(token))
  })

  it('by schedule: the new key was published before, and the old key still verifies', async () => {
    const before = await keySet(test)
    const first = signerOf(await newToken(test, client))
    const next = (await published(test)).find((kid) => kid !== first)
    test.clock.advance(ROTATION - 60)
    const late = await newToken(test, client)
    expect(signerOf(late)).toBe(first)
    test.clock.advance(60)
    // The rotation depends on the clock only, on every process: no notification is needed.
    expect(signerOf(await newToken(test, client))).toBe(next)
    await test.signer.maintain()
    const fresh = await newToken(test, client)
    expect(signerOf(fresh)).toBe(next)
    expect(await verifies(fresh, before, test.clock.now())).toBe(true)
    expect(await verifies(late, await keySet(test), test.clock.now())).toBe(true)
    expect(await isLive(test, client, late)).toBe(true)
    expect(await published(test)).toEqual(expect.arrayContaining([first, next]))
    expect(await published(test)).toHaveLength(3)
  })

  it('by command: the next key signs from now on, and a new next key is published', async () => {
    const before = await keySet(test)
    const old = await newToken(test, client)
    test.clock.advance(DAY / 2)
    await test.signer.rotate(ALL_KEYS)
    const fresh = await newToken(test, client)
    expect(signerOf(fresh)).not.toBe(signerOf(old))
    // A verifier with the previous key set can verify it, because the key was published before it was used.
    expect(await verifies(fresh, before, test.clock.now())).toBe(true)
    expect(await verifies(old, await keySet(test), test.clock.now())).toBe(true)
    expect(await isLive(test, client, old)).toBe(true)
    for (const alg of ALGORITHMS) expect(await published(test, alg)).toHaveLength(3)
  })

  it('by command: never uses a key that caches of the key set may not have', async () => {
    test.clock.advance(DAY)
    const held = await keySet(test)
    await test.signer.rotate(ALL_KEYS)
    test.clock.advance((await maxAge(test)) - 1)
    await test.signer.rotate(ALL_KEYS)
    const fresh = await newToken(test, client)
    expect(await verifies(fresh, held, test.clock.now())).toBe(true)
    test.clock.advance(1)
    await test.signer.rotate(ALL_KEYS)
    expect(signerOf(await newToken(test, client))).not.toBe(signerOf(fresh))
  })

  it('keeps a retired key only until the last token that it signed has expired', async () => {
    const old = await newToken(test, client)
    test.clock.advance(DAY)
    const last = await newToken(test, client)
    expect(signerOf(last)).toBe(signerOf(old))
    await test.signer.rotate(ALL_KEYS)
    test.clock.advance(DAY - 1)
    await test.signer.maintain()
    expect(await isLive(test, client, last)).toBe(true)
    expect(await verifies(last, await keySet(test), test.clock.now())).toBe(true)
    test.clock.advance(LONGEST_LIFE - DAY)
    await test.signer.maintain()
    expect(await published(test)).toContain(signerOf(old))
    test.clock.advance(2)
    await test.signer.maintain()
    expect(await published(test)).not.toContain(signerOf(old))
    expect(await published(test)).toHaveLength(2)
  })

  it('catches up after a long pause, without a gap in the published keys', async () => {
    const before = await published(test)
    test.clock.advance(10 * ROTATION)
    const woken = await newToken(test, client)
    expect(before).toContain(signerOf(woken))
    await test.signer.maintain()
    expect(signerOf(await newToken(test, client))).toBe(signerOf(woken))
    const after = await published(test)
    expect(after).toHaveLength(2)
    test.clock.advance(await maxAge(test))
    expect(after).toContain(signerOf(await newToken(test, client)))
  })

  it('changes nothing while there is nothing to change', async () => {
    const { body } = test.signer.jwks()
    await test.signer.maintain()
    await test.signer.maintain()
    expect(test.signer.jwks().body).toBe(body)
  })
})
