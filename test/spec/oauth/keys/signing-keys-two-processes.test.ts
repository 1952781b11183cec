import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSigner } from '../../../../src/keys/signer.ts'
import { createSealer } from '../../../../src/lib/crypto/sealer.ts'
import { sha256 } from '../../../../src/lib/crypto/hash.ts'
import { ALL_KEYS } from '../../../../src/keys/key-set.ts'
import { createTestApp, MASTER_KEY, type TestApp } from '../../../support/app.ts'
import { createTestClock, type TestClock } from '../../../support/clock.ts'
import { createDatabase, type TestDatabase } from '../../../support/cluster.ts'
import { eventually } from '../../../support/eventually.ts'
import {
  algorithms,
  ALGORITHMS,
  DAY,
  ENCRYPTION,
  FIRST_KEYS,
  isLive,
  keySet,
  newToken,
  registerMachine,
  signerOf,
  verifies,
} from '../../../support/published-keys.ts'

describe('two processes over one database', () => {
  let database: TestDatabase
  let clock: TestClock
  let one: TestApp
  let two: TestApp
  beforeAll(async () => {
    database = await createDatabase()
    clock = createTestClock()
    const { connectionString } = database
    // Both start at once in an empty database, without keys and users.
    ;[one, two] = await Promise.all([
      createTestApp({ connectionString, clock }),
      createTestApp({ connectionString, clock }),
    ])
  })
  afterAll(async () => {
    await one.close()
    await two.close()
    await database.drop()
  })

  const agree = async () => {
    await eventually(
      async () => [(await keySet(one)).keys, (await keySet(two)).keys],
      ([here, there]) => JSON.stringify(here) === JSON.stringify(there),
    )
    return (await keySet(one)).keys
  }

  it('start with the same keys', async () => {
    expect(algorithms(await agree())).toEqual(FIRST_KEYS)
  })

  it.each(['rotate', 'maintain'] as const)('make one new key for each algorithm when both %s at once', async (how) => {
    const client = await registerMachine(one)
    const before = await agree()
    clock.advance(how === 'rotate' ? DAY : 30 * DAY)
    await Promise.all(
      [one, two, one, two].map(({ signer }) => (how === 'rotate' ? signer.rotate(ALL_KEYS) : signer.maintain())),
    )
    const added = (await agree()).filter(({ kid }) => !before.some((key) => key.kid === kid))
    expect(algorithms(added)).toEqual([...ALGORITHMS, ...ENCRYPTION].sort())
    const tokens = [await newToken(one, client), await newToken(two, client)]
    expect(signerOf(tokens[0] ?? '')).toBe(signerOf(tokens[1] ?? ''))
    for (const token of tokens) {
      expect(before.map(({ kid }) => kid)).toContain(signerOf(token))
      expect(await isLive(one, client, token)).toBe(true)
      expect(await isLive(two, client, token)).toBe(true)
    }
  })

  it('create keys of a further algorithm once, when clients first need it, and rotate them from then on', async () => {
    const ofAlgorithm = async (alg: string) => (await agree()).filter((key) => key.alg === alg)
    const machine = (test: TestApp, alg: string) =>
      test.registerClient({
        clientType: 'confidential',
        grantTypes: ['client_credentials'],
        redirectUris: [],
        scopes: ['api'],
        accessTokenSigningAlg: alg,
      })
    expect(await ofAlgorithm('ES384')).toEqual([])
    // A client with a metadata document is not registered: the first signature creates the keys.
    const [signature] = await Promise.all([one, two, one, two].map(({ signer }) => signer.sign({}, 'ES512', 'JWT')))
    expect(await ofAlgorithm('ES512')).toHaveLength(2)
    expect(await two.signer.verify(signature ?? '', 'JWT')).toEqual({})
    const client = await machine(one, 'ES384')
    const held = await keySet(one)
    const tokens = await Promise.all([one, two, one, two].map((test) => newToken(test, client)))
    const first = await ofAlgorithm('ES384')
    expect(first).toHaveLength(2)
    expect(new Set(tokens.map(signerOf)).size).toBe(1)
    expect(await verifies(tokens[0] ?? '', held, clock.now())).toBe(true)
    for (const test of [one, two]) {
      expect(await verifies(tokens[0] ?? '', await keySet(test), clock.now())).toBe(true)
      expect(await isLive(test, client, tokens[0] ?? '')).toBe(true)
    }
    clock.advance(DAY)
    await one.signer.rotate(ALL_KEYS)
    expect(await ofAlgorithm('ES384')).toHaveLength(3)
    clock.advance(30 * DAY)
    await two.signer.maintain()
    const after = await ofAlgorithm('ES384')
    expect(after.filter(({ kid }) => !first.some((key) => key.kid === kid)).length).toBeGreaterThan(0)
    // No client has another algorithm, and no rotation creates its keys unless it names it: then they are known in time.
    expect(await ofAlgorithm('RS512')).toEqual([])
    await one.signer.rotate({ algorithms: ['RS512'], when: 'known' })
    expect(await ofAlgorithm('RS512')).toHaveLength(1)
    // A change and a registration create them, a dry run does not.
    const headers = { cookie: await one.signIn(), 'x-org-domain': 'acme' }
    const change = (query: string) =>
      one.app.inject({
        method: 'PATCH',
        url: `/v1/admin/clients/${client.id}${query}`,
        headers,
        payload: { accessTokenSigningAlg: 'PS384' },
      })
    expect((await change('?dryRun=true')).statusCode).toBe(200)
    expect(await ofAlgorithm('PS384')).toEqual([])
    expect((await change('')).statusCode).toBe(200)
    expect(await ofAlgorithm('PS384')).toHaveLength(2)
  })

  it('each is notified of changes by the other', async () => {
    const client = await registerMachine(one)
    clock.advance(DAY)
    await one.signer.rotate(ALL_KEYS)
    const rotated = signerOf(await newToken(one, client))
    await eventually(
      async () => signerOf(await newToken(two, client)),
      (kid) => kid === rotated,
    )
    expect(two.signer.jwks().body).toBe(one.signer.jwks().body)
  })
})

describe('keys at rest', () => {
  const NEW_KEY = sha256('a new key')
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  const open = (keys: [Uint8Array, ...Uint8Array[]]) =>
    createSigner({
      repository: test.repositories.signingKeys,
      sealer: createSealer(keys),
      clock: test.clock,
      schedule: { rotateDays: 30, maxTokenLifetimeSeconds: 90_000 },
    })

  it('do not open under another master key, and the error names the setting', async () => {
    await expect(open([sha256('another key')])).rejects.toThrow(/SECRET_ENCRYPTION_KEY/)
  })

  it('open under the previous master key beside a new one', async () => {
    const opened = await open([NEW_KEY, MASTER_KEY])
    expect(opened.jwks().body).toBe(test.signer.jwks().body)
  })

  it('are sealed, each for its own row', async () => {
    const [first, second] = await test.database.prisma.signingKey.findMany({ where: { alg: 'ES256' } })
    if (!first || !second) throw new Error('There should be two keys.')
    for (const { sealedPrivateJwk } of [first, second]) {
      expect(Buffer.from(sealedPrivateJwk).toString('latin1')).not.toMatch(/"(d|kty)"/)
    }
    const { kid } = first
    const stored = first.sealedPrivateJwk
    const put = (sealedPrivateJwk: Uint8Array<ArrayBuffer>) =>
      test.database.prisma.signingKey.update({ where: { kid }, data: { sealedPrivateJwk } })
    await put(second.sealedPrivateJwk)
    await expect(open([NEW_KEY])).rejects.toThrow(/./)
    await put(stored)
    await expect(open([NEW_KEY])).resolves.toBeDefined()
  })
})
