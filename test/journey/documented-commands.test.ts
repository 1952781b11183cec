import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCodeBlocks, documents, readDocument } from '../support/markdown.ts'
import { OWNER } from '../support/app.ts'
import { fillIn, openPage, startProgram } from '../support/docs-code.ts'
import { createJourneyBrowser } from '../support/journey-browser.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { freePort } from '../support/server-processes.ts'
import { createDocumentRunner, type DocumentRunner } from '../support/document-runner.ts'

/** Blocks that are not run, by document and first command, with the reason. */
const notRun: Readonly<Record<string, string>> = {
  'README.md: npm ci && npm start':
    'starts a server that does not exit; test/journey/getting-started-commands.test.ts continues from there',
  'README.md: cat > .env <<END': 'needs Docker',
  'README.md: npm ci && npm test': 'runs this test',
  'CONTRIBUTING.md: npm ci': 'runs this test',
  'docs/operations.md: docker buildx imagetools inspect node:24-bookworm-slim': 'needs Docker',
  'docs/operations.md: npm run keys:rotate':
    'changes the database of the environment; test/spec/oauth/keys/signing-keys.test.ts',
  'docs/deployment.md: sudo -u postgres createuser --pwprompt cerberus': 'needs an installed PostgreSQL',
  'docs/deployment.md: sudo useradd --system --home-dir /opt/cerberus --shell /usr/sbin/nologin cerberus':
    'makes an account of the machine',
  'docs/deployment.md: sudo systemctl daemon-reload': 'needs systemd',
  'docs/deployment.md: sudo nginx -t && sudo systemctl reload nginx': 'test/journey/deployment.test.ts starts nginx',
  'docs/deployment.md: sudo caddy validate --config /etc/caddy/Caddyfile && sudo systemctl reload caddy':
    'test/journey/deployment.test.ts checks the file',
  'docs/deployment.md: kubectl create secret generic cerberus \\': 'needs Kubernetes',
  'docs/deployment.md: pg_dump --format=custom --no-owner --file=cerberus.dump "$DATABASE_URL"':
    'needs a pg_dump that is as new as the PostgreSQL of the tests',
  'docs/deployment.md: sudo systemctl stop cerberus': 'needs systemd and an installed PostgreSQL',
  'docs/deployment.md: cd /opt/cerberus && sudo git fetch --tags && sudo git checkout RELEASE && sudo npm ci':
    'needs an installation in /opt/cerberus',
  'docs/deployment.md: kubectl set image deployment/cerberus cerberus=registry.example.com/cerberus:RELEASE':
    'needs Kubernetes',
  'docs/operations.md: npm run owner:reset':
    'changes the database of the environment; test/journey/start-and-reset.test.ts',
  'docs/api-keys.md: curl -s https://auth.example.com/v1/api-keys/token -H "Authorization: Bearer API_KEY" \\':
    'needs a client with the audience; test/spec/admin/api-keys.test.ts',
  'docs/second-factors.md: curl -s -b cookies.txt https://auth.example.com/v1/me/mfa/verify \\':
    'needs a code of an authenticator app; test/spec/account/second-factor.test.ts',
  'docs/second-factors.md: cerberus resetUserMfa USER-ID': 'needs a user with a second factor',
  'docs/domains.md: curl -s -b cookies.txt -X POST https://auth.example.com/v1/admin/domains/ID/verify':
    'asks the DNS; test/spec/admin/domains.test.ts',
  'docs/import.md: echo \'{"email":"grace@acme.example","externalId":"4712"}\' > users.ndjson':
    'needs more permissions than the client of this test has; test/journey/cli-users.test.ts',
  'docs/import.md: cerberus user export > users.ndjson':
    'needs more permissions than the client of this test has; test/spec/admin/users/user-import.test.ts',
  'docs/integrations.md: GOBIN=$PWD/test/integrations/bin go install github.com/oauth2-proxy/oauth2-proxy/v7@v7.15.6':
    'needs Go, Java and their registries',
  'docs/tui.md: cerberus tui': 'needs a terminal; test/journey/tui.test.ts',
  'docs/performance.md: npm run bench': 'takes minutes',
  'docs/performance.md: npm run bench:wave': 'takes minutes',
  'docs/performance.md: npm run bench:overload': 'takes minutes',
  'docs/performance.md: npm run soak': 'takes an hour',
}

const languages = new Set(['sh', 'console', 'text', 'json', 'js', 'sql', 'http'])
/** Configuration files of other programs. test/journey/deployment.test.ts checks each. */
const configurationLanguages = new Set(['env', 'ini', 'nginx', 'caddyfile', 'yaml'])
const configurationPage = 'docs/deployment.md'
const pages = documents().map((name) => ({ name, blocks: parseCodeBlocks(readDocument(name)) }))
const firstCommand = (content: string) => content.split(/\n| {2}|\$\(/, 1)[0]

describe('the code blocks of the docs', () => {
  it('are fenced and name their language', () => {
    const others = pages.flatMap(({ name, blocks }) =>
      blocks
        .filter(({ language }) => !languages.has(language))
        .filter(({ language }) => name !== configurationPage || !configurationLanguages.has(language))
        .map(({ line }) => `${name}:${line}`),
    )
    expect(others).toEqual([])
  })

  it('are run if they contain commands, or are listed here with the reason', () => {
    const command = /^(?:\$ )?(?:curl|cerberus|npm|npx|node|docker|openssl|export(?= \w+=)|psql|sh|bash)\b/m
    const disguised = pages.flatMap(({ name, blocks }) =>
      blocks
        .filter(({ language, content }) => !['sh', 'console', 'js'].includes(language) && command.test(content))
        .map(({ line }) => `${name}:${line}`),
    )
    expect(disguised).toEqual([])
    const console = pages.flatMap(({ name, blocks }) =>
      blocks.filter(({ language }) => language === 'console').map(({ content }) => `${name}: ${firstCommand(content)}`),
    )
    expect(console.sort()).toEqual(Object.keys(notRun).sort())
  })
})

describe('JavaScript and TypeScript in the docs', () => {
  it('is on two pages, which are run below and by test/spec/admin/webhooks.test.ts', () => {
    const found = pages.flatMap(({ name, blocks }) =>
      blocks.filter(({ language }) => /^(?:[cm]?[jt]sx?|javascript|typescript)$/.test(language)).map(() => name),
    )
    expect(new Set(found)).toEqual(new Set(['docs/getting-started.md', 'docs/webhooks.md']))
  })
})

describe('JSON in the docs', () => {
  const blocks = pages.flatMap(({ name, blocks: all }) =>
    all
      .filter(({ language }) => language === 'json')
      .map(({ content, line }) => ({ place: `${name}:${line}`, content })),
  )

  it.each(blocks)('is valid in $place', ({ content }) => {
    expect(JSON.parse(content)).toBeTypeOf('object')
  })
})

describe('SQL in the docs', () => {
  it('is accepted by PostgreSQL', async () => {
    const blocks = pages.flatMap(({ blocks: all }) => all.filter(({ language }) => language === 'sql'))
    expect(blocks.length).toBeGreaterThan(0)
    const server = await startJourneyServer()
    const statements = blocks
      .flatMap(({ content }) => fillIn(content, { cerberus: 'docs_role' }).split(';\n'))
      .filter((statement) => statement !== '')
    // The role is one of the whole cluster: the rollback removes it.
    const run = server.database.prisma.$transaction(async (transaction) => {
      for (const statement of ['CREATE ROLE docs_role', ...statements]) await transaction.$executeRawUnsafe(statement)
      throw new Error('roll back')
    })
    await expect(run).rejects.toThrow(/^roll back$/)
    await server.close()
  })
})

/** The commands of this page need a server of their own: test/journey/deployment.test.ts runs them. */
const runElsewhere = new Set(['docs/deployment.md'])

describe.each(
  pages.filter(({ name, blocks }) => !runElsewhere.has(name) && blocks.some(({ language }) => language === 'sh')),
)('$name', ({ name, blocks }) => {
  let reader: DocumentRunner
  beforeAll(async () => {
    reader = await createDocumentRunner(name)
  }, 240_000)
  afterAll(() => reader.close())

  it('has commands that work unchanged, one block after the other', { timeout: 120_000 }, async () => {
    for (const { language, content, line } of blocks) {
      if (language !== 'sh') continue
      const output = await reader.run(content)
      expect([`${name}:${line}`, output]).toEqual([`${name}:${line}`, expect.stringMatching(/\S/)])
    }
  })
})

describe('docs/getting-started.md', () => {
  const text = readDocument('docs/getting-started.md')
  const code = parseCodeBlocks(text)
    .filter(({ language }) => language === 'js')
    .map(({ content }) => content)
  const isProgram = (content: string) => content.startsWith('import ')
  /** The settings with which the page registers its public client. */
  const settings = JSON.parse(/-d '(\{\s+"name"[^']+)'/.exec(text)?.[1] ?? '') as Record<string, unknown>

  let server: JourneyServer
  beforeAll(async () => {
    server = await startJourneyServer()
  })
  afterAll(() => server.close())

  /** Registers the client for an application at `origin`. Returns what stands for it in the code of the page. */
  const register = async (changes: Record<string, unknown>, origin: string) => {
    const given = fillIn(JSON.stringify({ ...settings, ...changes }), { 'http://localhost:3000': origin })
    const client = await server.registerClient(JSON.parse(given) as Record<string, unknown>)
    return {
      'http://localhost:4000': server.issuer,
      'http://localhost:3000': origin,
      CLIENT_ID: client.clientId,
      CLIENT_SECRET: client.clientSecret ?? '',
    }
  }

  it('has scripts that sign a user in, refresh the tokens and sign out in a browser', async () => {
    const origin = 'https://myapp.example.com'
    const placeholders = await register({}, origin)
    const scripts = code.filter((content) => !isProgram(content)).map((content) => fillIn(content, placeholders))
    const page = openPage(scripts, origin)
    const visitor = createJourneyBrowser()

    await page.call('signIn')
    await visitor.get(page.url)
    await visitor.submit({ ...OWNER, action: 'sign-in' })
    expect(visitor.url).toContain(`${origin}/callback?code=`)
    page.url = visitor.url
    const tokens = await page.call<Record<string, string>>('finishSignIn')
    expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'openid profile email' })
    const renewed = await page.call<Record<string, string>>('refresh', tokens)
    expect(renewed['refresh_token']).toMatch(/^rt_/)
    expect(renewed['refresh_token']).not.toBe(tokens['refresh_token'])

    await page.call('signOut', renewed)
    await visitor.get(page.url)
    expect(visitor.url).toBe(`${origin}/`)
    await expect(page.call('refresh', renewed)).rejects.toThrow(/^invalid_grant/)
    await page.call('signIn')
    await visitor.get(page.url)
    expect(visitor.url).toContain(server.issuer)
    expect(visitor.body).toContain('type="password"')
  })

  it('has scripts that refuse a response of another issuer, of another request, or with an error', async () => {
    const origin = 'https://myapp.example.com'
    const placeholders = await register({}, origin)
    const scripts = code.filter((content) => !isProgram(content)).map((content) => fillIn(content, placeholders))
    const page = openPage(scripts, origin)
    await page.call('signIn')
    const state = new URL(page.url).searchParams.get('state') ?? ''
    const finish = (parameters: Record<string, string>) => {
      page.url = `${origin}/callback?${new URLSearchParams(parameters)}`
      return page.call('finishSignIn')
    }
    await expect(finish({ code: 'any', state: 'other', iss: server.issuer })).rejects.toThrow(
      'The state does not match.',
    )
    await expect(finish({ code: 'any', state, iss: 'https://evil.example.com' })).rejects.toThrow('another issuer')
    await expect(finish({ error: 'access_denied', state, iss: server.issuer })).rejects.toThrow('access_denied')
    await expect(finish({ code: 'any', state, iss: server.issuer })).rejects.toThrow('invalid_grant')
  })

  it(
    'has a program that answers a response which it did not request, and a forged one',
    { timeout: 120_000 },
    async () => {
      const port = await freePort()
      const origin = `http://localhost:${port}`
      const placeholders = await register({ clientType: 'confidential', allowedOrigins: undefined }, origin)
      const source = fillIn(code.filter(isProgram).join(''), { ...placeholders, 3000: String(port) })
      const program = await startProgram(source, origin)
      try {
        const visitor = createJourneyBrowser()
        await visitor.get(`${origin}/callback?code=x&state=y`)
        expect([visitor.status, visitor.body]).toEqual([400, expect.stringContaining('was not started here')])
        await visitor.get(`${origin}/login`)
        await visitor.get(`${origin}/callback?code=x&state=forged&iss=${server.issuer}`)
        expect([visitor.status, visitor.body]).toEqual([400, 'The sign-in failed. <a href="/login">Sign in</a>'])
        expect(program.output()).toMatch(/^Sign-in failed: .+\n$/)
      } finally {
        await program.close()
      }
    },
  )

  it('has a program that signs users in and out with Express', { timeout: 120_000 }, async () => {
    const port = await freePort()
    const origin = `http://localhost:${port}`
    const placeholders = await register({ clientType: 'confidential', allowedOrigins: undefined }, origin)
    const source = fillIn(code.filter(isProgram).join(''), { ...placeholders, 3000: String(port) })
    const program = await startProgram(source, origin)
    try {
      const visitor = createJourneyBrowser()
      await visitor.get(`${origin}/dashboard`)
      await visitor.submit({ ...OWNER, action: 'sign-in' })
      expect([visitor.url, visitor.body, program.output()]).toEqual([
        `${origin}/dashboard`,
        'Welcome, Ada Lovelace!',
        '',
      ])
      // Revoked tokens lead to a new sign-in, not to an error. The session in the store is JSON.
      const headers = { cookie: await server.signIn() }
      const url = `/v1/admin/clients/${placeholders.CLIENT_ID}/grants`
      expect((await server.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(204)
      await visitor.get(`${origin}/dashboard`)
      expect([visitor.url, visitor.body]).toEqual([`${origin}/dashboard`, 'Welcome, Ada Lovelace!'])

      await visitor.post(`${origin}/logout`)
      expect([visitor.url, visitor.status]).toEqual([`${origin}/`, 200])
      await visitor.get(`${origin}/dashboard`)
      expect(visitor.url).toContain(server.issuer)
      expect(visitor.body).toContain('type="password"')
      // The user denies the request.
      await visitor.submit({ action: 'cancel' })
      expect([visitor.status, visitor.body]).toEqual([403, 'You did not allow access. <a href="/login">Sign in</a>'])
      expect(program.output()).toBe('')
    } finally {
      await program.close()
    }
  })
})
