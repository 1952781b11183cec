// A real Spring Boot resource server whose only setting is issuer-uri. SPRING_JAR is built from test/integrations/spring-boot.
import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { relyingParty, type Tokens } from '../support/relying-party.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { freePort } from '../support/server-processes.ts'
import { startProgram } from './start-program.ts'

const jar = process.env['SPRING_JAR'] ?? 'test/integrations/spring-boot/target/resource-server-1.jar'

let server: JourneyServer
let scopes: string
let roles: string
const running: ChildProcess[] = []

beforeAll(async () => {
  server = await startJourneyServer()
  scopes = await startResourceServer({})
  roles = await startResourceServer({ ROLES: 'true' })
})
afterAll(async () => {
  for (const child of running) child.kill()
  await server.close()
})

async function startResourceServer(environment: Record<string, string>): Promise<string> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const settings = { ISSUER: server.issuer, PORT: String(port), ...environment }
  running.push(await startProgram('java', ['-jar', jar], { environment: settings, url: origin, status: 401 }))
  return origin
}

async function tokensOf(settings: object): Promise<Tokens> {
  const client = await server.registerClient({ scopes: ['openid', 'email'], ...settings })
  return relyingParty(server, client).tokens(undefined, { scope: 'openid email' })
}
const call = async (origin: string, token: string) => {
  const response = await fetch(origin, { headers: { authorization: `Bearer ${token}` } })
  return { status: response.status, body: response.status === 200 ? ((await response.json()) as unknown) : undefined }
}

describe('a Spring Boot resource server with issuer-uri alone', () => {
  it('accepts access tokens of accessTokenTyp JWT, and reads scope', async () => {
    const { access_token } = await tokensOf({ accessTokenTyp: 'JWT' })
    expect(await call(scopes, access_token)).toMatchObject({
      status: 200,
      body: { authorities: expect.arrayContaining(['SCOPE_email', 'SCOPE_openid']) },
    })
  })

  it('reads roles with a converter', async () => {
    const claims = [{ source: 'roles', name: 'roles', in: ['access_token'] }]
    const { access_token } = await tokensOf({ accessTokenTyp: 'JWT', claims })
    expect(await call(roles, access_token)).toMatchObject({
      status: 200,
      body: { authorities: expect.arrayContaining(['ROLE_owner']) },
    })
  })

  it('rejects the default typ at+jwt, which is why the setting exists', async () => {
    const { access_token } = await tokensOf({})
    expect((await call(scopes, access_token)).status).toBe(401)
  })
})
