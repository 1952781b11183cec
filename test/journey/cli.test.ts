import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { OWNER, type RegisteredTestClient } from '../support/app.ts'
import { createTerminal, type CommandResult, type Terminal } from '../support/cli.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'

const web = {
  name: 'Web',
  clientType: 'confidential',
  redirectUris: ['https://app.example.com/callback'],
  scopes: ['openid'],
}
type Shown = Record<string, unknown> & { id: string; clientId: string; clientSecret: string }

let server: JourneyServer
let terminal: Terminal
let machine: RegisteredTestClient
beforeAll(async () => {
  server = await startJourneyServer()
  machine = await server.registerClient({
    name: 'Robot',
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['clients:*', 'signing_keys:*', 'audit:read', 'users:read'],
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

const call = (...words: string[]) => terminal.call(words)
const create = (settings: object = {}) =>
  terminal.json<Shown>(['client', 'create', '--data', JSON.stringify({ ...web, ...settings })])
const get = (id: string) => terminal.json<Shown>(['client', 'get', id])
const ended = ({ code, stderr }: CommandResult) => [code, stderr]

describe('cerberus client create', () => {
  it.each<[string, (text: string) => Promise<[string, string?]>]>([
    ['a file', async (text) => [await terminal.file('client.json', text)]],
    ['@file', async (text) => [`@${await terminal.file('client.json', text)}`]],
    ['standard input', async (text) => ['-', text]],
    ['the argument', async (text) => [text]],
    [
      'YAML',
      async () => [
        await terminal.file(
          'c.yaml',
          'name: Web\nclientType: confidential\nscopes: [openid]\nredirectUris:\n  - https://app.example.com/callback\n',
        ),
      ],
    ],
  ])('takes its data from %s', async (_, give) => {
    const [data, stdin] = await give(JSON.stringify(web))
    const made = await terminal.json<Shown>(['client', 'create', '--data', data], { stdin: stdin ?? '' })
    expect(made).toMatchObject({ ...web, clientSecret: expect.stringMatching(/.{40}/) })
    expect(await get(made.clientId)).toMatchObject({ id: made.id })
  })

  it('reports each problem, and exits with 8', async () => {
    const called = await call('client', 'create', '--data', '{"name":"","clientType":"secret"}')
    expect(called.code).toBe(8)
    expect(called.stderr.split('\n').slice(0, 1)).toEqual(['cerberus: Validation error (400)'])
    expect(called.stderr).toMatch(/^ {2}name: .+\n/m)
    expect(called.stderr).toMatch(/^ {2}clientType: .+\n/m)
  })

  it('names the setting that a mistyped member probably means', async () => {
    const called = await call('client', 'create', '--data', '{"name":"Web","clientType":"public","redirectUri":"x"}')
    expect(ended(called)).toEqual([
      8,
      expect.stringContaining('redirectUri: is not a member of client metadata; did you mean redirectUris?'),
    ])
  })

  it.each([
    [['--data', '{"name":'], 8, /neither JSON nor YAML/],
    [['--data', '/nowhere.json'], 2, /ENOENT/],
    [[], 2, /required option '-d, --data <data>' not specified/],
    [['--colour', '--data', '{}'], 2, /unknown option/],
  ])('with %j exits with %i', async (words, code, message) => {
    expect(ended(await call('client', 'create', ...words))).toEqual([code, expect.stringMatching(message)])
  })

  it('shows the changes with --dry-run without applying them', async () => {
    const before = await terminal.json<object[]>(['client', 'list', '--all'])
    const dryRun = await call('client', 'create', '--dry-run', '--data', JSON.stringify({ ...web, name: 'Never' }))
    expect(dryRun.stdout).toMatch(/^MEMBER\tFROM\tTO\nname\t-\tNever\n/)
    expect(await terminal.json(['client', 'list', '--all'])).toEqual(before)
  })
})

describe('cerberus client list, get, lint', () => {
  it('filter, page and format', async () => {
    const { clientId } = await create({ name: 'Needle in the hay' })
    const { stdout, stderr } = await call('client', 'list', '--search', 'needle', '--type', 'confidential', '--active')
    expect(stdout.split('\n')).toEqual([
      'CLIENT_ID\tNAME\tIS_ACTIVE\tCLIENT_TYPE\tGRANT_TYPES\tEXPIRES_AT',
      `${clientId}\tNeedle in the hay\ttrue\tconfidential\tauthorization_code refresh_token\t-`,
      '',
    ])
    expect(stderr).toBe('')
    expect(parse((await call('client', 'list', '--search', 'needle', '-o', 'yaml')).stdout)).toMatchObject([
      { clientId },
    ])
    const few = await call('client', 'list', '--limit', '1')
    expect([few.stdout.split('\n').length, few.stderr]).toEqual([
      3,
      expect.stringMatching(/^Page 1 of \d+; \d+ clients/),
    ])
    const all = await terminal.json<object[]>(['client', 'list', '--all', '--limit', '2'])
    expect(all.length).toBe((await terminal.json<object[]>(['client', 'list'])).length)
  })

  it('show a client by its id or its clientId', async () => {
    const { id, clientId } = await create()
    expect(await get(id)).toEqual(await get(clientId))
    expect((await call('client', 'get', id)).stdout).toMatch(new RegExp(`^clientId\t${clientId}$`, 'm'))
    expect(ended(await call('client', 'get', 'client_none'))).toEqual([
      5,
      'cerberus: Not found (404): There is no such client.\n',
    ])
  })

  it('list risky settings', async () => {
    const { id } = await create({ accessTokenLifetime: 86_400 })
    const found = await terminal.json<{ member: string }[]>(['client', 'lint', id])
    expect(found).toMatchObject([{ member: 'accessTokenLifetime' }])
    expect((await call('client', 'lint', id)).code).toBe(0)
    expect((await call('client', 'lint', '--strict', id)).code).toBe(1)
  })

  it('preview the claims of a user, found by e-mail address, and why', async () => {
    const { id } = await create({ isFirstParty: true })
    const claims = ['client', 'claims', id, '--scope', 'openid', '--user']
    const { stdout } = await call(...claims, OWNER.email)
    expect(stdout).toContain('access token\troles\towner\tfirst-party client; role owner\n')
    const preview = await terminal.json<{ idToken: { claims: object } }>([...claims, OWNER.email.toUpperCase()])
    expect(preview.idToken.claims).toHaveProperty('sub')
    expect((await call(...claims, 'none@acme.test')).code).toBe(5)
  })

  it('show identifiers and the settings that are not default, and with --full all', async () => {
    const { id, clientId } = await create({ contacts: ['a@example.com'] })
    const members = async (...words: string[]) =>
      (await call('client', ...words)).stdout
        .split('\n')
        .map((line) => line.split('\t')[0])
        .slice(0, -1)
    const shown = await members('get', id)
    expect(shown.slice(0, 4)).toEqual(['name', 'clientType', 'isActive', 'redirectUris'])
    expect(shown).toContain('contacts')
    expect(shown).not.toContain('requireConsent')
    expect(shown.slice(-2)).toEqual(['id', 'clientId'])
    const full = await members('show', clientId, '--full')
    expect(full).toEqual(expect.arrayContaining([...shown, 'requireConsent', 'createdAt']))
    expect(full.length).toBeGreaterThan(80)
    // A setting that has just been changed is shown even if it is now the default.
    expect(await members('patch', id, '--set', 'requireConsent=true', '--set', 'contacts=[]')).toEqual(
      expect.arrayContaining(['requireConsent', 'contacts']),
    )
    expect(await members('patch', id, '--data', '[{"op":"add","path":"/contacts/-","value":"b@example.com"}]')).toEqual(
      expect.arrayContaining(['contacts']),
    )
    const rotated = await members('rotate-secret', id, '--yes')
    expect(rotated.slice(-3)).toEqual(['id', 'clientId', 'clientSecret'])
  })

  it('print no control characters of names', async () => {
    const { id } = await create({ description: 'Right\u202eleft\nnext' })
    const { stdout } = await call('client', 'get', id)
    expect(stdout).toMatch(/^description\tRight\ufffdleft next$/m)
  })
})

describe('cerberus client patch, disable, enable, clone, rotate-secret, delete', () => {
  it('patch by members, by merge patch and by JSON Patch', async () => {
    const { id } = await create()
    await call('client', 'patch', id, '--set', 'name=Other', '--set', 'contacts=[a@example.com]')
    expect(await get(id)).toMatchObject({ name: 'Other', contacts: ['a@example.com'] })
    await call('client', 'patch', id, '--data', '{"contacts":null}')
    expect(await get(id)).toMatchObject({ contacts: [] })
    const add = '[{"op":"add","path":"/redirectUris/-","value":"https://app.example.com/second"}]'
    expect((await call('client', 'patch', id, '--dry-run', '--data', add)).stdout).toContain('second')
    expect((await get(id))['redirectUris']).toHaveLength(1)
    await call('client', 'patch', id, '--data', add)
    expect((await get(id))['redirectUris']).toHaveLength(2)
    expect((await call('client', 'patch', id, '--set', 'name=Late', '--if-match', '"1"')).code).toBe(6)
    expect((await call('client', 'patch', id)).code).toBe(2)
  })

  it('disable and enable', async () => {
    const { id } = await create()
    expect((await call('client', 'disable', id, '--dry-run')).stdout).toMatch(/^isActive\ttrue\tfalse$/m)
    expect(await get(id)).toMatchObject({ isActive: true })
    expect((await call('client', 'disable', id)).code).toBe(0)
    expect(await get(id)).toMatchObject({ isActive: false })
    expect((await call('client', 'enable', id)).code).toBe(0)
    expect(await get(id)).toMatchObject({ isActive: true })
  })

  it('clone', async () => {
    const { id, clientId, clientSecret } = await create({ contacts: ['a@example.com'] })
    const cloned = await terminal.json<Shown>(['client', 'clone', id, '--name', 'Twin'])
    expect(cloned).toMatchObject({ name: 'Twin', contacts: ['a@example.com'] })
    expect([clientId, clientSecret]).not.toContain(cloned.clientId)
    expect(cloned.clientSecret).not.toBe(clientSecret)
  })

  it('ask for confirmation, and require --yes without a terminal', async () => {
    const { id, clientId, clientSecret } = await create()
    expect(ended(await call('client', 'rotate-secret', id))).toEqual([
      2,
      `cerberus: Replace the secrets of “Web” (${clientId})? The previous ones stop working now. Confirm with --yes: there is no terminal.\n`,
    ])
    expect(ended(await call('client', 'delete', id))).toEqual([
      2,
      `cerberus: Delete “Web” (${clientId})? This ends 1 secret and all its tokens permanently. Confirm with --yes: there is no terminal.\n`,
    ])
    expect((await call('client', 'delete', 'client_none')).code).toBe(5)
    const rotated = await terminal.json<Shown>(['client', 'rotate-secret', id, '--overlap', '60', '--yes'])
    expect(rotated.clientSecret).not.toBe(clientSecret)
    expect(ended(await call('client', 'delete', id, '--dry-run'))).toEqual([0, ''])
    expect((await call('client', 'delete', id, '--yes', '--if-match', '"0"')).code).toBe(6)
    expect(ended(await call('client', 'delete', id, '--yes'))).toEqual([0, `Deleted ${id}.\n`])
    expect((await call('client', 'get', id)).code).toBe(5)
  })
})

describe('cerberus client export and import', () => {
  it('are inverse: nothing changes', async () => {
    const { clientId } = await create({ contacts: ['a@example.com'] })
    const { stdout } = await call('client', 'export', clientId)
    expect(parse(stdout)).toMatchObject([{ clientId, name: 'Web', contacts: ['a@example.com'] }])
    expect(stdout).not.toMatch(/secret(?!_)|createdAt|organisationId/i)
    const back = await terminal.call(['client', 'import', '--data', '-', '--yes', '-o', 'json'], { stdin: stdout })
    expect(JSON.parse(back.stdout)).toMatchObject([{ done: 'unchanged', clientId }])
  })

  it('replace clients with a clientId, and register the others', async () => {
    const { clientId } = await create()
    await call('client', 'disable', clientId)
    const { stdout } = await call('client', 'export', clientId)
    const data = await terminal.file('clients.yaml', stdout.replace('name: Web', 'name: Imported'))
    const dry = await terminal.json(['client', 'import', '--data', data, '--dry-run'])
    expect(dry).toMatchObject([{ done: 'would replace', changes: ['name'] }])
    expect((await call('client', 'import', '--data', data)).code).toBe(2)
    await call('client', 'import', '--data', data, '--yes')
    expect(await get(clientId)).toMatchObject({ name: 'Imported', isActive: false })
    const [made] = await terminal.json<Shown[]>(['client', 'import', '--data', data, '--as-new'])
    expect(made).toMatchObject({ done: 'registered', name: 'Imported', clientSecret: expect.any(String) })
    expect(await get(made?.clientId ?? '')).toMatchObject({ isActive: false })
  })

  it('write all clients without an id, and report incomplete imports', async () => {
    const all = parse((await call('client', 'export')).stdout) as object[]
    expect(all.length).toBe((await terminal.json<object[]>(['client', 'list', '--all'])).length)
    const data = JSON.stringify([{ ...web, name: 'First of two' }, { name: 'Broken' }])
    const { code, stdout, stderr } = await terminal.call(['client', 'import', '--data', '-', '-o', 'json'], {
      stdin: data,
    })
    expect([code, JSON.parse(stdout)]).toMatchObject([8, [{ name: 'First of two' }]])
    expect(stderr).toMatch(/^Imported 1 of 2 clients\.$/m)
  })
})

describe('cerberus key', () => {
  it('lists and rotates the signing keys', async () => {
    const before = await terminal.json<{ kid: string; alg: string; state: string }[]>(['key', 'list'])
    expect(before.map(({ state }) => state)).toContain('current')
    expect((await call('key', 'rotate')).code).toBe(2)
    const after = await terminal.json<typeof before>(['key', 'rotate', '--algorithm', 'ES256', '--yes'])
    expect(after.filter(({ alg, state }) => alg === 'ES256' && state === 'next')).toHaveLength(1)
    const again = await call('key', 'rotate', '--algorithm', 'ES256', '--yes')
    expect([again.code, again.stderr]).toEqual([0, expect.stringMatching(/^The keys of ES256 stay: .*--now/m)])
    const now = await call('key', 'rotate', '--algorithm', 'ES256', '--now', '--yes')
    expect([now.code, now.stderr]).toEqual([0, ''])
  })
})

describe('any operation by its operationId', () => {
  it('as a command, as an option alone, and as a word alone', async () => {
    const data = ['--data', JSON.stringify({ ...web, name: 'By operation' })]
    for (const words of [['api', 'createClient'], ['--operation-id', 'createClient'], ['createClient']]) {
      const { code, stdout } = await call(...words, ...data)
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { name: 'By operation' }])
    }
  })

  it('with parameters in path, query and header, and --dry-run', async () => {
    const { id, clientId } = await create()
    const { stdout } = await call('api', 'getClient', '--param', `id=${id}`)
    expect(JSON.parse(stdout)).toMatchObject({ clientId })
    const one = await call('listClients', '-p', `search=${clientId}`)
    expect(JSON.parse(one.stdout)).toMatchObject({ total: 1 })
    const dry = await call('deleteClient', '-p', `id=${id}`, '--dry-run')
    expect(JSON.parse(dry.stdout)).toMatchObject({ dryRun: true })
    expect((await call('deleteClient', '-p', `id=${id}`)).code).toBe(2)
    expect((await call('deleteClient', '-p', `id=${id}`, '-p', 'If-Match="0"', '--yes')).code).toBe(6)
    expect((await call('deleteClient', '-p', `id=${id}`, '--yes')).code).toBe(0)
  })

  it('without authentication, or as a client, where the operation requires it', async () => {
    expect(JSON.parse((await call('api', 'getOpenIdConfiguration')).stdout)).toMatchObject({ issuer: server.issuer })
    const introspected = await call('introspectToken', '--data', '{"token":"nonsense"}')
    expect([introspected.code, JSON.parse(introspected.stdout)]).toEqual([0, { active: false }])
  })

  it('is listed and described', async () => {
    const operations = await terminal.json<{ id: string }[]>(['api'])
    expect(operations.map(({ id }) => id)).toEqual(expect.arrayContaining(['createClient', 'rotateSigningKeys']))
    expect(parse((await call('api', 'createClient', '--describe')).stdout)).toMatchObject({
      method: 'POST',
      path: '/v1/admin/clients',
      example: { name: expect.any(String) },
    })
  })

  it.each([
    [['api', 'getClient'], /requires --param id=/],
    [['getClient', '-p', 'id=x', '-p', 'colour=red'], /no parameter colour/],
    [['createClient'], /requires --data/],
    [['listClients', '--data', '{}'], /has no request body/],
    [['endSession'], /requires a browser session/],
    [['frobnicate'], /no command or operation frobnicate\. See cerberus --help/],
    [['clients', 'list'], /no command or operation clients\. Did you mean cerberus client list\?/],
    [['clients', 'lst', '--all'], /Did you mean cerberus client list --all\?/],
    [['whoam'], /Did you mean cerberus whoami\?/],
    [['client', 'lst'], /unknown command 'lst' \(Did you mean list\?\)/],
    [['listClints'], /Did you mean cerberus listClients\?/],
    [['listClients', '-p', 'serch=x'], /no parameter serch\. Did you mean search\?/],
    [['listClients', '--colour'], /unknown option '--colour'/],
    [['client', 'list', '--context', 'prod'], /no context prod\. See/],
  ])('exits with 2 for %j', async (words, message) => {
    expect(ended(await call(...words, ...(words[0] === 'endSession' ? ['--yes'] : [])))).toEqual([
      2,
      expect.stringMatching(message),
    ])
  })
})

describe('the exit code', () => {
  it('is 4 without permission, and 7 without a response', async () => {
    const environment = { CERBERUS_CLIENT_ID: '', CERBERUS_CLIENT_SECRET: '' }
    expect((await terminal.call(['--org', 'other', 'client', 'list'])).code).toBe(4)
    const unreachable = await terminal.call(['client', 'list', '--server', 'http://localhost:1'], {
      environment: { ...environment, CERBERUS_TOKEN: 'x' },
    })
    expect(ended(unreachable)).toEqual([7, expect.stringMatching(/^cerberus: http:\/\/localhost:1 does not respond: /)])
  })

  it('is 0 for help and the version, and 2 without a command', async () => {
    expect((await call('--help')).stdout).toMatch(/^Usage: cerberus /)
    expect((await call('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await call('client')).code).toBe(2)
  })

  it('and all output contain no secret except new ones', async () => {
    expect(terminal.written()).not.toContain(machine.clientSecret)
    expect(server.logs.join('\n')).not.toContain(machine.clientSecret)
  })
})

describe('cerberus completion', () => {
  it.each(['bash', 'zsh', 'fish'])('writes a script for %s', async (shell) => {
    expect((await call('completion', shell)).stdout).toContain('cerberus complete-words')
  })

  it('completes commands, their commands, and options', async () => {
    expect(await completed('cl')).toEqual(['client'])
    expect(await completed('client', 'e')).toEqual(['edit', 'enable', 'events', 'export'])
    expect(await completed('client', 'grant', '')).toEqual(['list', 'revoke'])
    expect(await completed('client', 'delete', '--d')).toEqual(['--dry-run'])
  })

  it('completes what the server knows: clients, settings, operations', async () => {
    const { clientId } = await create({ name: 'Completed' })
    expect(await completed('client', 'get', clientId.slice(0, 14))).toEqual([clientId])
    expect(await completed('client', 'grant', 'revoke', clientId.slice(0, 14))).toEqual([clientId])
    expect(await completed('client', 'patch', clientId, '--set', 'redirectU')).toEqual(['redirectUris='])
    expect(await completed('api', 'listSigning')).toEqual(['listSigningKeys'])
    expect(await completed('client', 'get', clientId, '')).toEqual([])
  })

  it('completes values of options, and files only where a file is expected', async () => {
    expect(await completed('client', 'list', '--output', '')).toEqual(['json', 'table', 'yaml'])
    expect(await completed('completion', 'z')).toEqual(['zsh'])
    for (const words of [
      ['client', 'create', '--data', ''],
      ['plan', '-f', ''],
    ])
      expect((await call('complete-words', '--', ...words)).code).toBe(3)
    const unreachable = await terminal.call(['complete-words', '--', 'client', 'get', ''], {
      environment: { CERBERUS_SERVER: 'http://localhost:1' },
    })
    expect(unreachable).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  /** The completions of the last word. */
  async function completed(...typed: string[]): Promise<string[]> {
    const { stdout } = await call('complete-words', '--', ...typed)
    return stdout.split('\n').filter((word) => word !== '')
  }
})
