import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import { createEmptyDatabase } from '../support/cluster.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { createJourneyBrowser } from '../support/journey-browser.ts'
import { compileServer, makeServerDirectory, startServer } from '../support/server-processes.ts'
import { pkce } from '../support/relying-party.ts'

/** Runs what one would paste into a terminal, and reads the JSON that it prints. */
async function shell(command: string, cwd: string): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd }).catch((error: unknown) => {
    throw new Error(`This needs a shell with curl, and failed: ${command}`, { cause: error })
  })
  return JSON.parse(stdout) as Record<string, unknown>
}

describe('The commands that a person types to begin', () => {
  let directory = ''
  beforeAll(async () => {
    await compileServer()
    directory = await mkdtemp(join(tmpdir(), 'cerberus-curl-'))
  }, 240_000)
  afterAll(() => rm(directory, { recursive: true }))

  describe('following the steps of the client set-up', () => {
    let server: JourneyServer
    let session = ''
    let clientId = ''
    const { verifier, challenge } = pkce()
    const run = (command: string) => shell(command.replaceAll('https://auth.example.com', server.issuer), directory)

    beforeAll(async () => {
      server = await startJourneyServer()
      session = await server.signIn()
    })
    afterAll(() => server.close())

    it('register a public client', async () => {
      const client = await run(`curl -X POST https://auth.example.com/v1/admin/clients \\
        -H "Content-Type: application/json" \\
        -H "X-Org-Domain: acme" \\
        -H "Cookie: ${session}" \\
        -d '{
          "name": "My Application",
          "clientType": "public",
          "redirectUris": ["https://myapp.example.com/callback"],
          "allowedOrigins": ["https://myapp.example.com"],
          "grantTypes": ["authorization_code", "refresh_token"],
          "scopes": ["openid", "profile", "email"],
          "requirePkce": true,
          "requireConsent": false,
          "isFirstParty": true
        }'`)
      expect(client).toMatchObject({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        clientId: expect.stringMatching(/^client_/) as string,
        clientSecret: null,
        name: 'My Application',
        clientType: 'public',
        redirectUris: ['https://myapp.example.com/callback'],
        requirePkce: true,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      })
      clientId = String(client['clientId'])
    })

    it('start in a browser, exchange the code and ask who it is', async () => {
      const visitor = createJourneyBrowser()
      await visitor.get(
        `${server.issuer}/oauth2/authorize?response_type=code&client_id=${clientId}&redirect_uri=https://myapp.example.com/callback&scope=openid%20profile%20email&state=xyz&code_challenge=${challenge}&code_challenge_method=S256`,
      )
      await visitor.submit({ ...OWNER, action: 'sign-in' })
      const callback = new URL(visitor.url)
      expect(callback.origin + callback.pathname).toBe('https://myapp.example.com/callback')
      expect(callback.searchParams.get('state')).toBe('xyz')
      const exchange = (codeVerifier: string) =>
        run(`curl -X POST https://auth.example.com/oauth2/token \\
          -H "Content-Type: application/x-www-form-urlencoded" \\
          -d "grant_type=authorization_code" \\
          -d "code=${callback.searchParams.get('code')}" \\
          -d "client_id=${clientId}" \\
          -d "redirect_uri=https://myapp.example.com/callback" \\
          -d "code_verifier=${codeVerifier}"`)

      const tokens = await exchange(verifier)
      expect(tokens).toMatchObject({
        token_type: 'Bearer',
        expires_in: 3600,
        scope: 'openid profile email',
        id_token: expect.any(String) as string,
        refresh_token: expect.any(String) as string,
      })
      const userinfo = await run(`curl https://auth.example.com/oauth2/userinfo \\
        -H "Authorization: Bearer ${String(tokens['access_token'])}"`)
      expect(userinfo).toMatchObject({ email: OWNER.email, email_verified: true, name: 'Ada Lovelace' })
      expect(await exchange(verifier)).toMatchObject({ error: 'invalid_grant' })
    })

    it('get errors that describe a wrong redirect URI and a wrong verifier', async () => {
      const visitor = createJourneyBrowser()
      const authorize = (redirectUri: string) =>
        visitor.get(
          `${server.issuer}/oauth2/authorize?response_type=code&client_id=${clientId}&redirect_uri=${redirectUri}&scope=openid&state=xyz&code_challenge=${challenge}&code_challenge_method=S256`,
        )
      await authorize('https://myapp.example.com/callback/')
      expect(visitor.status).toBe(400)
      expect(visitor.body).toContain('redirect_uri_mismatch')
      await authorize('https://myapp.example.com/callback')
      await visitor.submit({ ...OWNER, action: 'sign-in' })
      const refusal = await run(`curl -X POST https://auth.example.com/oauth2/token \\
        -d "grant_type=authorization_code" -d "code=${new URL(visitor.url).searchParams.get('code')}" \\
        -d "client_id=${clientId}" -d "redirect_uri=https://myapp.example.com/callback" \\
        -d "code_verifier=${pkce().verifier}"`)
      expect(refusal).toMatchObject({
        error: 'invalid_grant',
        error_description: expect.stringMatching(/^invalid_code_verifier/) as string,
      })
    })
  })

  it('are the ones that the server prints when it starts on an empty database, password and all', async () => {
    const database = await createEmptyDatabase()
    const data = await makeServerDirectory()
    const server = await startServer({
      databaseUrl: database.connectionString,
      dataDirectory: data.path,
      environment: { CERBERUS_ADMIN_EMAIL: '', CERBERUS_ADMIN_PASSWORD: '' },
    })
    try {
      await expect.poll(() => server.output()).toContain('the session is the cookie')
      const commands = server.output().match(/^ {2}curl (?:.*\\\n)*.*$/gm) ?? []
      expect(commands).toHaveLength(2)
      const [signIn = '', register = ''] = commands
      expect(await shell(signIn, directory)).toMatchObject({
        user: { email: 'admin@acme.test' },
        organisation: { slug: 'acme' },
      })
      expect(await shell(register, directory)).toMatchObject({
        clientId: expect.stringMatching(/^client_/) as string,
        clientSecret: null,
        allowedOrigins: ['http://localhost:3000'],
      })
      const discovery = /Discovery +(\S+)/.exec(server.output())?.[1]
      expect(await shell(`curl ${discovery}`, directory)).toMatchObject({ issuer: server.url })
    } finally {
      await server.kill('SIGTERM')
      await database.drop()
      await data.remove()
    }
  })
})
