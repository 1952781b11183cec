import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { OWNER } from '../../support/app.ts'

const TOKENS = '/v1/system/onboarding-tokens'
const PASSWORD = 'a password for the new owner'

type OnboardingMode = 'off' | 'invitation' | 'open'

let made = 0
const nextEmail = () => `ada-${(made += 1)}@research.example`
const bodyOf = (more: object = {}) => ({
  organisationName: 'Research',
  firstName: 'Ada',
  lastName: 'Lovelace',
  email: nextEmail(),
  password: PASSWORD,
  ...more,
})
const onboard = (api: Api, body: object, headers: Record<string, string> = {}) =>
  api.app.inject({ method: 'POST', url: '/v1/auth/onboard', payload: body, headers })
const signIn = (api: Api, email: string, password = PASSWORD) =>
  api.app.inject({ method: 'POST', url: '/v1/auth/login', payload: { email, password } })
const countOf = async (api: Api) => [await api.prisma.organisation.count(), await api.prisma.user.count()]
const failures = async (api: Api) =>
  (await api.prisma.auditEvent.findMany({ where: { type: 'organisation.onboarding.failed' } })).map(
    ({ organisationId, metadata }) => [organisationId, (metadata as { reason: string }).reason],
  )

function withServer(onboarding: OnboardingMode) {
  const found: { api: Api } = { api: undefined as never }
  beforeAll(async () => {
    found.api = await createApi({ onboarding })
  })
  afterAll(() => found.api.close())
  return found
}

describe('with ONBOARDING=off', () => {
  const server = withServer('off')

  it('creates nothing', async () => {
    const before = await countOf(server.api)
    expect((await onboard(server.api, bodyOf())).statusCode).toBe(403)
    expect(await countOf(server.api)).toEqual(before)
  })
})

describe('with ONBOARDING=invitation', () => {
  const server = withServer('invitation')
  const createToken = async (email: string, more: object = {}) => {
    const answer = await server.api.send(server.api.owner, 'POST', TOKENS, { body: { email, ...more } })
    if (answer.statusCode !== 201) throw new Error(answer.body)
    return answer.json<{ id: string; token: string }>()
  }

  it('creates an organisation for the holder of a token, who is signed in', async () => {
    const { api } = server
    const email = nextEmail()
    const { id, token } = await createToken(email)
    const answer = await onboard(api, bodyOf({ email: email.toUpperCase(), token, metadata: { plan: 'gold' } }))
    expect(answer.statusCode).toBe(201)
    const onboarded = answer.json<{ organisation: { id: string }; user: { id: string }; roles: { slug: string }[] }>()
    expect(onboarded).toMatchObject({
      organisation: { slug: 'research', name: 'Research', configs: { metadata: { plan: 'gold' }, requireMfa: false } },
      user: { email: email.toUpperCase(), name: 'Ada Lovelace' },
      invitationDefaults: { roleId: expect.any(String), expiresInHours: 168, maxUses: 1 },
    })
    expect(onboarded.roles.map(({ slug }) => slug).toSorted()).toEqual(['admin', 'manager', 'owner', 'staff'])
    const cookie = answer.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    const profile = await api.app.inject({ url: '/v1/me/profile', headers: { cookie } })
    expect(profile.json()).toMatchObject({ emailVerified: true, permissions: ['*'] })
    expect((await signIn(api, email)).statusCode).toBe(200)
    const { data } = (await api.send(api.owner, 'GET', TOKENS)).json<{ data: object[] }>()
    expect(data).toContainEqual(
      expect.objectContaining({ id, organisationId: onboarded.organisation.id, consumedAt: expect.any(String) }),
    )
    const events = await api.prisma.auditEvent.findMany({
      where: { resourceId: onboarded.organisation.id, type: 'organisation.created' },
    })
    expect(new Set(events.map(({ organisationId }) => organisationId))).toEqual(
      new Set([onboarded.organisation.id, api.owner.organisation.id]),
    )
    expect(events).toHaveLength(2)
  })

  it('keeps tokens as hashes, and out of logs and events', async () => {
    const { token } = await createToken(nextEmail())
    const { api } = server
    const stored = JSON.stringify([await api.prisma.onboardingToken.findMany(), await api.prisma.auditEvent.findMany()])
    expect(stored).not.toContain(token)
    expect(api.logs.join('')).not.toContain(token)
  })

  it('answers each token that is not valid alike, whether the address has an account or not', async () => {
    const { api } = server
    const used = nextEmail()
    const spent = await createToken(used)
    await onboard(api, bodyOf({ email: used, token: spent.token }))
    const expired = nextEmail()
    const old = await createToken(expired, { expiresIn: 60 })
    const deleted = nextEmail()
    const revoked = await createToken(deleted)
    await api.send(api.owner, 'DELETE', `${TOKENS}/${revoked.id}`)
    const taken = nextEmail()
    const late = await createToken(taken)
    await api.send(api.owner, 'POST', '/v1/admin/users', { body: { email: taken } })
    const other = await createToken(nextEmail())
    api.clock.advance(61)
    const before = await countOf(api)
    const answers = [
      await onboard(api, bodyOf()),
      await onboard(api, bodyOf({ email: OWNER.email })),
      await onboard(api, bodyOf({ token: 'onb_unknown' })),
      await onboard(api, bodyOf({ email: used, token: spent.token })),
      await onboard(api, bodyOf({ email: expired, token: old.token })),
      await onboard(api, bodyOf({ email: deleted, token: revoked.token })),
      await onboard(api, bodyOf({ token: other.token })),
      await onboard(api, bodyOf({ email: OWNER.email, token: other.token })),
      await onboard(api, bodyOf({ email: taken, token: late.token })),
    ]
    const shown = answers.map((answer) => {
      const { instance: _, ...problem } = answer.json<Record<string, unknown>>()
      return JSON.stringify([answer.statusCode, problem, answer.headers['set-cookie'] ?? null])
    })
    expect(new Set(shown).size).toBe(1)
    expect(answers[0]?.statusCode).toBe(403)
    expect(await countOf(api)).toEqual(before)
    expect(new Set((await failures(api)).map(([, reason]) => reason))).toEqual(
      new Set(['token_invalid', 'email_taken']),
    )
  })

  it('creates one organisation for requests that present a token at once', async () => {
    const { api } = server
    const email = nextEmail()
    const { token } = await createToken(email)
    const [organisations] = await countOf(api)
    const answers = await Promise.all(Array.from({ length: 5 }, () => onboard(api, bodyOf({ email, token }))))
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1)
    expect((await countOf(api))[0]).toBe((organisations ?? 0) + 1)
  })

  it('takes no token twice, even if the address is free again', async () => {
    const { api } = server
    const email = nextEmail()
    const { token } = await createToken(email)
    expect((await onboard(api, bodyOf({ email, token }))).statusCode).toBe(201)
    await api.prisma.user.update({ where: { emailKey: email }, data: { emailKey: `former-${email}` } })
    expect((await onboard(api, bodyOf({ email, token }))).statusCode).toBe(403)
  })

  it('keeps a token that was presented with a weak password', async () => {
    const { api } = server
    const email = nextEmail()
    const { token } = await createToken(email)
    const weak = await onboard(api, bodyOf({ email, token, password: 'password' }))
    expect([weak.statusCode, JSON.stringify(weak.json())]).toEqual([400, expect.stringContaining('"password"')])
    expect((await onboard(api, bodyOf({ email, token }))).statusCode).toBe(201)
  })

  it('creates no token for an address that has an account, and none for callers outside of the operator', async () => {
    const { api } = server
    const taken = await api.send(api.owner, 'POST', TOKENS, { body: { email: OWNER.email } })
    expect(taken.statusCode).toBe(409)
    const reader = await api.addPerson(['system_organisations:read'])
    expect((await api.send(reader, 'POST', TOKENS, { body: { email: nextEmail() } })).statusCode).toBe(403)
    const tenant = await api.addOrganisation('elsewhere')
    const outsider = await api.addPerson(['*'], tenant)
    expect((await api.send(outsider, 'POST', TOKENS, { body: { email: nextEmail() } })).statusCode).toBe(403)
  })

  it('rejects pages of other sites and unknown members', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await onboard(server.api, bodyOf(), headers)).statusCode).toBe(403)
    expect((await onboard(server.api, bodyOf({ role: 'owner' }))).statusCode).toBe(400)
    expect((await onboard(server.api, bodyOf({ email: 'not an address' }))).statusCode).toBe(400)
  })
})

describe('with ONBOARDING=open', () => {
  const server = withServer('open')

  it('answers alike whether the address has an account or not, and creates an organisation if it has none', async () => {
    const { api } = server
    const email = nextEmail()
    const before = await countOf(api)
    const [free, taken] = [await onboard(api, bodyOf({ email })), await onboard(api, bodyOf({ email: OWNER.email }))]
    expect([free.statusCode, free.body]).toEqual([202, taken.body])
    expect(taken.statusCode).toBe(202)
    expect([free.cookies, taken.cookies]).toEqual([[], []])
    expect(await countOf(api)).toEqual(before.map((count) => count + 1))
    expect((await signIn(api, email)).statusCode).toBe(200)
    expect((await signIn(api, OWNER.email, OWNER.password)).statusCode).toBe(200)
    expect(await failures(api)).toEqual([[api.owner.organisation.id, 'email_taken']])
  })

  it('still takes tokens', async () => {
    const { api } = server
    const email = nextEmail()
    const { token } = (await api.send(api.owner, 'POST', TOKENS, { body: { email } })).json<{ token: string }>()
    expect((await onboard(api, bodyOf({ email, token }))).statusCode).toBe(201)
    expect((await onboard(api, bodyOf({ token: 'onb_unknown' }))).statusCode).toBe(403)
  })
})

describe('the limit by network', () => {
  it('counts attempts, whichever address they name', async () => {
    const api = await createApi({ onboarding: 'open', limits: { account: { max: 2, window: 900 } } })
    expect((await onboard(api, bodyOf())).statusCode).toBe(202)
    expect((await onboard(api, bodyOf({ email: OWNER.email }))).statusCode).toBe(202)
    const rejected = await onboard(api, bodyOf())
    expect([rejected.statusCode, Number(rejected.headers['retry-after']) > 0]).toEqual([429, true])
    await api.close()
  })
})
