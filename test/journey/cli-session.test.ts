import { exportJWK, exportPKCS8, generateKeyPair } from 'jose'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RegisteredTestClient } from '../support/app.ts'
import { createTerminal, type CommandResult, type Terminal } from '../support/cli.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { compileServer } from '../support/server-processes.ts'

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
const robot = {
  clientType: 'confidential',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scopes: ['clients:*', 'signing_keys:*'],
}

let server: JourneyServer
let people: RegisteredTestClient
let machine: RegisteredTestClient
beforeAll(async () => {
  await compileServer()
  server = await startJourneyServer()
  people = await server.registerClient({
    name: 'Command line',
    grantTypes: [DEVICE, 'authorization_code', 'refresh_token'],
    redirectUris: ['http://127.0.0.1/callback'],
    scopes: ['openid', 'profile', 'email', 'offline_access', 'clients:*', 'signing_keys:*'],
  })
  machine = await server.registerClient(robot)
}, 240_000)
afterAll(() => server.close())

const ended = ({ code, stderr }: CommandResult) => [code, stderr]

/** A terminal with one context, `test`. */
async function terminalOf(environment: Record<string, string> = {}): Promise<Terminal> {
  const terminal = await createTerminal(environment)
  const added = await terminal.call([
    'context',
    'add',
    'test',
    '--server',
    server.issuer,
    '--client-id',
    people.clientId,
  ])
  expect(ended(added)).toEqual([0, `Using test, ${server.issuer}.\n`])
  return terminal
}

/** Calls a function once, as soon as standard error matches `pattern`. */
function once(pattern: RegExp, act: (found: string) => Promise<unknown>) {
  let done: Promise<unknown> | undefined
  return (soFar: string) => {
    const [, found] = pattern.exec(soFar) ?? []
    if (found !== undefined) done ??= act(found)
  }
}

const allowing = () =>
  once(/confirm the code ([A-Z]{4}-[A-Z]{4})/, async (code) => {
    const browser = await server.signedInBrowser()
    await browser.get('/device')
    await browser.submit({ user_code: code }, 'continue')
    await browser.submit({}, 'allow')
  })
const SIGN_IN_AT = /^Sign in at (\S+)\n/m

interface StoredToken {
  accessToken: string
  refreshToken: string
  expiresAt: string
}
const fileOf = ({ directory }: Terminal) => join(directory, 'config', 'cerberus', 'contexts.json')
async function tokenOf(terminal: Terminal): Promise<StoredToken | null | undefined> {
  const file = JSON.parse(await readFile(fileOf(terminal), 'utf8')) as {
    contexts: Record<string, { token: StoredToken | null }>
  }
  return file.contexts['test']?.token
}
async function stored(terminal: Terminal): Promise<StoredToken> {
  const token = await tokenOf(terminal)
  if (!token) throw new Error('The context test has no sign-in')
  return token
}

describe('contexts', () => {
  it('are added, listed, used and removed', async () => {
    const terminal = await terminalOf()
    await terminal.call(['context', 'add', 'second', '--server', server.issuer, '--org', 'acme'])
    expect((await terminal.call(['context', 'list'])).stdout).toBe(
      [
        'NAME\tSERVER\tORGANISATION\tIN_USE\tSIGNED_IN',
        `test\t${server.issuer}\t-\tfalse\tfalse`,
        `second\t${server.issuer}\tacme\ttrue\tfalse`,
        '',
      ].join('\n'),
    )
    expect((await terminal.call(['context', 'use', 'test'])).code).toBe(0)
    expect(ended(await terminal.call(['context', 'remove', 'test']))).toEqual([
      2,
      `cerberus: Remove the context test of ${server.issuer}? Confirm with --yes: there is no terminal.\n`,
    ])
    expect((await terminal.call(['context', 'remove', 'test', '--yes'])).code).toBe(0)
    expect((await terminal.json<{ name: string }[]>(['context', 'list'])).map(({ name }) => name)).toEqual(['second'])
    expect((await terminal.call(['context', 'use', 'test'])).code).toBe(5)
    expect((await terminal.call(['context', 'add', 'second', '--server', server.issuer])).code).toBe(6)
    await terminal.remove()
  })

  it('are stored in a file that only its owner can read', async () => {
    const terminal = await terminalOf()
    expect(await terminal.configuration()).toMatchObject([{ name: 'contexts.json', mode: 0o600 }])
    await terminal.remove()
  })

  it.each([
    ['http://auth.example.com', 2],
    ['https://auth.example.com/path', 2],
    ['nonsense', 2],
    ['http://localhost:1', 7],
  ])('with the address %s exit with %i', async (address, code) => {
    const terminal = await createTerminal()
    expect((await terminal.call(['context', 'add', 'x', '--server', address])).code).toBe(code)
    await terminal.remove()
  })

  it('require a server whose metadata names its own address', async () => {
    const terminal = await createTerminal()
    const alias = server.issuer.replace('localhost', '127.0.0.1')
    const { code, stderr } = await terminal.call(['context', 'add', 'x', '--server', alias])
    expect([code, stderr]).toEqual([1, expect.stringContaining(`its metadata names "${server.issuer}"`)])
    await terminal.remove()
  })
})

describe('RFC 8628: a user signs in by a code', () => {
  let terminal: Terminal
  let login: CommandResult
  beforeAll(async () => {
    terminal = await terminalOf()
    login = await terminal.call(['login'], { onError: allowing() })
  })
  afterAll(() => terminal.remove())

  it('and sees the result', () => {
    expect(ended(login)).toEqual([0, expect.stringMatching(/Signed in to .* with openid/)])
  })

  it('and administers within their permissions', async () => {
    expect((await terminal.json<object[]>(['client', 'list'])).length).toBeGreaterThan(1)
    expect(await terminal.json(['whoami'])).toMatchObject({
      context: 'test',
      server: server.issuer,
      clientId: people.clientId,
      source: 'context',
      given_name: 'Ada',
    })
  })

  it('and is not confused with a client in the environment, which then acts', async () => {
    const { clientId, clientSecret } = await server.registerClient(robot)
    const environment = { CERBERUS_CLIENT_ID: clientId, CERBERUS_CLIENT_SECRET: clientSecret ?? '' }
    const { code, stdout, stderr } = await terminal.call(['whoami', '-o', 'json'], { environment })
    expect([code, JSON.parse(stdout), stderr]).toEqual([
      0,
      { context: 'test', server: server.issuer, clientId, source: 'client', scope: robot.scopes.join(' ') },
      'The credentials in the environment are used, not the sign-in of the context test.\n',
    ])
    const { accessToken } = await stored(terminal)
    const withToken = await terminal.json(['whoami'], { environment: { ...environment, CERBERUS_TOKEN: accessToken } })
    expect(withToken).toMatchObject({ clientId: people.clientId, source: 'token', given_name: 'Ada' })
  })

  it('and stays signed in: an expired token is refreshed and stored', async () => {
    const before = await stored(terminal)
    const text = await readFile(fileOf(terminal), 'utf8')
    await writeFile(fileOf(terminal), text.replace(before.expiresAt, '2000-01-01T00:00:00.000Z'))
    expect((await terminal.call(['client', 'list'])).code).toBe(0)
    const after = await stored(terminal)
    expect(after.accessToken).not.toBe(before.accessToken)
    expect(after.refreshToken).not.toBe(before.refreshToken)
    expect(await terminal.configuration()).toMatchObject([{ mode: 0o600 }])
  })

  it('and finds the tokens in the contexts file alone, never in output', async () => {
    const { accessToken, refreshToken } = await stored(terminal)
    expect(accessToken.length).toBeGreaterThan(100)
    await terminal.call(['context', 'list', '--output', 'json'])
    await terminal.call(['token', 'inspect', '--output', 'json'])
    for (const token of [accessToken, refreshToken]) expect(terminal.written()).not.toContain(token)
  })

  it('and inspects the token, without learning whether it is active', async () => {
    const { stdout, stderr } = await terminal.call(['token', 'inspect', '--output', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({ iss: server.issuer, client_id: people.clientId })
    expect(stderr).toMatch(/^Unverified claims\./)
  })

  it('and signs out: the tokens are removed and revoked', async () => {
    const { accessToken } = await stored(terminal)
    expect((await terminal.call(['logout'])).code).toBe(0)
    expect(await tokenOf(terminal)).toBeNull()
    expect(ended(await terminal.call(['client', 'list']))).toEqual([
      3,
      `cerberus: You are not signed in to ${server.issuer}. Run cerberus login.\n`,
    ])
    const late = await terminal.call(['client', 'list'], { environment: { CERBERUS_TOKEN: accessToken } })
    expect(late.code).toBe(3)
  })
})

describe('RFC 8252: a user signs in by a browser on this machine', () => {
  it('with PKCE, a state, and a redirect to a local port', async () => {
    const terminal = await terminalOf()
    const { code, stderr } = await terminal.call(['login', '--browser'], {
      onError: once(SIGN_IN_AT, async (address) => {
        const browser = await server.signedInBrowser()
        await browser.get(address)
        if (browser.page.statusCode === 200) await browser.submit({}, 'allow')
        await fetch(new URL('/elsewhere', browser.url))
        await fetch(browser.url)
      }),
    })
    expect([code, stderr]).toEqual([0, expect.stringMatching(/Signed in to /)])
    expect((await terminal.call(['client', 'list'])).code).toBe(0)
    await terminal.remove()
  })

  it('but not with the response to another request', async () => {
    const terminal = await terminalOf()
    const { code, stderr } = await terminal.call(['login', '--browser'], {
      onError: once(SIGN_IN_AT, async (address) => {
        const redirect = new URL(address).searchParams.get('redirect_uri')
        await fetch(`${redirect}?code=stolen&state=x&iss=${server.issuer}`)
      }),
    })
    expect([code, stderr]).toEqual([1, expect.stringContaining('a response to another request')])
    expect(await tokenOf(terminal)).toBeNull()
    await terminal.remove()
  })
})

describe('a client signs in without a user', () => {
  const secretOf = ({ clientId, clientSecret }: RegisteredTestClient) => ({
    CERBERUS_CLIENT_ID: clientId,
    CERBERUS_CLIENT_SECRET: clientSecret ?? '',
  })

  it('with a secret in the environment, and a server instead of a context', async () => {
    const terminal = await createTerminal({ ...secretOf(machine), CERBERUS_SERVER: server.issuer })
    expect((await terminal.call(['client', 'list'])).code).toBe(0)
    expect(await terminal.json(['whoami'])).toMatchObject({ clientId: machine.clientId, source: 'client' })
    expect(terminal.written()).not.toContain(machine.clientSecret)
    await expect(terminal.configuration()).rejects.toThrow('ENOENT')
    await terminal.remove()
  })

  it('with a secret in a file, and stores the token on login', async () => {
    const terminal = await terminalOf()
    const file = await terminal.file('secret', `${machine.clientSecret}\n`)
    const environment = { CERBERUS_CLIENT_ID: machine.clientId, CERBERUS_CLIENT_SECRET_FILE: file }
    expect((await terminal.call(['login'], { environment })).code).toBe(0)
    expect((await terminal.call(['client', 'list'])).code).toBe(0)
    const [{ content, mode } = { content: '', mode: 0 }] = await terminal.configuration()
    expect(content).not.toContain(machine.clientSecret)
    expect(mode).toBe(0o600)
    await terminal.remove()
  })

  it.each(['ES256', 'EdDSA', 'PS256'])('with a key for %s, as PEM and as JWK (RFC 7523)', async (alg) => {
    const pair = await generateKeyPair(alg, { extractable: true })
    const prover = await server.registerClient({
      ...robot,
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg }] },
    })
    const terminal = await createTerminal({ CERBERUS_CLIENT_ID: prover.clientId, CERBERUS_SERVER: server.issuer })
    const jwk = JSON.stringify({ ...(await exportJWK(pair.privateKey)), kid: 'one', alg })
    for (const file of [
      await terminal.file('key.pem', await exportPKCS8(pair.privateKey)),
      await terminal.file('key.json', jwk),
    ]) {
      const called = await terminal.call(['client', 'list'], { environment: { CERBERUS_CLIENT_KEY_FILE: file } })
      expect([file, ...ended(called)]).toEqual([file, 0, expect.any(String)])
    }
    await terminal.remove()
  })

  it('with an access token from the environment or a file', async () => {
    const answer = await server.app.inject({
      method: 'POST',
      url: '/oauth2/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${btoa(`${machine.clientId}:${machine.clientSecret}`)}`,
      },
      payload: 'grant_type=client_credentials&scope=clients:*',
    })
    const { access_token: token } = answer.json<{ access_token: string }>()
    const terminal = await createTerminal({ CERBERUS_SERVER: server.issuer })
    expect((await terminal.call(['client', 'list'], { environment: { CERBERUS_TOKEN: token } })).code).toBe(0)
    const file = await terminal.file('token', token)
    expect((await terminal.call(['client', 'list'], { environment: { CERBERUS_TOKEN_FILE: file } })).code).toBe(0)

    const asMachine = { environment: secretOf(machine), stdin: `${token}\n` }
    expect(await terminal.json(['token', 'inspect', '--file', '-'], asMachine)).toMatchObject({ active: true })
    expect((await terminal.call(['token', 'revoke', '--file', file], asMachine)).code).toBe(0)
    expect((await terminal.call(['client', 'list'], { environment: { CERBERUS_TOKEN: token } })).code).toBe(3)
    expect(terminal.written()).not.toContain(token)
    await terminal.remove()
  })

  it('and sends a token to its own issuer only', async () => {
    const claims = Buffer.from(JSON.stringify({ iss: 'https://elsewhere.example.com' })).toString('base64url')
    const terminal = await createTerminal({ CERBERUS_SERVER: server.issuer, CERBERUS_TOKEN: `e30.${claims}.c2ln` })
    expect(ended(await terminal.call(['client', 'list']))).toEqual([
      2,
      `cerberus: The token in the environment is from https://elsewhere.example.com, but the server is ${server.issuer}.\n`,
    ])
    await terminal.remove()
  })

  it.each<[string, Record<string, string>, number, RegExp]>([
    ['a wrong secret', { CERBERUS_CLIENT_SECRET: 'wrong' }, 3, /\(invalid_client\)/],
    ['an invalid key', { CERBERUS_CLIENT_KEY_FILE: '/dev/null' }, 2, /is not a private key/],
    ['a missing file', { CERBERUS_CLIENT_SECRET_FILE: '/nowhere' }, 2, /ENOENT/],
    ['a secret and a key', { CERBERUS_CLIENT_SECRET: 'x', CERBERUS_CLIENT_KEY_FILE: '/x' }, 2, /not both/],
    [
      'a secret without a client',
      { CERBERUS_CLIENT_SECRET: 'x', CERBERUS_CLIENT_ID: '' },
      2,
      /CERBERUS_CLIENT_ID is not set/,
    ],
    ['an invalid token', { CERBERUS_TOKEN: 'nonsense' }, 3, /expired, revoked/],
    ['nothing', {}, 3, /You are not signed in/],
  ])('but not with %s', async (_, environment, code, message) => {
    const terminal = await createTerminal({
      CERBERUS_SERVER: server.issuer,
      CERBERUS_CLIENT_ID: machine.clientId,
      ...environment,
    })
    const called = await terminal.call(['client', 'list'])
    expect(ended(called)).toEqual([code, expect.stringMatching(message)])
    expect(called.stderr).not.toMatch(/^ {4}at /m)
    expect(called.stdout).toBe('')
    await terminal.remove()
  })
})
