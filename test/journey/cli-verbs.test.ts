import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chainEvents } from '../../src/audit/chain-events.ts'
import { OWNER, type RegisteredTestClient } from '../support/app.ts'
import { COMMAND, createTerminal, type CommandResult, type Terminal } from '../support/cli.ts'
import { listenOnLoopback, startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { relyingParty, type Tokens } from '../support/relying-party.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'

let server: JourneyServer
let terminal: Terminal
beforeAll(async () => {
  server = await startJourneyServer()
  const machine = await server.registerClient({
    name: 'Robot',
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['clients:*', 'audit:read'],
  })
  terminal = await createTerminal({
    CERBERUS_SERVER: server.issuer,
    CERBERUS_CLIENT_ID: machine.clientId,
    CERBERUS_CLIENT_SECRET: machine.clientSecret ?? '',
  })
}, 240_000)
afterAll(async () => {
  await terminal.remove()
  await server.close()
})

type Row = Record<string, unknown> & { id: string }
const call = (...words: string[]) => terminal.call(words)
const rows = (...words: string[]) => terminal.json<Row[]>(words)
const ended = ({ code, stderr }: CommandResult) => [code, stderr]
const asks = [2, expect.stringMatching(/--yes/)]

/** A client that the owner has consented to, with its tokens. */
async function usedClient(settings: object = {}): Promise<{ client: RegisteredTestClient; tokens: Tokens }> {
  const client = await server.registerClient({ requireConsent: true, ...settings })
  return { client, tokens: await relyingParty(server, client).tokens() }
}
const works = async (client: RegisteredTestClient, { access_token: token }: Tokens) =>
  (await relyingParty(server, client).userinfo(token)).statusCode

describe('cerberus client grant and consent', () => {
  it('list grants and consents, by page', async () => {
    const { client } = await usedClient()
    const [grant] = await rows('client', 'grant', 'list', client.clientId)
    const [consent] = await rows('client', 'consent', 'list', client.clientId, '--all')
    expect(grant).toMatchObject({ email: OWNER.email, scopes: ['openid', 'profile', 'email'] })
    expect(consent).toMatchObject({ email: OWNER.email, userId: grant?.['userId'] })
    expect(await rows('client', 'grant', 'list', client.id, '--page', '2')).toEqual([])
    expect((await call('client', 'grant', 'list', client.id)).stdout).toMatch(
      /^ID\tEMAIL\tSCOPES\tCREATED_AT\tOFFLINE\n/,
    )
  })

  it('revoke one grant, after a confirmation', async () => {
    const { client, tokens } = await usedClient()
    const [grant] = await rows('client', 'grant', 'list', client.id)
    const words = ['client', 'grant', 'revoke', client.id, grant?.id ?? '']
    expect(ended(await call(...words))).toEqual([
      2,
      `cerberus: Revoke the grant ${grant?.id} of ${OWNER.email} (openid profile email) to “${String(client['name'])}” (${client.clientId}), with its tokens? Confirm with --yes: there is no terminal.\n`,
    ])
    expect(await works(client, tokens)).toBe(200)
    expect((await call(...words, '--yes')).code).toBe(0)
    expect(await works(client, tokens)).toBe(401)
    expect((await call(...words, '--yes')).code).toBe(5)
  })

  it('revoke all grants only with --all', async () => {
    const { client, tokens } = await usedClient()
    expect((await call('client', 'grant', 'revoke', client.id, '--yes')).code).toBe(2)
    expect(await works(client, tokens)).toBe(200)
    expect((await call('client', 'grant', 'revoke', client.id, '--all', '--yes')).code).toBe(0)
    expect(await works(client, tokens)).toBe(401)
    expect(await rows('client', 'consent', 'list', client.id)).toHaveLength(1)
  })

  it.each(['one user', 'all users'])('revoke the consent of %s', async (whose) => {
    const { client, tokens } = await usedClient()
    const [consent] = await rows('client', 'consent', 'list', client.id)
    const which = whose === 'all users' ? '--all' : String(consent?.['userId'])
    expect(ended(await call('client', 'consent', 'revoke', client.id, which))).toEqual(asks)
    expect((await call('client', 'consent', 'revoke', client.id, which, '--yes')).code).toBe(0)
    expect(await rows('client', 'consent', 'list', client.id)).toEqual([])
    expect(await works(client, tokens)).toBe(401)
  })

  it('revoke a client: it is disabled and its tokens are revoked', async () => {
    const { client, tokens } = await usedClient()
    const asked = await call('client', 'revoke', client.id)
    expect(ended(asked)).toEqual([2, expect.stringContaining('This ends 1 grant and all its tokens permanently.')])
    expect(ended(await call('client', 'revoke', client.id, '--yes'))).toEqual([0, `Revoked ${client.id}.\n`])
    expect(await terminal.json(['client', 'get', client.id])).toMatchObject({ isActive: false })
    await call('client', 'enable', client.id)
    expect(await works(client, tokens)).toBe(401)
  })
})

describe('cerberus client secret', () => {
  it('adds a second secret, lists both without their values, and deletes one', async () => {
    const client = await server.registerClient({ clientType: 'confidential' })
    const proves = async (clientSecret: unknown) =>
      (await relyingParty(server, { ...client, clientSecret: String(clientSecret) }).introspect('x')).statusCode
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const words = ['client', 'secret', 'add', client.id, '--label', 'Blue', '--expires-at', expiresAt]
    const added = await terminal.json<Row>(words)
    expect(added).toMatchObject({ label: 'Blue', expiresAt, clientSecret: expect.stringMatching(/.{40}/) })
    const both = await rows('client', 'secret', 'list', client.id)
    expect(both.map(({ label }) => label)).toEqual([null, 'Blue'])
    expect(JSON.stringify(both)).not.toContain(added['clientSecret'])
    expect([await proves(client.clientSecret), await proves(added['clientSecret'])]).toEqual([200, 200])
    const asked = await call('client', 'secret', 'delete', client.id, added.id)
    expect(ended(asked)).toEqual([2, expect.stringContaining(`“Blue” (${added.id})`)])
    expect((await call('client', 'secret', 'delete', client.id, added.id, '--yes')).code).toBe(0)
    expect([await proves(client.clientSecret), await proves(added['clientSecret'])]).toEqual([200, 401])
  })

  it('rejects an invalid expiry with 8', async () => {
    const client = await server.registerClient({ clientType: 'confidential' })
    expect((await call('client', 'secret', 'add', client.id, '--expires-at', 'tomorrow')).code).toBe(8)
  })
})

/** A client whose addresses are not probed. */
const local = { redirectUris: ['http://127.0.0.1/callback'] }

describe('cerberus client test and trace', () => {
  it('list the checks, and exit with 0 if none failed', async () => {
    const { clientId } = await server.registerClient(local)
    const { code, stdout, stderr } = await call('client', 'test', clientId)
    expect([code, stderr]).toEqual([0, 'No check failed.\n'])
    expect(stdout).toMatch(/^ABOUT\tNAME\tOUTCOME\tEXPECTED\tSEEN\tADVICE\n/)
    expect(stdout).toMatch(/^client\tauthentication\tpassed\t/m)
    expect(stdout).toMatch(/^request\tpkce\tpassed\t/m)
    expect(await terminal.json(['client', 'test', clientId])).toMatchObject({ passed: true })
  })

  it.each<[string, (clientId: string) => Promise<string>]>([
    ['an address', async (id) => `${server.issuer}/oauth2/authorize?client_id=${id}&scope=openid+no&redirect_uri=x`],
    ['a file', () => terminal.file('parameters.yaml', 'redirect_uri: x\nresponse_type: code\n')],
    ['text', async () => '{"redirect_uri":"x"}'],
  ])('exit with 9 if a check failed; the request comes from %s', async (_, give) => {
    const { clientId } = await server.registerClient(local)
    const parameters = await give(clientId)
    const failed = await call('client', 'test', clientId, '--parameters', parameters)
    expect([failed.code, failed.stderr]).toEqual([9, 'Failed: redirect_uri.\n'])
    expect(failed.stdout).toMatch(
      /^ABOUT.*\nrequest\tredirect_uri\tfailed\texactly a redirect URI that is registered\t\S*x/,
    )
    const asJson = await call('client', 'test', clientId, '--parameters', parameters, '--output', 'json')
    expect([asJson.code, JSON.parse(asJson.stdout)]).toMatchObject([9, { passed: false }])
  })

  it('reject an address with a duplicate parameter', async () => {
    const { clientId } = await server.registerClient()
    const twice = 'https://auth.example.com/oauth2/authorize?state=a&state=b'
    const called = await call('client', 'test', clientId, '--parameters', twice)
    expect(ended(called)).toEqual([8, expect.stringContaining('has state twice')])
  })

  it('explain a rejected request by the reference on its error page', async () => {
    const client = await server.registerClient()
    const url = relyingParty(server, client).authorizeUrl({ redirect_uri: 'https://elsewhere.example.com/' })
    const { headers } = await server.app.inject(url)
    const reference = String(headers['x-request-id'])
    await expect.poll(async () => (await call('trace', 'get', reference)).code).toBe(0)
    const { stdout, stderr } = await call('trace', 'get', reference)
    expect(stdout).toMatch(/^ABOUT.*\nrequest\tredirect_uri\tfailed\t.*elsewhere\.example\.com/)
    expect(stderr).toMatch(new RegExp(`^redirect_uri_mismatch, client ${client.id}, at `))
    expect(await terminal.json(['trace', 'get', reference])).toMatchObject({ error: 'redirect_uri_mismatch' })
    expect((await call('trace', 'get', 'no-such-reference')).code).toBe(5)
  })
})

describe('cerberus client events, replace, list', () => {
  it('lists events with the application that caused them', async () => {
    const { id } = await server.registerClient()
    await call('client', 'disable', id)
    const [latest, first] = await rows('client', 'events', id)
    expect([latest, first]).toMatchObject([{ type: 'client.disabled' }, { type: 'client.created' }])
    expect((await call('client', 'events', id, '--limit', '1')).stderr).toBe('Page 1 of 2; 2 events in total.\n')
    expect(await rows('client', 'events', id, '--all', '--limit', '1')).toHaveLength(2)
  })

  it('replaces all settings, after a confirmation', async () => {
    const client = await server.registerClient({ contacts: ['a@example.com'] })
    const data = JSON.stringify({ name: 'New', clientType: 'public', redirectUris: ['https://app.example.com/new'] })
    const words = ['client', 'replace', client.id, '--data', data]
    expect((await call(...words, '--dry-run')).stdout).toMatch(/^contacts\ta@example\.com\t-$/m)
    expect(ended(await call(...words))).toEqual(asks)
    expect((await call(...words, '--yes', '--if-match', '"0"')).code).toBe(6)
    expect((await call(...words, '--yes')).code).toBe(0)
    expect(await terminal.json(['client', 'get', client.id])).toMatchObject({ name: 'New', contacts: [] })
  })

  it('filters by group and by last use', async () => {
    const { clientId } = await server.registerClient({ groups: ['team/payments'] })
    expect(await rows('client', 'list', '--group', 'team/payments', '--unused', '0')).toMatchObject([{ clientId }])
    expect(await rows('client', 'list', '--group', 'team/payments', '--unused', '1')).toEqual([])
  })
})

describe('cerberus events listen', () => {
  it('prints events as they occur, and forwards them signed like webhooks', async () => {
    const receiver = await startWebhookReceiver()
    const options = ['--types', 'client.*', '--count', '2', '--forward-to', `${receiver.base}/hook`]
    let begun = false
    const { code, stdout, stderr } = await terminal.call(['events', 'listen', ...options, '-o', 'json'], {
      onError(soFar) {
        if (begun || !soFar.includes('Listening for events.')) return
        begun = true
        void server.registerClient().then(async ({ id }) => terminal.call(['client', 'disable', id]))
      },
    })
    expect(code).toBe(0)
    const printed = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
    expect(printed.map(({ type }) => type)).toEqual(['client.created', 'client.disabled'])
    const secret = /whsec_\S+/.exec(stderr)?.[0] ?? ''
    expect(receiver.received.map(({ body, headers }) => new Webhook(secret).verify(body, headers))).toEqual(printed)
    await receiver.close()
  })

  it('refuses what it cannot forward to', async () => {
    expect((await call('events', 'listen', '--forward-to', 'ftp://localhost')).code).toBe(2)
    expect((await call('events', 'listen', '--secret', 'mine')).code).toBe(2)
    expect((await call('events', 'listen', '--count', '0')).code).toBe(2)
    expect((await call('events', 'listen', '--types', 'user.exploded')).code).toBe(8)
  })
})

describe('cerberus audit', () => {
  it('lists and exports the audit log', async () => {
    const { id } = await server.registerClient()
    await call('client', 'disable', id)
    const filter = ['--resource', id, '--category', 'client']
    const types = ['client.disabled', 'client.created']
    expect((await rows('audit', 'list', ...filter, '--all', '--limit', '1')).map(({ type }) => type)).toEqual(types)
    expect((await call('audit', 'list', ...filter, '--limit', '1')).stderr).toBe('Page 1 of 2; 2 events in total.\n')
    const { stdout } = await call('audit', 'export', ...filter)
    const exported = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
    expect(exported.map(({ type }) => type)).toEqual(types.toReversed())
    expect((await call('audit', 'export', '--format', 'xml')).code).toBe(8)
  })

  it('verifies the chain of the server and of a file, and exits with 9 for a changed event', async () => {
    const checkpoints: string[] = []
    server.clock.advance(60)
    await chainEvents({
      issuer: server.issuer,
      clock: server.clock,
      auditChain: server.repositories.auditChain,
      sign: server.signer.sign,
      onCheckpoint: ({ jws }) => checkpoints.push(JSON.stringify({ msg: 'audit checkpoint', checkpoint: jws })),
    })
    const online = await call('audit', 'verify')
    expect([online.code, online.stderr]).toEqual([
      0,
      expect.stringMatching(/1 checkpoints were verified\.\nThe audit log is intact\./),
    ])
    await server.database.pool.query(`UPDATE audit_events SET success = false WHERE type = 'client.disabled'`)
    const { stdout } = await call('audit', 'export', '--format', 'chain')
    const jwks = (await server.app.inject('/oauth2/jwks.json')).body
    const files = [
      '--file',
      await terminal.file('chain.ndjson', stdout),
      '--jwks',
      await terminal.file('jwks.json', jwks),
      '--checkpoints',
      await terminal.file('server.log', `${checkpoints.join('\n')}\n`),
    ]
    const offline = await terminal.call(['audit', 'verify', ...files, '--output', 'json'])
    expect(offline.code).toBe(9)
    const { findings } = JSON.parse(offline.stdout) as { findings: { problem: string }[] }
    expect(new Set(findings.map(({ problem }) => problem))).toEqual(new Set(['changed']))
    expect((await call('audit', 'verify', '--file', 'chain.ndjson')).code).toBe(2)
  })
})

describe('cerberus registration', () => {
  it('reads and sets the policy, and keeps settings without an option', async () => {
    expect(await terminal.json(['registration', 'policy', 'get'])).toMatchObject({ policy: 'closed' })
    const words = ['registration', 'policy', 'set', 'token', '--software-statement', '--profile', 'oauth2.1']
    await terminal.json(words)
    const documents = ['--metadata-documents', 'hosts', '--metadata-host', 'a.example', 'b.example']
    await terminal.json(['registration', 'policy', 'set', 'token', ...documents, '--metadata-scope', 'openid'])
    const after = await terminal.json(['registration', 'policy', 'set', 'token'])
    expect(after).toEqual({
      policy: 'token',
      profile: 'oauth2.1',
      softwareStatementRequired: true,
      clientIdMetadataDocuments: 'hosts',
      clientIdMetadataHosts: ['a.example', 'b.example'],
      clientIdMetadataScopes: ['openid'],
    })
    const back = ['--no-software-statement', '--profile', 'openid', '--metadata-documents', 'off']
    await terminal.json(['registration', 'policy', 'set', 'closed', ...back])
    expect(await terminal.json(['registration', 'policy', 'get'])).toMatchObject({
      softwareStatementRequired: false,
      clientIdMetadataDocuments: 'off',
    })
    expect((await call('registration', 'policy', 'set', 'ajar')).code).toBe(8)
  })

  it('creates initial access tokens, lists them without their values, and revokes one', async () => {
    const words = ['registration', 'token', 'create', 'Build', '--uses', '2', '--expires-in', '3600']
    const made = await terminal.json<Row>([...words, '--scope', 'openid', 'profile'])
    expect(made).toMatchObject({ name: 'Build', usesLeft: 2, scopes: ['openid', 'profile'], userId: null })
    const listed = await rows('registration', 'token', 'list')
    expect(listed).toMatchObject([{ id: made.id }])
    expect(JSON.stringify(listed)).not.toContain(made['token'])
    expect((await call(...words.slice(0, 3))).code).toBe(2)
    expect((await call(...words.slice(0, 4), '--uses', 'many')).code).toBe(2)
    const asked = await call('registration', 'token', 'delete', made.id)
    expect(ended(asked)).toEqual([2, expect.stringContaining(`“Build” (${made.id})`)])
    expect((await call('registration', 'token', 'delete', made.id, '--yes')).code).toBe(0)
    expect(await rows('registration', 'token', 'list')).toEqual([])
  })

  it('adds, replaces, lists and removes issuers of software statements', async () => {
    const keys = { jwksUri: 'https://directory.example.com/jwks.json' }
    const data = JSON.stringify({ issuer: 'https://directory.example.com', ...keys })
    const { id } = await terminal.json<Row>(['registration', 'issuer', 'add', '--data', data])
    const replacement = JSON.stringify({ ...keys, scopes: ['openid'] })
    await terminal.json(['registration', 'issuer', 'replace', id, '--data', replacement])
    expect(await rows('registration', 'issuer', 'list')).toMatchObject([{ id, scopes: ['openid'] }])
    const asked = await call('registration', 'issuer', 'remove', id)
    expect(ended(asked)).toEqual([2, expect.stringContaining('“https://directory.example.com”')])
    expect((await call('registration', 'issuer', 'remove', id, '--yes')).code).toBe(0)
    expect(await rows('registration', 'issuer', 'list')).toEqual([])
  })
})

describe('a wait of more than a second', () => {
  it('shows its duration at a terminal and removes it afterwards; a script sees nothing', async () => {
    const slow = await listenOnLoopback((_request, response) => {
      setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[]}'), 1_500)
    })
    const words = ['client', 'secret', 'list', 'x', '--server', `http://localhost:${slow.port}`]
    const environment = { CERBERUS_TOKEN: 'x', CERBERUS_CLIENT_ID: '', CERBERUS_CLIENT_SECRET: '' }
    const program = [process.execPath, COMMAND, ...words].join(' ')
    // `script` runs the command on a pseudo-terminal and prints what the terminal receives.
    const options = { env: { PATH: process.env['PATH'], HOME: terminal.directory, ...environment } }
    const { stdout } = await promisify(execFile)('script', ['-qefc', program, '/dev/null'], options)
    const waiting = `Waiting for http://localhost:${slow.port} … 1 s`
    expect(stdout).toContain(`\r${waiting}\r${' '.repeat(waiting.length)}\rID  LABEL`)
    expect(await terminal.call(words, { environment })).toMatchObject({ code: 0, stderr: '' })
    await slow.close()
  })
})
