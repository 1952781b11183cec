import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSigner } from '../../src/keys/signer.ts'
import { createSealer, sha256 } from '../../src/lib/secret.ts'
import { createTestApp, MASTER_KEY, type RegisteredTestClient, type TestApp } from '../support/app.ts'
import { createTestClock, type TestClock } from '../support/clock.ts'
import { createDatabase, type TestDatabase } from '../support/cluster.ts'
import { eventually } from '../support/eventually.ts'
import { relyingParty } from '../support/relying-party.ts'

const ALGORITHMS = ['ES256', 'EdDSA', 'PS256', 'RS256']
const DAY = 86_400
/** What the schedule of the tests says: a rotation each 30 days, and no token lives longer than 25 hours. */
const ROTATION = 30 * DAY
const LONGEST_LIFE = 90_000

const keySet = async (test: TestApp) =>
  (await test.app.inject({ method: 'GET', url: '/oauth2/jwks.json' })).json<
    JSONWebKeySet & { keys: { kid: string }[] }
  >()

const algorithms = (keys: readonly { alg?: string }[]) => keys.map(({ alg }) => String(alg)).sort()

const maxAge = async (test: TestApp) => {
  const { headers } = await test.app.inject({ method: 'GET', url: '/oauth2/jwks.json' })
  return Number(/max-age=(\d+)/.exec(String(headers['cache-control']))?.[1])
}

const published = async (test: TestApp, alg = 'ES256') =>
  (await keySet(test)).keys.filter((key) => key.alg === alg).map(({ kid }) => kid)

/** A machine whose tokens live as long as tokens may. */
const machine = (test: TestApp) =>
  test.registerClient({
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['api'],
    accessTokenLifetime: DAY,
  })

async function newToken(test: TestApp, client: RegisteredTestClient): Promise<string> {
  const answer = await relyingParty(test, client).exchange('', { grant_type: 'client_credentials' })
  return answer.json<{ access_token: string }>().access_token
}

const signer = (token: string) => decodeProtectedHeader(token).kid ?? ''

/** Whether a resource server that holds this key set can verify the signature of a token. */
async function verifies(token: string, keys: JSONWebKeySet, now: Date): Promise<boolean> {
  return jwtVerify(token, createLocalJWKSet(keys), { currentDate: now, typ: 'at+jwt' }).then(
    () => true,
    () => false,
  )
}

const isLive = async (test: TestApp, client: RegisteredTestClient, token: string) =>
  (await relyingParty(test, client).introspect(token)).json<{ active: boolean }>().active

describe('two processes over one database', () => {
  let database: TestDatabase
  let clock: TestClock
  let one: TestApp
  let two: TestApp
  beforeAll(async () => {
    database = await createDatabase()
    clock = createTestClock()
    const { connectionString } = database
    // Both at once, and both the first: there are no keys and nobody yet.
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
    expect(algorithms(await agree())).toEqual(ALGORITHMS.flatMap((alg) => [alg, alg]))
  })

  it.each(['rotate', 'maintain'] as const)('make one new key for each algorithm when both %s at once', async (how) => {
    const client = await machine(one)
    const before = await agree()
    clock.advance(how === 'rotate' ? DAY : ROTATION)
    await Promise.all([one.signer[how](), two.signer[how](), one.signer[how](), two.signer[how]()])
    const added = (await agree()).filter(({ kid }) => !before.some((key) => key.kid === kid))
    expect(algorithms(added)).toEqual(ALGORITHMS)
    const tokens = [await newToken(one, client), await newToken(two, client)]
    expect(signer(tokens[0] ?? '')).toBe(signer(tokens[1] ?? ''))
    for (const token of tokens) {
      expect(before.map(({ kid }) => kid)).toContain(signer(token))
      expect(await isLive(one, client, token)).toBe(true)
      expect(await isLive(two, client, token)).toBe(true)
    }
  })

  it('each hears of what the other does', async () => {
    const client = await machine(one)
    clock.advance(DAY)
    await one.signer.rotate()
    const rotated = signer(await newToken(one, client))
    await eventually(
      async () => signer(await newToken(two, client)),
      (kid) => kid === rotated,
    )
    expect(two.signer.jwks().body).toBe(one.signer.jwks().body)
  })
})

describe('keys at rest', () => {
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
      schedule: { rotateDays: 30, longestTokenLifetime: LONGEST_LIFE },
      digest: (text) => sha256(text).toString('hex'),
    })

  it('do not open under another master key, and the server says which setting is wrong', async () => {
    await expect(open([sha256('another key')])).rejects.toThrow(/SECRET_ENCRYPTION_KEY/)
  })

  it('open under the previous master key beside a new one', async () => {
    const opened = await open([sha256('a new key'), MASTER_KEY])
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
    await expect(open([MASTER_KEY])).rejects.toThrow(/./)
    await put(stored)
    await expect(open([MASTER_KEY])).resolves.toBeDefined()
  })
})
