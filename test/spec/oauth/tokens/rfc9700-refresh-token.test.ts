import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readOAuthError } from '../../../support/read-response.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { relyingParty, type Tokens } from '../../../support/relying-party.ts'

const INVALID_GRANT = { status: 400, error: 'invalid_grant', cache: 'no-store' }

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient()
})
afterAll(() => test.close())
beforeEach(async () => {
  rp = relyingParty(test, client)
  browser = await test.signedInBrowser()
})

/** The tokens that a refresh token is exchanged for. */
async function rotate(token: string): Promise<Tokens> {
  const answer = await rp.refresh(token)
  expect(answer.statusCode).toBe(200)
  return answer.json<Tokens>()
}

/** Replay was detected: no token of the family works, and it was recorded once. */
async function expectDead(family: Tokens[]): Promise<void> {
  for (const { access_token, refresh_token } of family) {
    expect(readOAuthError(await rp.refresh(refresh_token))).toEqual(INVALID_GRANT)
    expect((await rp.userinfo(access_token)).statusCode).toBe(401)
  }
  const { grant_id } = JSON.parse(Buffer.from(family[0]?.access_token.split('.')[1] ?? '', 'base64url').toString()) as {
    grant_id: string
  }
  const events = await test.database.prisma.auditEvent.findMany({ where: { resourceId: grant_id } })
  expect(events.map(({ type, resourceType }) => [type, resourceType])).toEqual([
    ['oauth2.refresh_token_reused', 'grant'],
  ])
}

describe('RFC 9700 §4.14.2 refresh tokens rotate', () => {
  it('issues a new one every time', async () => {
    let { refresh_token } = await rp.tokens(browser)
    const seen = new Set([refresh_token])
    for (let generation = 1; generation <= 20; generation += 1) {
      ;({ refresh_token } = await rotate(refresh_token))
      seen.add(refresh_token)
      test.clock.advance(30)
    }
    expect(seen.size).toBe(21)
  })

  it('stores one row for all of them', async () => {
    const families = await test.database.prisma.refreshTokenFamily.count()
    let { refresh_token } = await rp.tokens(browser)
    for (let generation = 1; generation <= 5; generation += 1) ({ refresh_token } = await rotate(refresh_token))
    expect(await test.database.prisma.refreshTokenFamily.count()).toBe(families + 1)
  })

  it('never extends their lifetime', async () => {
    rp = relyingParty(test, await test.registerClient({ refreshTokenLifetime: 100 }))
    const first = await rp.tokens(browser)
    test.clock.advance(60)
    const second = await rotate(first.refresh_token)
    test.clock.advance(39)
    const third = await rotate(second.refresh_token)
    test.clock.advance(1)
    expect(readOAuthError(await rp.refresh(third.refresh_token))).toEqual(INVALID_GRANT)
    expect(readOAuthError(await rp.refresh(second.refresh_token))).toEqual(INVALID_GRANT)
  })
})

describe('RFC 9700 §4.14.2 a replayed refresh token revokes the whole family', () => {
  it('after the grace period', async () => {
    const first = await rp.tokens(browser)
    const second = await rotate(first.refresh_token)
    test.clock.advance(11)
    expect(readOAuthError(await rp.refresh(first.refresh_token))).toEqual(INVALID_GRANT)
    await expectDead([first, second])
  })

  it('immediately if it was replaced twice', async () => {
    const first = await rp.tokens(browser)
    const second = await rotate(first.refresh_token)
    const third = await rotate(second.refresh_token)
    expect(readOAuthError(await rp.refresh(first.refresh_token))).toEqual(INVALID_GRANT)
    await expectDead([first, second, third])
  })

  it('immediately for a client without a grace period', async () => {
    rp = relyingParty(test, await test.registerClient({ refreshTokenReuseWindow: 0 }))
    const first = await rp.tokens(browser)
    const second = await rotate(first.refresh_token)
    expect(readOAuthError(await rp.refresh(first.refresh_token))).toEqual(INVALID_GRANT)
    await expectDead([first, second])
  })

  it('but not when another client presents it', async () => {
    const first = await rp.tokens(browser)
    const second = await rotate(first.refresh_token)
    test.clock.advance(60)
    const other = await test.registerClient()
    expect(readOAuthError(await rp.refresh(first.refresh_token, { client_id: other.clientId }))).toEqual(INVALID_GRANT)
    expect(readOAuthError(await rp.refresh(second.refresh_token, { client_id: other.clientId }))).toEqual(INVALID_GRANT)
    expect((await rp.refresh(second.refresh_token)).statusCode).toBe(200)
  })

  it('and no other family of the same user and client', async () => {
    const neighbour = await rp.tokens(browser)
    const first = await rp.tokens(browser)
    await rotate(first.refresh_token)
    test.clock.advance(11)
    await rp.refresh(first.refresh_token)
    expect((await rp.refresh(neighbour.refresh_token)).statusCode).toBe(200)
  })
})

describe('a retry within the grace period, after a lost response', () => {
  it.each([0, 1, 10])('returns the same successor %i seconds later', async (seconds) => {
    const first = await rp.tokens(browser)
    const second = await rotate(first.refresh_token)
    test.clock.advance(seconds)
    const again = await rotate(first.refresh_token)
    expect(again.refresh_token).toBe(second.refresh_token)
    expect(again.access_token).not.toBe(second.access_token)
    expect((await rp.userinfo(again.access_token)).statusCode).toBe(200)
    const third = await rotate(again.refresh_token)
    expect(third.refresh_token).not.toBe(second.refresh_token)
  })

  it('does not extend the grace period', async () => {
    const first = await rp.tokens(browser)
    await rotate(first.refresh_token)
    test.clock.advance(9)
    await rotate(first.refresh_token)
    test.clock.advance(2)
    expect(readOAuthError(await rp.refresh(first.refresh_token))).toEqual(INVALID_GRANT)
  })

  it('lasts as long as the client registered', async () => {
    rp = relyingParty(test, await test.registerClient({ refreshTokenReuseWindow: 60 }))
    const first = await rp.tokens(browser)
    const second = await rotate(first.refresh_token)
    test.clock.advance(60)
    expect((await rotate(first.refresh_token)).refresh_token).toBe(second.refresh_token)
    test.clock.advance(1)
    expect(readOAuthError(await rp.refresh(first.refresh_token))).toEqual(INVALID_GRANT)
    await expectDead([first, second])
  })

  it('returns the same successor to sixteen concurrent requests', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { refresh_token } = await rp.tokens(browser)
      const answers = await Promise.all(Array.from({ length: 16 }, () => rp.refresh(refresh_token)))
      const successors = answers.map((answer) => answer.json<Tokens>().refresh_token)
      expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 16 }, () => 200))
      expect(new Set(successors).size).toBe(1)
      expect(successors[0]).not.toBe(refresh_token)
    }
  })

  it('without a grace period issues tokens for at most one of sixteen requests', async () => {
    rp = relyingParty(test, await test.registerClient({ refreshTokenReuseWindow: 0 }))
    const { refresh_token } = await rp.tokens(browser)
    const answers = await Promise.all(Array.from({ length: 16 }, () => rp.refresh(refresh_token)))
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
  })
})
