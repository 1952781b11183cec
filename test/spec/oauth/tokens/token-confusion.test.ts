import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readErrorPage, readRedirect } from '../../../support/read-response.ts'
import { OWNER } from '../../../support/app.ts'
import {
  BROWSER_COOKIE,
  createCredentials,
  hasCode,
  type Credential,
  type Kind,
} from '../../../support/credential-kinds.ts'
import { relyingParty } from '../../../support/relying-party.ts'

let all: Awaited<ReturnType<typeof createCredentials>>
beforeAll(async () => {
  all = await createCredentials()
})
afterAll(() => all.close())

const PEOPLE: Kind[] = [
  'access token',
  'access token as JWT',
  'opaque access token',
  'access token of the front channel',
]
const ADMINISTRATION: Kind = 'access token that administers'
const MACHINES: Kind[] = ['access token of a machine', 'opaque access token of a machine', ADMINISTRATION]
const API_KEY: Kind = 'API key'
const API_KEY_TOKEN: Kind = 'token of an API key'
const ID_TOKENS: Kind[] = ['ID token', 'ID token of the front channel', 'expired ID token']
const KINDS: Kind[] = [
  'code',
  ...PEOPLE,
  ...MACHINES,
  API_KEY,
  API_KEY_TOKEN,
  'refresh token',
  ...ID_TOKENS,
  'logout token',
  'signed userinfo',
  'registration access token',
  'initial access token',
  'session cookie',
  'browser cookie',
  'browser state',
  'form token',
  'waiting request',
  'pushed request',
  'authorization response',
  'client secret',
  'client assertion',
  'request object',
]

/** Status, error and challenge of a response, in any error format. */
function summaryOf(answer: LightMyRequestResponse): { status: number; error?: string; challenge?: string } {
  const { statusCode: status, headers } = answer
  const type = String(headers['content-type'])
  const challenge = headers['www-authenticate']
  const error = type.startsWith('application/json')
    ? answer.json<{ error?: string }>().error
    : headers.location !== undefined
      ? readRedirect(answer)['error']
      : readErrorPage(answer).code
  return {
    status,
    ...(error !== undefined && { error }),
    ...(challenge !== undefined && { challenge: String(challenge) }),
  }
}

interface Place {
  send: (secret: string) => Promise<LightMyRequestResponse>
  /** The kinds that are accepted here; all others are rejected. */
  takes: Kind[]
  taken: (answer: LightMyRequestResponse) => boolean
  refused: object
}

const is = (status: number) => (answer: LightMyRequestResponse) => answer.statusCode === status
const get = (url: string, headers: Record<string, string>) => all.test.app.inject({ method: 'GET', url, headers })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const invalidToken = {
  status: 401,
  error: 'invalid_token',
  challenge: expect.stringMatching(/^Bearer realm="cerberus", error="invalid_token"/),
}
const answersWith = (status: number, error: string) => ({ status, error })

const administration = (url: string): [string, Place] => [
  `as bearer token of ${url}`,
  {
    send: (token) => get(url, bearer(token)),
    takes: [ADMINISTRATION, API_KEY],
    taken: is(200),
    refused: { status: 401, challenge: expect.stringMatching(/^Bearer realm="cerberus", error="invalid_token"/) },
  },
]

/** Every place that accepts a secret, and its response to other kinds. */
const PLACES: Record<string, Place> = {
  'as code': {
    send: (code) => all.rp.exchange(code),
    takes: ['code'],
    taken: is(200),
    refused: answersWith(400, 'invalid_grant'),
  },
  'as refresh_token': {
    send: (token) => all.rp.refresh(token),
    takes: ['refresh token'],
    taken: is(200),
    refused: answersWith(400, 'invalid_grant'),
  },
  'as client_assertion': {
    send: (assertion) => all.assert(assertion),
    takes: ['client assertion'],
    taken: is(200),
    refused: { status: 401, error: 'invalid_client', challenge: expect.stringMatching(/^Basic realm="cerberus"/) },
  },
  'as client secret': {
    send: (secret) =>
      relyingParty(all.test, { ...all.machine, clientSecret: secret }).exchange('', {
        grant_type: 'client_credentials',
      }),
    takes: ['client secret'],
    taken: is(200),
    refused: { status: 401, error: 'invalid_client', challenge: expect.stringMatching(/^Basic realm="cerberus"/) },
  },
  'for introspection': {
    send: (token) => all.rp.introspect(token),
    takes: [...PEOPLE, ...MACHINES, API_KEY_TOKEN, 'refresh token'],
    taken: (answer) => answer.json<{ active: boolean }>().active,
    refused: { status: 200 },
  },
  'as bearer token of userinfo': {
    send: (token) => all.rp.userinfo(token),
    takes: PEOPLE,
    taken: is(200),
    refused: invalidToken,
  },
  'as access_token in the form of userinfo': {
    send: (token) => all.rp.post('/oauth2/userinfo', { access_token: token }),
    takes: PEOPLE,
    taken: is(200),
    refused: invalidToken,
  },
  'as access_token in the query of userinfo': {
    send: (token) => get(`/oauth2/userinfo?access_token=${token}`, {}),
    takes: [],
    taken: is(200),
    refused: { ...invalidToken, challenge: 'Bearer realm="cerberus"' },
  },
  'as API key for a token': {
    send: (key) => all.exchangeKey(key),
    takes: [API_KEY],
    taken: is(200),
    refused: { status: 401, challenge: expect.stringMatching(/^Bearer realm="cerberus", error="invalid_token"/) },
  },
  'as bearer token of /v1/me': {
    send: (token) => get('/v1/me/profile', bearer(token)),
    takes: PEOPLE,
    taken: is(200),
    refused: { status: 401, challenge: expect.stringMatching(/^Bearer realm="cerberus", error="invalid_token"/) },
  },
  ...Object.fromEntries(
    ['clients', 'signing-keys', 'initial-access-tokens', 'registration-policy'].map((name) =>
      administration(`/v1/admin/${name}`),
    ),
  ),
  'as bearer token of registration': {
    send: (token) => all.register(token),
    takes: ['initial access token'],
    taken: is(201),
    refused: invalidToken,
  },
  'as bearer token of a registered client': {
    send: (token) => all.configure(token),
    takes: ['registration access token'],
    taken: is(200),
    refused: invalidToken,
  },
  'as id_token_hint': {
    send: (token) => all.silently(all.session(), { id_token_hint: token }),
    takes: ID_TOKENS,
    taken: hasCode,
    refused: answersWith(302, 'invalid_request'),
  },
  'as id_token_hint of logout': {
    send: async (token) =>
      get(`/oauth2/logout?${new URLSearchParams({ id_token_hint: token })}`, { cookie: await all.test.signIn() }),
    takes: ID_TOKENS,
    taken: is(200),
    refused: answersWith(400, 'invalid_request'),
  },
  'as request': {
    send: (request) => all.silently(all.session(), { request }, all.proverRp),
    takes: ['request object'],
    taken: hasCode,
    refused: answersWith(302, 'invalid_request_object'),
  },
  'as the reference in request_uri': {
    send: (reference) => all.bring(reference),
    takes: ['pushed request'],
    taken: hasCode,
    refused: answersWith(400, 'invalid_request_uri'),
  },
  'as session cookie of authorize': {
    send: (cookie) => all.silently(cookie),
    takes: ['session cookie'],
    taken: hasCode,
    refused: answersWith(302, 'login_required'),
  },
  'as session cookie of /v1/me': {
    send: (cookie) => get('/v1/me/profile', { cookie: `cerb_sid=${cookie}` }),
    takes: ['session cookie'],
    taken: is(200),
    refused: { status: 401, challenge: expect.stringMatching(/^Bearer resource_metadata=/) },
  },
  'as session cookie of administration': {
    send: (cookie) => get('/v1/admin/clients', { cookie: `cerb_sid=${cookie}` }),
    takes: ['session cookie'],
    taken: is(200),
    refused: { status: 401, challenge: expect.stringMatching(/^Bearer resource_metadata=/) },
  },
  'as form token': {
    send: (csrf) =>
      all.rp.post(
        '/auth/login',
        { ...OWNER, csrf, request: all.waiting() },
        { cookie: `${BROWSER_COOKIE}=${all.cookieOfStranger()}`, 'sec-fetch-site': 'same-origin' },
      ),
    takes: ['form token'],
    taken: is(303),
    refused: { status: 403 },
  },
  'as what waits for a browser': {
    send: (id) =>
      get(`/oauth2/authorize/resume?request=${id}`, { cookie: `${BROWSER_COOKIE}=${all.cookieOfStranger()}` }),
    takes: ['waiting request'],
    taken: is(302),
    refused: answersWith(410, 'invalid_request'),
  },
  'as the browser that something waits for': {
    send: (cookie) => get(`/auth/login?request=${all.waiting()}`, { cookie: `${BROWSER_COOKIE}=${cookie}` }),
    takes: ['browser cookie'],
    taken: is(200),
    refused: answersWith(410, 'invalid_request'),
  },
}

const insufficientScope = { status: 403, challenge: expect.stringContaining('error="insufficient_scope"') }

/** A client credentials token is valid at userinfo but has no user; the administration API accepts any access token. */
function refusal(kind: Kind, place: string): object {
  if (MACHINES.includes(kind) && /bearer token of userinfo|form of userinfo/.test(place)) {
    return { ...insufficientScope, error: 'insufficient_scope' }
  }
  if ([...PEOPLE, ...MACHINES].includes(kind) && place.includes('/v1/admin/')) return insufficientScope
  return PLACES[place]?.refused ?? {}
}

const of = (kind: Kind): Credential => all.kinds[kind]
const placesOf = (kind: Kind, taken: boolean) =>
  Object.entries(PLACES).filter(([, { takes }]) => takes.includes(kind) === taken)

describe.each(KINDS)('RFC 8725 §3.12 each kind of secret is accepted only where it belongs: %s', (kind) => {
  const right = placesOf(kind, true)
  const wrong = placesOf(kind, false)
  let secret: string

  it.each(right)('is accepted %s', async (_, place) => {
    const answer = await place.send(await of(kind).make())
    expect([place.taken(answer), summaryOf(answer).error]).toEqual([true, undefined])
  })

  describe('where it does not belong', () => {
    beforeAll(async () => {
      await all.begin()
      secret = await of(kind).make()
      if (secret === '') throw new Error(`There is no ${kind}`)
    })

    it.each(wrong)('is rejected %s', async (name, place) => {
      const answer = await place.send(secret)
      expect(place.taken(answer)).toBe(false)
      expect(summaryOf(answer)).toEqual(refusal(kind, name))
    })

    it('and stays valid for its purpose after all of that', async () => {
      const { works } = of(kind)
      expect(works === undefined || (await works(secret))).toBe(true)
    })
  })

  it('is revoked where it is an access or a refresh token, and nothing else is (RFC 7009 §2.1)', async () => {
    const { make, works, holder } = of(kind)
    const revoked = await make()
    const answer = await holder.revoke(revoked)
    expect([answer.statusCode, answer.json()]).toEqual([200, {}])
    const ends = [...PEOPLE, ...MACHINES, 'refresh token'].includes(kind)
    expect(works === undefined || (await works(revoked))).toBe(!ends)
  })
})

describe('the table', () => {
  it('covers every kind', () => {
    expect([...KINDS].sort()).toEqual(Object.keys(all.kinds).sort())
  })
})
