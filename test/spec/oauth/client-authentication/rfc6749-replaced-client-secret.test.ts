import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readOAuthError } from '../../../support/read-response.ts'
import { createApi, type Api } from '../../../support/api.ts'
import type { RegisteredTestClient } from '../../../support/app.ts'

const MACHINE = {
  clientType: 'confidential',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scopes: ['reports:read'],
}

let api: Api
let basic: RegisteredTestClient

beforeAll(async () => {
  api = await createApi()
  basic = await api.registerClient(MACHINE)
})
afterAll(() => api.close())

const header = (id: string, secret: string | null) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})
const post = (url: string, form: Record<string, string>, headers: Record<string, string>) =>
  api.app.inject({
    method: 'POST',
    url,
    payload: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })
const ask = (headers: Record<string, string>) => post('/oauth2/token', { grant_type: 'client_credentials' }, headers)

describe('a replaced secret', () => {
  it.each([0, 600])('stays valid for %i seconds; the new one is valid immediately', async (overlapSeconds) => {
    const client = await api.registerClient(MACHINE)
    const rotated = await api.send(api.owner, 'POST', `/v1/admin/clients/${client.id}/rotate-secret`, {
      body: { overlapSeconds },
    })
    const { clientSecret } = rotated.json<RegisteredTestClient>()
    expect(clientSecret).not.toBe(client.clientSecret)
    const status = async (secret: string | null) => (await ask(header(client.clientId, secret))).statusCode
    await expect.poll(() => status(clientSecret)).toBe(200)
    expect(await status(client.clientSecret)).toBe(overlapSeconds === 0 ? 401 : 200)
    api.clock.advance(overlapSeconds)
    expect(await status(client.clientSecret)).toBe(401)
    expect(await status(clientSecret)).toBe(200)
  })
})

describe('a client that was revoked, deactivated or deleted', () => {
  it.each([
    ['POST', '/revoke', undefined],
    ['PATCH', '', { isActive: false }],
    ['DELETE', '', undefined],
  ] as const)('%s %s: its right secret is refused', async (method, path, body) => {
    const client = await api.registerClient(MACHINE)
    const right = header(client.clientId, client.clientSecret)
    const { access_token } = (await ask(right)).json<{ access_token: string }>()
    await api.send(api.owner, method, `/v1/admin/clients/${client.id}${path}`, body && { body })
    await expect.poll(async () => (await ask(right)).statusCode).toBe(401)
    expect(readOAuthError(await ask(right))).toEqual({ status: 401, error: 'invalid_client', cache: 'no-store' })
    const asked = await post('/oauth2/introspect', { token: access_token }, header(basic.clientId, basic.clientSecret))
    expect(asked.json()).toEqual({ active: false })
  })
})
