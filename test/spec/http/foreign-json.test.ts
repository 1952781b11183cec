import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseForeignJson } from '../../../src/lib/json.ts'
import { createApi, type Api } from '../../support/api.ts'
import type { RegisteredTestClient } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { startDocumentServer } from '../../support/document-server.ts'
import { readOAuthError } from '../../support/read-response.ts'
import { relyingParty, REDIRECT_URI } from '../../support/relying-party.ts'

// JSON of another party, wherever it enters: the same limits and the same rules for text (RFC 8259 §4, §8, §9).

let api: Api
let web: Awaited<ReturnType<typeof startDocumentServer>>
let client: RegisteredTestClient
let confidential: RegisteredTestClient
let signedIn: Browser

beforeAll(async () => {
  api = await createApi({ allow: ['localhost'] })
  web = await startDocumentServer()
  client = await api.registerClient()
  confidential = await api.registerClient({ clientType: 'confidential' })
  signedIn = await api.signedInBrowser()
  await api.send(api.owner, 'PUT', '/v1/admin/registration-policy', { body: { policy: 'open' } })
})
afterAll(async () => {
  await web.close()
  await api.close()
})

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

/** Members that no JSON of another party may have, as text. */
const unacceptable: [string, string][] = [
  ['half a surrogate pair in a value', '"x":"\\ud800"'],
  ['half a surrogate pair in a name', '"\\udc00":"x"'],
  ['NUL in a value', '"x":"a\\u0000"'],
  ['NUL in a name', '"a\\u0000":"x"'],
  ['half a surrogate pair in a list within', '"x":[{"y":["\\ud800"]}]'],
  ['a member twice', '"x":1,"x":2'],
  ['a member twice, once escaped', '"x":1,"\\u0078":2'],
  ['a member twice within', '"x":{"y":1,"y":2}'],
  ['the name of a prototype', '"__proto__":{"x":1}'],
  ['a number beyond a double', '"x":1e999'],
  ['21 levels', `"x":${nested(20)}`],
  ['6,000 levels', `"x":${nested(6_000)}`],
  ['6,000 levels of lists', `"x":${'['.repeat(6_000)}${']'.repeat(6_000)}`],
  ['6,000 values', `"x":[${'1,'.repeat(6_000)}1]`],
]

const base64url = (text: string) => Buffer.from(text).toString('base64url')
const requestObject = (of: RegisteredTestClient, member: string) => {
  const claims = JSON.stringify({ state: 'inside', client_id: of.clientId }).slice(0, -1)
  return `${base64url('{"alg":"none"}')}.${base64url(`${claims},${member}}`)}.`
}

describe.each(unacceptable)('JSON with %s is rejected', (_, member) => {
  it('in a request object, with and without a session', async () => {
    const rp = relyingParty(api, client)
    const request = requestObject(client, member)
    if (request.length > 15_000) return
    for (const browser of [signedIn, api.browser()]) {
      await browser.get(rp.authorizeUrl({ request }))
      expect(Object.fromEntries(browser.answer())).toMatchObject({ error: 'invalid_request_object', state: 'a-state' })
    }
  })

  it('in a pushed request object', async () => {
    const request = requestObject(confidential, member)
    const answer = await relyingParty(api, confidential).push({ request })
    const isTooLarge = request.length > 32_000
    expect(readOAuthError(answer)).toMatchObject(
      isTooLarge ? { status: 413 } : { status: 400, error: 'invalid_request_object' },
    )
  })

  it('in the header of a JWT', async () => {
    const push = (inHeader: string) => {
      const claims = relyingParty(api, confidential).request()
      const request = `${base64url(`{"alg":"none",${inHeader}}`)}.${base64url(JSON.stringify(claims))}.`
      return relyingParty(api, confidential).push({ request })
    }
    expect((await push('"x":1')).statusCode).toBe(201)
    expect([400, 413]).toContain((await push(member)).statusCode)
  })

  it('in the parameter claims', async () => {
    const claims = `{"id_token":{},${member}}`
    const answer = await relyingParty(api, confidential).push({ claims })
    expect(readOAuthError(answer)).toMatchObject(
      encodeURIComponent(claims).length > 32_000 ? { status: 413 } : { status: 400, error: 'invalid_request' },
    )
  })

  it('in the body of the administration API, in each of its media types', async () => {
    const before = await api.prisma.client.count()
    const body = `{"name":"Named","clientType":"public","redirectUris":["${REDIRECT_URI}"],"jwks":{"keys":[],${member}}}`
    const created = await api.send(api.owner, 'POST', '/v1/admin/clients', { body })
    expect([created.statusCode, created.headers['content-type']]).toEqual([400, 'application/problem+json'])
    const url = `/v1/admin/clients/${client.id}`
    for (const [type, patch] of [
      ['application/merge-patch+json', `{"jwks":{"keys":[],${member}}}`],
      ['application/json-patch+json', `[{"op":"add","path":"/jwks","value":{"keys":[],${member}}}]`],
    ] as const) {
      const patched = await api.send(api.owner, 'PATCH', url, { body: patch, headers: { 'content-type': type } })
      expect([patched.statusCode, patched.headers['content-type']]).toEqual([400, 'application/problem+json'])
    }
    expect(await api.prisma.client.count()).toBe(before)
  })

  it('in a registration', async () => {
    const before = await api.prisma.client.count()
    const body = `{"redirect_uris":["${REDIRECT_URI}"],"jwks":{"keys":[],${member}}}`
    const answer = await api.send(undefined, 'POST', '/oauth2/register', { body })
    const malformed = member.includes('__proto__')
    expect(readOAuthError(answer)).toMatchObject({
      status: 400,
      error: malformed ? 'invalid_request' : 'invalid_client_metadata',
    })
    expect(await api.prisma.client.count()).toBe(before)
  })

  it('in the document of a sector', async () => {
    web.documents.set('/sector', { body: `["${REDIRECT_URI}",{${member}}]` })
    const answer = await api.send(api.owner, 'POST', '/v1/admin/clients', {
      body: {
        name: 'Sector',
        clientType: 'public',
        redirectUris: [REDIRECT_URI],
        subjectType: 'pairwise',
        sectorIdentifierUri: `${web.base}/sector`,
      },
    })
    expect(answer.statusCode).toBe(400)
  })
})

describe('JSON within the limits is accepted', () => {
  it('with a whole surrogate pair, escaped or not', async () => {
    const rp = relyingParty(api, client)
    for (const pair of ['"\\ud83d\\ude00"', '"😀"']) {
      const request = `${base64url('{"alg":"none"}')}.${base64url(`{"state":${pair}}`)}.`
      await signedIn.get(rp.authorizeUrl({ request }))
      expect(signedIn.answer().get('state')).toBe('😀')
    }
  })

  it('with a byte order mark before a body (RFC 8259 §8.1)', async () => {
    const body = `\ufeff{"name":"Marked","clientType":"public","redirectUris":["${REDIRECT_URI}"]}`
    expect((await api.send(api.owner, 'POST', '/v1/admin/clients', { body })).statusCode).toBe(201)
  })

  it('up to 262,144 bytes', () => {
    const text = (bytes: number) => `"${'é'.repeat((bytes - 2) / 2)}"`
    expect(parseForeignJson(text(262_144))).toHaveLength(131_071)
    expect(() => parseForeignJson(text(262_146))).toThrow('at most 262144 bytes')
  })

  it('names the place of what is wrong', async () => {
    const body = '{"name":"x","attributes":{"a":"ok","b":["ok","\\ud800"]}}'
    const answer = await api.send(api.owner, 'POST', '/v1/admin/clients', { body })
    expect(answer.json()).toMatchObject({ errors: [{ path: ['attributes', 'b', 1], code: 'invalid_text' }] })
  })
})

describe('RFC 6902: operations cannot nest a document deeper than a body may be', () => {
  it('by adding one value within the other', async () => {
    const { id } = await api.registerClient({ jwks: { keys: [] } })
    const steps = Array.from({ length: 20 }, (_, index) => ({
      op: 'add',
      path: `/jwks${'/a'.repeat(15 * index + 1)}`,
      value: JSON.parse(nested(15)) as unknown,
    }))
    const answer = await api.send(api.owner, 'PATCH', `/v1/admin/clients/${id}`, {
      body: steps,
      headers: { 'content-type': 'application/json-patch+json' },
    })
    expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
      400,
      expect.stringContaining('nested'),
    ])
  })

  it('and a document that an older release stored deeper is a conflict', async () => {
    const { id } = await api.registerClient({ jwks: { keys: [] } })
    await api.database.pool.query(
      `UPDATE clients SET settings = jsonb_set(settings, '{jwks}', $2::jsonb) WHERE id = $1`,
      [id, `{"keys":[],"x":${nested(3_000)}}`],
    )
    const url = `/v1/admin/clients/${id}`
    const headers = { 'content-type': 'application/json-patch+json' }
    const body = [{ op: 'replace', path: '/name', value: 'Renamed' }]
    expect((await api.send(api.owner, 'PATCH', url, { body, headers })).statusCode).toBe(409)
    expect((await api.send(api.owner, 'PATCH', url, { body: { jwks: null } })).statusCode).toBe(200)
    expect((await api.send(api.owner, 'PATCH', url, { body, headers })).statusCode).toBe(200)
  })
})
