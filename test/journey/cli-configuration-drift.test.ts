// `cerberus export`, `diff` and `drift`: the clients of a server and of a file, and the causes of differences.
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { createTerminal, type CommandResult, type Terminal } from '../support/cli.ts'
import {
  listenOnLoopback,
  startJourneyServer,
  type JourneyServer,
  type LoopbackServer,
} from '../support/journey-server.ts'
import { createFullyConfiguredClients } from '../support/fully-configured-clients.ts'

type Shown = Record<string, unknown> & { externalId: string; clientId: string }

let first: JourneyServer
let second: JourneyServer
let one: Terminal
let other: Terminal
let sector: LoopbackServer
beforeAll(async () => {
  first = await startJourneyServer({ allow: ['localhost'] })
  second = await startJourneyServer({ allow: ['localhost'] })
  one = await terminalOf(first)
  other = await terminalOf(second)
  sector = await listenOnLoopback((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(callback))
  })
}, 240_000)
afterAll(async () => {
  await Promise.all([one.remove(), other.remove(), first.close(), second.close(), sector.close()])
})

async function terminalOf(server: JourneyServer, settings: object = {}): Promise<Terminal> {
  const { clientId, clientSecret } = await server.registerClient({
    name: 'Robot',
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['clients:*', 'audit:read'],
    ...settings,
  })
  return createTerminal({
    CERBERUS_SERVER: server.issuer,
    CERBERUS_CLIENT_ID: clientId,
    CERBERUS_CLIENT_SECRET: clientSecret ?? '',
  })
}

const given = (terminal: Terminal, clients: object[], words: string[], more: object = {}) =>
  terminal.call([...words, '-f', '-'], { stdin: stringify({ ...more, clients }) })
const ended = ({ code, stderr }: CommandResult) => [code, stderr]
const callback = ['https://app.example.com/callback']
const page = (externalId: string, settings: object = {}) => ({
  externalId,
  name: `Page ${externalId}`,
  clientType: 'public',
  redirectUris: callback,
  ...settings,
})

/** Clients with every setting, and texts that YAML or variables could misinterpret. */
async function everything(): Promise<Record<string, unknown>[]> {
  const [most, ...others] = await createFullyConfiguredClients(`http://localhost:${sector.port}/sector.json`)
  const { pkceRequired: _, ...settings } = most ?? {}
  const tricky = {
    name: 'Everything ${x}: "\\n"',
    description: 'On\ntwo lines: # no comment',
    groups: ['all', '007'],
    scopes: ['openid', 'offline_access', 'true'],
    softwareId: '1e3',
  }
  return [{ ...settings, ...tricky }, ...others].map((client, index) => ({ ...client, externalId: `whole-${index}` }))
}

describe('cerberus export', () => {
  it('writes a file that plan finds no change in, and that creates the same clients on another server', async () => {
    const clients = (await everything()).map((client) => ({
      ...client,
      name: String(client['name']).replaceAll('${', () => '$${'),
    }))
    const made = await given(one, clients, ['apply', '--yes'])
    expect(ended(made)).toEqual([0, expect.stringContaining(`Applied: ${clients.length} to register`)])
    const { stdout: exported } = await one.call(['export'])
    expect(ended(await one.call(['plan', '--detailed-exitcode', '-f', '-'], { stdin: exported }))).toEqual([
      0,
      `${clients.length + 1} unchanged.\n`,
    ])
    const json = (await one.call(['export', '-o', 'json'])).stdout
    expect((await one.call(['diff', '-f', '-'], { stdin: json })).code).toBe(0)

    const portable = (parse(exported) as { clients: Shown[] }).clients.filter(
      ({ externalId }) => externalId !== undefined,
    )
    expect(ended(await given(other, portable, ['apply', '--yes']))).toEqual([
      0,
      expect.stringContaining(`${clients.length} to register`),
    ])
    const again = parse((await other.call(['export'])).stdout) as { clients: Shown[] }
    const byName = (list: Shown[]) => new Map(list.map((client) => [client.externalId, client]))
    for (const client of portable) expect(byName(again.clients).get(client.externalId)).toEqual(client)
  })

  it('contains each setting of clients, and each test value differs from its default', async () => {
    const described = parse((await one.call(['api', 'createClient', '--describe'])).stdout) as object
    expect(described).toMatchObject({ method: 'POST' })
    await given(one, [page('plain')], ['apply', '--yes'])
    const { clients } = parse((await one.call(['export'])).stdout) as { clients: Shown[] }
    const plain = clients.find(({ externalId }) => externalId === 'plain') ?? {}
    const document = (await first.app.inject('/openapi.json')).json<{
      components: { schemas: { NewClient: { properties: object } } }
    }>()
    const members = Object.keys(document.components.schemas.NewClient.properties).filter(
      (name) => !['pkceRequired', 'clientId'].includes(name),
    )
    expect(Object.keys(plain).toSorted()).toEqual(members.toSorted())
    const varied = members.filter((member) =>
      clients.some((client) => !isDeepStrictEqual(client[member], plain[member as keyof typeof plain])),
    )
    expect(varied.toSorted()).toEqual(members.toSorted())
  })

  it('writes the clients of a group, which the file then owns', async () => {
    const { stdout } = await one.call(['export', '--group', 'all'])
    expect(parse(stdout)).toMatchObject({ owns: { group: 'all' }, clients: [{ externalId: 'whole-0' }] })
    expect((parse(stdout) as { clients: object[] }).clients).toHaveLength(1)
  })
})

describe('one file for two servers', () => {
  it('applies the variables of each server, with a different clientId on each', async () => {
    const clients = [page('both', { redirectUris: ['https://${host}/callback'] })]
    for (const [terminal, host] of [
      [one, 'staging.example.com'],
      [other, 'www.example.com'],
    ] as const) {
      const words = ['--var', `host=${host}`]
      expect((await given(terminal, clients, ['apply', '--yes', ...words])).code).toBe(0)
      expect((await given(terminal, clients, ['plan', '--detailed-exitcode', ...words])).code).toBe(0)
    }
    const read = async (terminal: Terminal) =>
      (await terminal.json<Shown[]>(['client', 'list', '--search', 'Page both']))[0]
    const [here, there] = [await read(one), await read(other)]
    expect([here?.['redirectUris'], there?.['redirectUris']]).toEqual([
      ['https://staging.example.com/callback'],
      ['https://www.example.com/callback'],
    ])
    expect(here?.clientId).not.toBe(there?.clientId)
  })
})

describe('cerberus diff', () => {
  it('shows the members of both, and exits with 1 if they differ and 0 if not', async () => {
    await given(one, [page('differs', { contacts: ['a@example.com', 'b@example.com'] })], ['apply', '--yes'])
    expect(await given(one, [page('differs')], ['diff'])).toEqual({ code: 0, stdout: '', stderr: '' })
    const wanted = [page('differs', { contacts: ['a@example.com'] }), page('new')]
    const { code, stdout } = await given(one, wanted, ['diff'])
    expect([code, stdout]).toEqual([
      1,
      [
        '--- server differs',
        '+++ standard input:2',
        '-contacts:',
        '-  - a@example.com',
        '-  - b@example.com',
        '+contacts:',
        '+  - a@example.com',
        '--- /dev/null',
        '+++ standard input:9',
        '+externalId: new',
        '+name: Page new',
        '+clientType: public',
        '+redirectUris:',
        '+  - https://app.example.com/callback',
        '',
      ].join('\n'),
    ])
  })
})

describe('cerberus drift', () => {
  const file = [page('drifts', { groups: ['watched'] }), page('goes', { groups: ['watched'] })]
  const drift = async (terminal: Terminal) => {
    const { code, stdout, stderr } = await given(terminal, file, ['drift', '-o', 'json'], {
      owns: { group: 'watched' },
    })
    return { code, drift: JSON.parse(stdout) as object[], stderr }
  }

  it('shows what was changed, by whom and when, and exits with 10', async () => {
    await given(one, file, ['apply', '--yes'], { owns: { group: 'watched' } })
    expect(await drift(one)).toEqual({ code: 0, drift: [], stderr: 'The server matches the files.\n' })

    const headers = { cookie: await first.signIn() }
    const list = await one.json<Shown[]>(['client', 'list', '--search', 'Page '])
    const idOf = (externalId: string) => list.find((client) => client.externalId === externalId)?.clientId ?? ''
    const url = (externalId: string) => `/v1/admin/clients/${idOf(externalId)}`
    await first.app.inject({ method: 'PATCH', url: url('drifts'), headers, payload: { name: 'By hand' } })
    await first.app.inject({ method: 'POST', url: `${url('drifts')}/disable`, headers })
    await one.call(['client', 'patch', idOf('drifts'), '--set', 'contacts=[later@example.com]'])
    await first.app.inject({ method: 'DELETE', url: url('goes'), headers })
    await first.registerClient({ name: 'By hand, too', groups: ['watched'] })

    const found = await drift(one)
    const owner = { changedBy: 'owner@acme.test', changedAt: expect.stringMatching(/^20.*Z$/) }
    expect([found.code, found.drift]).toEqual([
      10,
      [
        {
          client: 'drifts',
          clientId: idOf('drifts'),
          drift: 'changed',
          member: 'name',
          inFile: 'Page drifts',
          onServer: 'By hand',
          ...owner,
        },
        {
          client: 'goes',
          clientId: null,
          drift: 'missing',
          member: null,
          inFile: null,
          onServer: null,
          changedBy: null,
          changedAt: null,
        },
        {
          client: expect.stringMatching(/^client_/),
          clientId: expect.any(String),
          drift: 'unknown',
          member: null,
          inFile: null,
          onServer: 'By hand, too',
          ...owner,
        },
      ],
    ])
    const whole = await given(one, [{ ...file[0], isActive: true }], ['drift'])
    expect(whole.stdout).toMatch(/^drifts\tchanged\tisActive\ttrue\tfalse\towner@acme\.test\t/m)
  })

  it('works with clients:read alone, without the causes', async () => {
    const reader = await terminalOf(first, { scopes: ['clients:read'] })
    const { code, drift: found, stderr } = await drift(reader)
    expect([code, found, stderr]).toMatchObject([10, [{ member: 'name', changedBy: null }, {}, {}], /audit:read/])
    expect((await given(reader, file, ['diff'])).code).toBe(1)
    expect((await given(reader, file, ['plan'])).code).toBe(4)
    await reader.remove()
  })
})

/** A terminal where the owner has signed in, with a client whose refresh tokens work once. */
async function personalTerminal(server: JourneyServer): Promise<Terminal> {
  const { clientId } = await server.registerClient({
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    redirectUris: [],
    scopes: ['openid', 'profile', 'email', 'offline_access', 'clients:*'],
    accessTokenLifetime: 7,
    refreshTokenReuseWindow: 0,
  })
  const terminal = await createTerminal()
  await terminal.call(['context', 'add', 'test', '--server', server.issuer, '--client-id', clientId])
  let allowed: Promise<void> | undefined
  const allow = async (code: string) => {
    const browser = await server.signedInBrowser()
    await browser.get('/device')
    await browser.submit({ user_code: code }, 'continue')
    await browser.submit({}, 'allow')
  }
  const onError = (soFar: string) => {
    const [, code] = /confirm the code ([A-Z]{4}-[A-Z]{4})/.exec(soFar) ?? []
    if (code !== undefined) allowed ??= allow(code)
  }
  expect((await terminal.call(['login'], { onError })).code).toBe(0)
  return terminal
}

describe('many clients', () => {
  it.each([
    ['a client', (server: JourneyServer) => terminalOf(server, { accessTokenLifetime: 7 })],
    ['a user', personalTerminal],
  ])('are applied by %s at the allowed rate, while tokens expire', { timeout: 120_000 }, async (_, terminalAt) => {
    const server = await startJourneyServer({ limits: { general: { max: 20, window: 4 } } })
    const terminal = await terminalAt(server)
    const many = stringify(Array.from({ length: 25 }, (_entry, index) => page(`many-${index}`)))
    const file = await terminal.file('many.yaml', many)
    const { code, stderr } = await terminal.call(['apply', '--yes', '-f', file])
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/limits the rate: retrying in \d s\.[^]*Applied: 25 to register/),
    ])
    let requests = 0
    server.app.server.on('request', () => (requests += 1))
    expect((await terminal.call(['plan', '--detailed-exitcode', '-f', file])).code).toBe(0)
    // One request for 100 clients.
    expect(requests).toBeLessThan(10)
    await terminal.remove()
    await server.close()
  })
})
