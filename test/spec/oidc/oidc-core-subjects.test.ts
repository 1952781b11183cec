import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import type { RegisteredTestClient } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { startDocumentServer } from '../../support/document-server.ts'
import { REDIRECT_URI, relyingParty } from '../../support/relying-party.ts'
import { createTestApp, type TestApp } from '../../support/app.ts'

const PAIRWISE = { subjectType: 'pairwise', requireConsent: false, clientType: 'confidential' }
const ELSEWHERE = 'https://other.example.org/callback'

let test: TestApp
let web: Awaited<ReturnType<typeof startDocumentServer>>
let browser: Browser
let userId: string

beforeAll(async () => {
  test = await createTestApp({ allow: ['localhost'] })
  web = await startDocumentServer()
  browser = await test.signedInBrowser()
  userId = (await test.database.prisma.user.findFirstOrThrow()).id
})
afterAll(async () => {
  await web.close()
  await test.close()
})

const register = (settings: object = {}) => test.registerClient({ ...PAIRWISE, ...settings })

/** Every `sub` of the user that a client receives. */
async function namesFor(client: RegisteredTestClient, redirectUri = REDIRECT_URI) {
  const rp = relyingParty(test, client)
  const code = await (async () => {
    await browser.get(rp.authorizeUrl({ redirect_uri: redirectUri }))
    return browser.answer().get('code') ?? ''
  })()
  const tokens = (await rp.exchange(code, { redirect_uri: redirectUri })).json<
    Record<'id_token' | 'access_token' | 'refresh_token', string>
  >()
  const again = (await rp.refresh(tokens.refresh_token)).json<Record<'id_token' | 'refresh_token', string>>()
  const names = [
    decodeJwt(tokens.id_token).sub,
    decodeJwt(tokens.access_token).sub,
    decodeJwt(again.id_token).sub,
    (await rp.userinfo(tokens.access_token)).json<{ sub: string }>().sub,
    (await rp.introspect(tokens.access_token)).json<{ sub: string }>().sub,
    (await rp.introspect(again.refresh_token)).json<{ sub: string }>().sub,
  ]
  return { rp, tokens, names: [...new Set(names)] }
}

describe('OpenID Connect Core §8.1 the sector of a private-use scheme', () => {
  it('is the scheme: what looks like a host in it is not one (RFC 8252 §7.1)', async () => {
    const native = { clientType: 'public', grantTypes: ['authorization_code', 'refresh_token'] }
    const of = async (redirectUri: string, more: object = {}) =>
      (await namesFor(await register({ ...more, redirectUris: [redirectUri] }), redirectUri)).names
    const bank = await of('https://bank.example/callback')
    const [app, sibling, other] = [
      await of('com.evil.app://bank.example/callback', native),
      await of('com.evil.app:/callback', native),
      await of('com.other.app://bank.example/callback', native),
    ]
    expect(app).not.toEqual(bank)
    expect(app).toEqual(sibling)
    expect(app).not.toEqual(other)
  })
})

describe('OpenID Connect Core §8 subjects', () => {
  it('public: the same for every client', async () => {
    for (const host of [REDIRECT_URI, ELSEWHERE]) {
      const client = await register({ subjectType: 'public', redirectUris: [host] })
      expect((await namesFor(client, host)).names).toEqual([userId])
    }
  })

  it('pairwise: the same `sub` everywhere, which does not reveal the user id', async () => {
    const { names } = await namesFor(await register())
    expect(names).toEqual([expect.stringMatching(/^[\w-]{43}$/)])
    expect(names).not.toContain(userId)
  })

  it('pairwise: the same for clients of one host, and different for those of another', async () => {
    const [one, same, other] = [
      await namesFor(await register()),
      await namesFor(await register({ redirectUris: ['https://app.example.com/b'] }), 'https://app.example.com/b'),
      await namesFor(await register({ redirectUris: [ELSEWHERE] }), ELSEWHERE),
    ]
    expect(same.names).toEqual(one.names)
    expect(other.names).not.toEqual(one.names)
  })

  it('pairwise: an ID token is accepted as a hint', async () => {
    const client = await register({ postLogoutRedirectUris: ['https://app.example.com/bye'] })
    const { rp, tokens, names } = await namesFor(client)
    const silently = async (more: Record<string, string>) => {
      await browser.get(rp.authorizeUrl({ prompt: 'none', ...more }))
      return browser.answer().get('error')
    }
    expect(await silently({ id_token_hint: tokens.id_token })).toBeNull()
    const about = (sub: string) => ({ claims: JSON.stringify({ id_token: { sub: { value: sub } } }) })
    expect(await silently(about(names[0] ?? ''))).toBeNull()
    expect(await silently(about(userId))).toBe('login_required')
    const own = await test.signedInBrowser()
    const fresh = await rp.tokens(own)
    await own.get(
      `/oauth2/logout?${new URLSearchParams({ id_token_hint: fresh.id_token, post_logout_redirect_uri: 'https://app.example.com/bye' })}`,
    )
    expect(own.url).toBe('https://app.example.com/bye')
  })
})

describe('OpenID Connect Core §8.1, Registration §5 sector identifiers', () => {
  let api: Api
  beforeAll(async () => {
    api = await createApi()
  })
  afterAll(() => api.close())
  const both = [REDIRECT_URI, ELSEWHERE]
  const refusal = async (settings: object) => {
    const answer = await test.app.inject({
      method: 'POST',
      url: '/v1/admin/clients',
      headers: { cookie: await test.signIn() },
      payload: { name: 'Sector', redirectUris: both, scopes: ['openid'], ...PAIRWISE, ...settings },
    })
    const { errors } = answer.json<{ errors?: { path: string[]; message: string }[] }>()
    return [answer.statusCode, errors?.[0]?.path[0]]
  }

  it('join clients of several hosts', async () => {
    web.documents.set('/sector', { body: JSON.stringify(both) })
    const client = await register({ redirectUris: both, sectorIdentifierUri: `${web.base}/sector` })
    const [here, there] = [await namesFor(client), await namesFor(client, ELSEWHERE)]
    expect(here.names).toEqual(there.names)
  })

  it('are required for several hosts', async () => {
    expect(await refusal({})).toEqual([400, 'sectorIdentifierUri'])
  })

  it.each([
    ['nothing there', undefined],
    ['no JSON', 'nonsense'],
    ['no list', '{}'],
    ['a list without one of the redirect URIs', JSON.stringify([REDIRECT_URI])],
  ])('are rejected with %s', async (_, body) => {
    web.documents.clear()
    if (body !== undefined) web.documents.set('/bad', { body })
    expect(await refusal({ sectorIdentifierUri: `${web.base}/bad` })).toEqual([400, 'sectorIdentifierUri'])
  })

  it('are fetched again when the redirect URIs change', async () => {
    web.documents.set('/sector', { body: JSON.stringify([REDIRECT_URI]) })
    const client = await register({ sectorIdentifierUri: `${web.base}/sector` })
    const change = async () =>
      test.app.inject({
        method: 'PATCH',
        url: `/v1/admin/clients/${client.id}`,
        headers: { cookie: await test.signIn() },
        payload: { redirectUris: both },
      })
    expect((await change()).statusCode).toBe(400)
    web.documents.set('/sector', { body: JSON.stringify(both) })
    expect((await change()).statusCode).toBe(200)
  })

  it('are rejected by name in a dynamic registration', async () => {
    await api.send(api.owner, 'PUT', '/v1/admin/registration-policy', { body: { policy: 'open' } })
    const body = { redirect_uris: both, subject_type: 'pairwise' }
    const refusedBy = async (more: object) => {
      const answer = await api.app.inject({ method: 'POST', url: '/oauth2/register', payload: { ...body, ...more } })
      return answer.json<{ error: string; error_description: string }>()
    }
    for (const more of [{}, { sector_identifier_uri: 'https://127.0.0.1/sector' }]) {
      const { error, error_description: description } = await refusedBy(more)
      expect([error, description.split(' ')[0]]).toEqual(['invalid_client_metadata', 'sector_identifier_uri'])
    }
  })
})
