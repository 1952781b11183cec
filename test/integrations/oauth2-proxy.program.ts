// The real oauth2-proxy with its provider oidc, as docs/integrations.md configures it. OAUTH2_PROXY is the program.
import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import { createJourneyBrowser } from '../support/journey-browser.ts'
import {
  listenOnLoopback,
  startJourneyServer,
  type JourneyServer,
  type LoopbackServer,
} from '../support/journey-server.ts'
import { freePort } from '../support/server-processes.ts'
import { startProgram } from './start-program.ts'

const program = process.env['OAUTH2_PROXY'] ?? 'oauth2-proxy'

let server: JourneyServer
let upstream: LoopbackServer
let teamId: string
const running: ChildProcess[] = []

beforeAll(async () => {
  server = await startJourneyServer()
  upstream = await listenOnLoopback((request, response) => {
    response.end(
      JSON.stringify({ groups: request.headers['x-forwarded-groups'], email: request.headers['x-forwarded-email'] }),
    )
  })
  const cookie = await server.signIn(OWNER)
  const post = async (url: string, payload: object) =>
    (await server.app.inject({ method: 'POST', url, headers: { cookie }, payload })).json<{ id: string }>()
  const { id: userId } = await server.database.prisma.user.findFirstOrThrow()
  teamId = (await post('/v1/admin/teams', { name: 'Platform', slug: 'platform' })).id
  await post(`/v1/admin/teams/${teamId}/members`, { userId })
  // oauth2-proxy wants a verified address.
  await server.database.prisma.user.update({ where: { id: userId }, data: { emailVerified: true } })
})
afterAll(async () => {
  for (const child of running) child.kill()
  await upstream.close()
  await server.close()
})

async function startProxy(allowedGroup: string): Promise<string> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const client = await server.registerClient({
    clientType: 'confidential',
    redirectUris: [`${origin}/oauth2/callback`],
    scopes: ['openid', 'email', 'profile', 'groups'],
    claims: [{ source: 'groups', name: 'groups', in: ['id_token'], scope: 'groups' }],
  })
  const options = {
    provider: 'oidc',
    'oidc-issuer-url': server.issuer,
    'client-id': client.clientId,
    'client-secret': client.clientSecret ?? '',
    'redirect-url': `${origin}/oauth2/callback`,
    'code-challenge-method': 'S256',
    scope: 'openid email profile groups',
    'allowed-group': allowedGroup,
    'email-domain': '*',
    'cookie-secret': '0123456789abcdef0123456789abcdef',
    'cookie-secure': 'false',
    'pass-user-headers': 'true',
    'skip-provider-button': 'true',
    'http-address': `127.0.0.1:${port}`,
    upstream: `http://127.0.0.1:${upstream.port}/`,
  }
  const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
  running.push(await startProgram(program, flags, { url: `${origin}/ping`, status: 200 }))
  return origin
}

describe('oauth2-proxy', () => {
  it('lets in a member of --allowed-group, and hands the groups on', async () => {
    const browser = createJourneyBrowser()
    await browser.get(await startProxy('platform'))
    await browser.submit({ ...OWNER, action: 'sign-in' })
    expect([browser.status, JSON.parse(browser.body)]).toEqual([200, { groups: 'platform', email: OWNER.email }])
  })

  it('keeps out a user of other groups', async () => {
    const browser = createJourneyBrowser()
    await browser.get(await startProxy('support'))
    await browser.submit({ ...OWNER, action: 'sign-in' })
    expect(browser.status).toBe(403)
  })
})
