// `cerberus plan` and `apply`: files are applied to the clients of a server, repeatedly.
import type { FastifyRequest } from 'fastify'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import type { RegisteredTestClient } from '../support/app.ts'
import { createTerminal, type CommandResult, type CommandOptions, type Terminal } from '../support/cli.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'

type Shown = Record<string, unknown> & { id: string; clientId: string }
type Step = { action: string; externalId: string; clientId: string; changes: { member: string; to: unknown }[] }

const callback = ['https://app.example.com/callback']
const page = (externalId: string, settings: object = {}) => ({
  externalId,
  name: `Page ${externalId}`,
  clientType: 'public',
  redirectUris: callback,
  ...settings,
})
const web = (externalId: string, settings: object = {}) => page(externalId, { clientType: 'confidential', ...settings })

let server: JourneyServer
let terminal: Terminal
let machine: RegisteredTestClient
/** Called before each writing request; true: the server rejects it with 503. */
let onWrite: ((request: FastifyRequest) => Promise<boolean>) | undefined
beforeAll(async () => {
  server = await startJourneyServer({
    beforeReady(app) {
      app.addHook('preHandler', async (request, reply) => {
        const writes = request.method !== 'GET' && request.url.startsWith('/v1/admin/clients')
        if (!writes || request.url.includes('dryRun=true') || !(await onWrite?.(request))) return
        return reply.status(503).send({ title: 'Unavailable' })
      })
    },
  })
  machine = await server.registerClient({
    name: 'Robot',
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['clients:*', 'audit:read'],
    groups: ['mine'],
  })
  terminal = await createTerminal({
    CERBERUS_SERVER: server.issuer,
    CERBERUS_CLIENT_ID: machine.clientId,
    CERBERUS_CLIENT_SECRET: machine.clientSecret ?? '',
  })
}, 240_000)
afterEach(() => {
  onWrite = undefined
})
afterAll(async () => {
  await terminal.remove()
  await server.close()
})

const call = (...words: string[]) => terminal.call(words)
const ended = ({ code, stderr }: CommandResult) => [code, stderr]
const yaml = (clients: object[], more: object = {}) => stringify({ ...more, clients })
/** Runs a command with a configuration on standard input. */
const given = (text: string, words: string[], calling: CommandOptions = {}) =>
  terminal.call([...words, '--file', '-'], { ...calling, stdin: text })
const plan = async (text: string, ...words: string[]): Promise<Step[]> => {
  const { code, stdout, stderr } = await given(text, ['plan', '-o', 'json', ...words])
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Step[]
}
const applied = async (text: string, ...words: string[]) => {
  const called = await given(text, ['apply', '--yes', ...words])
  if (called.code !== 0) throw new Error(called.stderr)
  return called
}
const named = async (externalId: string): Promise<Shown[]> => {
  const { stdout } = await call('api', 'listClients', '-p', `externalId=${externalId}`)
  return (JSON.parse(stdout) as { data: Shown[] }).data
}
const patch = (id: string, ...settings: string[]) =>
  call('client', 'patch', id, ...settings.flatMap((setting) => ['--set', setting]))

describe('cerberus apply', () => {
  it('registers missing clients, and then has nothing to apply', async () => {
    const text = yaml([page('first', { isActive: false, expiresAt: '2050-01-01T00:00:00+01:00' }), page('second')])
    expect((await plan(text)).map(({ action, externalId }) => [action, externalId])).toEqual([
      ['register', 'first'],
      ['register', 'second'],
    ])
    expect(await named('first')).toEqual([])
    expect((await applied(text)).stderr).toMatch(/^Applied: 2 to register, 0 unchanged\.$/m)
    expect(await named('first')).toMatchObject([{ name: 'Page first', isActive: false }])
    expect(await plan(text, '--detailed-exitcode')).toEqual([])
    const again = await applied(text)
    expect([again.stdout, again.stderr]).toEqual(['', '2 unchanged.\nThere is nothing to apply.\n'])
  })

  it('changes the settings of the file and no others', async () => {
    await applied(yaml([page('partial', { contacts: ['a@example.com'], accessTokenLifetime: 60 })]))
    const [before] = await named('partial')
    const text = yaml([page('partial', { name: 'Renamed', accessTokenLifetime: null })])
    const planned = await given(text, ['plan', '--detailed-exitcode'])
    expect([planned.code, planned.stdout]).toEqual([
      10,
      'change    partial  Page partial\n    name: Page partial → Renamed\n    accessTokenLifetime: 60 → 3600\n',
    ])
    expect(await named('partial')).toEqual([before])
    await applied(text)
    const [after] = await named('partial')
    expect(after).toEqual({ ...before, name: 'Renamed', accessTokenLifetime: 3600, updatedAt: after?.['updatedAt'] })
    expect(await plan(text)).toEqual([])
  })

  it('matches an existing client by its clientId, and gives it an externalId', async () => {
    const { clientId } = await server.registerClient({ name: 'Old', groups: ['kept'] })
    await applied(yaml([{ clientId, externalId: 'taken-up' }]))
    expect(await named('taken-up')).toMatchObject([{ clientId, name: 'Old', groups: ['kept'] }])
    expect(await plan(yaml([{ externalId: 'taken-up', name: 'Old' }]))).toEqual([])
    const unknown = await given(yaml([{ clientId: 'client_none' }, { clientId, externalId: 'x' }]), ['plan'])
    expect(ended(unknown)).toEqual([8, expect.stringContaining('standard input:2: http')])
    expect(unknown.stderr).toContain('has no client client_none')
  })

  it('registers a client under the clientId that the file chose, and writes it out again', async () => {
    const entry = { clientId: 'chosen-by-file', name: 'Chosen', clientType: 'public', redirectUris: callback }
    const [step] = await plan(yaml([entry]))
    expect(step).toMatchObject({ action: 'register', clientId: 'chosen-by-file' })
    expect(step?.changes[0]).toEqual({ member: 'clientId', to: 'chosen-by-file' })
    await applied(yaml([entry]))
    expect(await plan(yaml([entry]))).toEqual([])
    await applied(yaml([{ ...entry, externalId: 'chosen' }]))
    const { clients } = parse((await call('export')).stdout) as { clients: Record<string, unknown>[] }
    expect(clients.filter(({ externalId }) => externalId === 'chosen')).toMatchObject([{ clientId: 'chosen-by-file' }])
    expect(clients.filter(({ clientId }) => String(clientId).startsWith('client_'))).not.toEqual([])
    const text = yaml(clients.filter(({ externalId }) => externalId === 'chosen'))
    expect(await plan(text)).toEqual([])
    await call('client', 'delete', 'chosen-by-file', '--yes')
    const again = await given(text, ['plan'])
    expect(ended(again)).toEqual([expect.any(Number), expect.stringContaining('clientId is not available')])
    const elsewhere = await call(
      'client',
      'import',
      '--data',
      JSON.stringify({ ...entry, clientId: 'chosen-by-import' }),
      '-o',
      'json',
    )
    expect(JSON.parse(elsewhere.stdout)).toMatchObject([{ done: 'registered', clientId: 'chosen-by-import' }])
  })

  it('reads several files, folders and documents, JSON or YAML, with variables', async () => {
    await mkdir(join(terminal.directory, 'folder'))
    await terminal.file(
      'folder/a.yaml',
      '# nothing\n---\nclients:\n  - &it\n    externalId: many-a\n    name: ${stage} $${x}\n    clientType: public\n    redirectUris: ["https://${host}/"]\n---\n- <<: {name: B, clientType: public, redirectUris: ["https://b.example.com/"]}\n  externalId: many-b\n',
    )
    await terminal.file('folder/b.json', JSON.stringify({ clients: [page('many-c')] }))
    await terminal.file('folder/c.txt', 'neither')
    const files = ['-f', join(terminal.directory, 'folder'), '-f', await terminal.file('d.yml', yaml([page('many-d')]))]
    const unset = await call('plan', ...files, '--var', 'stage=Test')
    expect(ended(unset)).toEqual([8, expect.stringContaining('a.yaml:8: ${host} is not set: --var host=…')])
    await call('apply', '--yes', ...files, '--var', 'stage=Test', '--var', 'host=one.example.com')
    expect(await named('many-a')).toMatchObject([{ name: 'Test ${x}', redirectUris: ['https://one.example.com/'] }])
    expect([await named('many-b'), await named('many-c'), await named('many-d')].map(({ length }) => length)).toEqual([
      1, 1, 1,
    ])
  })

  it('asks before it writes, and requires --yes without a terminal', async () => {
    const file = await terminal.file('asked.yaml', yaml([page('asked')]))
    expect(ended(await call('apply', '-f', file))).toEqual([2, expect.stringMatching(/--yes/)])
    expect(await named('asked')).toEqual([])
  })
})

describe('problems of a file', () => {
  it('are reported all at once, with their places', async () => {
    const text = [
      'clients:',
      '  - externalId: twice',
      '    nam: X',
      '  - externalId: twice',
      '  - name: No id',
      '    clientSecret: keep-this-out',
      '  - just text',
      'colour: red',
    ].join('\n')
    const { code, stderr } = await given(text, ['plan'])
    expect([code, stderr.split('\n')]).toEqual([
      8,
      [
        'cerberus: The configuration has 6 problems.',
        '  standard input:8: colour is unknown: only clients, owns, organisation, roles, teams, serviceAccounts, webhooks are allowed',
        '  standard input:3: nam is not a setting of clients; did you mean name?',
        '  standard input:5: an externalId, which you choose, or a clientId is required',
        '  standard input:6: clientSecret is not a setting of clients',
        '  standard input:7: a client must be a mapping',
        '  standard input:4: the externalId twice is already used at standard input:2',
        '',
      ],
    ])
  })

  it('include those of the server, before anything is written', async () => {
    const text = yaml([
      page('fine'),
      page('wrong', { redirectUris: [...callback, 'http://elsewhere.example'] }),
      { externalId: 'bare' },
    ])
    const { code, stderr } = await given(text, ['apply', '--yes'])
    expect(code).toBe(8)
    expect(stderr).toMatch(/^ {2}standard input:12: redirectUris\.1 must /m)
    expect(stderr).toMatch(/^ {2}standard input:13: name must be /m)
    expect(await named('fine')).toEqual([])
  })

  it.each([
    ['clients: [', /standard input:1: /],
    ['', /the file is empty/],
    ['clients: {}', /neither a list of clients/],
    ['owns: {group: 7}\nclients: []', /owns must name a group or kinds/],
    ['clients: [{externalId: x, externalId: y}]', /standard input:1: Map keys must be unique/],
  ])('are reported for %j', async (text, message) => {
    expect(ended(await given(text, ['plan']))).toEqual([8, expect.stringMatching(message)])
  })
})

describe('secrets of new clients', () => {
  it('need a destination before anything is written', async () => {
    const text = yaml([web('place')])
    expect(ended(await given(text, ['apply', '--yes']))).toEqual([2, expect.stringMatching(/--secrets-out FILE/)])
    await terminal.file('there', 'mine')
    const over = await given(text, ['apply', '--yes', '--secrets-out', join(terminal.directory, 'there')])
    expect(ended(over)).toEqual([2, expect.stringMatching(/not overwritten/)])
    expect([await readFile(join(terminal.directory, 'there'), 'utf8'), await named('place')]).toEqual(['mine', []])
  })

  it('are written to a file that only its owner can read, and nowhere else', async () => {
    const file = join(terminal.directory, 'secrets.yaml')
    const text = yaml([web('filed'), web('filed-too'), page('no-secret')])
    const called = await applied(text, '--secrets-out', file, '-o', 'json')
    const secrets = parse(await readFile(file, 'utf8')) as Record<string, { clientId: string; clientSecret: string }>
    expect(Object.keys(secrets).toSorted()).toEqual(['filed', 'filed-too'])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const { clientId, clientSecret } = secrets['filed'] ?? { clientId: '', clientSecret: '' }
    expect(await named('filed')).toMatchObject([{ clientId }])
    const introspected = await terminal.call(['introspectToken', '--data', '{"token":"x"}'], {
      environment: { CERBERUS_CLIENT_ID: clientId, CERBERUS_CLIENT_SECRET: clientSecret },
    })
    expect(introspected.code).toBe(0)
    for (const words of [['plan'], ['diff'], ['drift']]) await given(text, words)
    await call('export')
    expect([called.stdout, terminal.written()].join()).not.toContain(clientSecret)
    // Without new clients the file is not created, so it may exist.
    expect((await applied(text, '--secrets-out', file)).code).toBe(0)
  })

  it('are announced in the file, so that a lost one is noticed; a rejected client leaves no file', async () => {
    const file = join(terminal.directory, 'announced.yaml')
    const words = ['apply', '--yes', '--secrets-out', file]
    onWrite = async () => {
      onWrite = undefined
      await server.registerClient({ externalId: 'lost' })
      return false
    }
    expect((await given(yaml([web('lost')]), words)).code).toBe(6)
    await expect(stat(file)).rejects.toThrow('ENOENT')
    onWrite = async () => true
    expect((await given(yaml([web('lost-too')]), words)).code).toBe(7)
    expect(await readFile(file, 'utf8')).toMatch(/^# "lost-too" is being registered\. [^\n]*rotate-secret\n$/)
  })

  it('are printed once to standard output as JSON', async () => {
    const { stdout } = await applied(yaml([web('printed')]), '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject([{ done: 'registered', clientSecret: expect.stringMatching(/.{40}/) }])
    expect((await applied(yaml([web('printed')]), '-o', 'json')).stdout).toBe('[]\n')
  })
})

describe('an incomplete apply', () => {
  const files = (name: string, count: number) =>
    yaml(Array.from({ length: count }, (_, index) => page(`${name}-${index}`)))
  /** The number of clients with each externalId. */
  const registered = async (name: string, count: number) => {
    const found = await terminal.json<Shown[]>(['client', 'list', '--all', '--search', `Page ${name}-`])
    return Array.from(
      { length: count },
      (_, index) => found.filter(({ externalId }) => externalId === `${name}-${index}`).length,
    )
  }

  it('reports what was applied, and applies the rest when it is run again', async () => {
    let writes = 0
    onWrite = async () => (writes += 1) > 10
    const { code, stdout, stderr } = await given(files('half', 20), ['apply', '--yes', '-o', 'json'])
    onWrite = undefined
    const outcomes = JSON.parse(stdout) as { done: string }[]
    const done = outcomes.map((outcome) => outcome.done === 'registered')
    expect([code, outcomes.length]).toEqual([7, 20])
    expect(outcomes.map((outcome) => outcome.done)).toContain('not done')
    expect(await registered('half', 20)).toEqual(done.map(Number))
    expect(stderr).toMatch(/^Applied 10 of 20 changes\. Run apply again for the rest\.$/m)
    await applied(files('half', 20))
    expect(await registered('half', 20)).toEqual(Array<number>(20).fill(1))
  })

  it.each([
    ['SIGKILL', null, /^20 to register/],
    ['SIGTERM', 1, /Applied \d+ of 20 changes[^]*Interrupted/],
  ] as const)('interrupted by %s registers no client twice', async (signal, status, message) => {
    let [writes, end]: [number, (signal: NodeJS.Signals) => void] = [0, () => undefined]
    onWrite = async () => {
      if ((writes += 1) === 8) end(signal)
      return false
    }
    const text = files(signal, 20)
    const { code, stderr } = await given(text, ['apply', '--yes'], { begun: (ending) => (end = ending) })
    expect([code, stderr]).toEqual([status, expect.stringMatching(message)])
    const before = await registered(signal, 20)
    expect(before.filter((count) => count === 1).length).toBeLessThan(20)
    await applied(text)
    expect(await registered(signal, 20)).toEqual(Array<number>(20).fill(1))
  })

  it('with a client that changed meanwhile overwrites nothing, and exits with 6', async () => {
    await applied(yaml([page('raced')]))
    const [{ id } = { id: '' }] = await named('raced')
    onWrite = async (request) => {
      if (request.headers['if-match'] === undefined) return false
      onWrite = undefined
      await patch(id, 'name=Faster')
      return false
    }
    const called = await given(yaml([page('raced', { name: 'Slower' })]), ['apply', '--yes'])
    expect([called.code, await named('raced')]).toMatchObject([6, [{ name: 'Faster' }]])
    expect(called.stderr).toMatch(/Applied 0 of 1 changes/)
  })

  it('concurrent with another one registers no client twice', async () => {
    const text = files('twins', 12)
    const both = await Promise.all([given(text, ['apply', '--yes']), given(text, ['apply', '--yes'])])
    expect(both.map(({ code }) => code).filter((code) => code !== 0 && code !== 6)).toEqual([])
    await applied(text)
    expect(await registered('twins', 12)).toEqual(Array<number>(12).fill(1))
  })
})

describe('--prune', () => {
  const mine = (names: string[]) =>
    yaml(
      names.map((name) => page(name, { groups: ['mine'] })),
      { owns: { group: 'mine' } },
    )
  const actions = (steps: Step[]) => steps.map(({ action, externalId }) => `${action} ${externalId}`).toSorted()

  it('removes clients of the owned group that are not in the file, up to the limit', async () => {
    await applied(mine(['p1', 'p2', 'p3', 'p4']))
    await applied(yaml([page('not-mine', { groups: ['theirs'] })]))
    expect(actions(await plan(mine(['p1'])))).toEqual(['leave p2', 'leave p3', 'leave p4'])
    expect(actions(await plan(mine(['p1']), '--prune'))).toEqual(['remove p2', 'remove p3', 'remove p4'])
    const refused = await given(mine(['p1', 'p5']), ['apply', '--yes', '--prune', '--prune-limit', '2'])
    expect(ended(refused)).toEqual([
      2,
      expect.stringMatching(/^cerberus: 3 clients would be removed, and the limit is 2/),
    ])
    expect(await named('p5')).toEqual([])
    await applied(mine(['p1', 'p5']), '--prune', '--prune-limit', '3')
    expect(actions(await plan(mine([]), '--prune'))).toEqual(['remove p1', 'remove p5'])
    expect((await named('not-mine')).length).toBe(1)
    expect((await call('client', 'get', machine.clientId)).code).toBe(0)
  })

  it('requires a file that owns a group, and clients in that group', async () => {
    expect(ended(await given(yaml([page('p1')]), ['plan', '--prune']))).toEqual([
      2,
      expect.stringMatching(/owns: {group/),
    ])
    const loose = await given(yaml([page('loose')], { owns: { group: 'mine' } }), ['apply', '--yes'])
    expect(ended(loose)).toEqual([8, expect.stringMatching(/:4: groups must include mine, which its document owns/)])
  })

  it('removes no client that changed meanwhile', async () => {
    await applied(mine(['p1', 'p6']), '--prune')
    const [{ id } = { id: '' }] = await named('p6')
    onWrite = async (request) => {
      if (request.method !== 'DELETE') return false
      onWrite = undefined
      await patch(id, 'name=Wanted')
      return false
    }
    expect((await given(mine(['p1']), ['apply', '--yes', '--prune'])).code).toBe(6)
    expect(await named('p6')).toMatchObject([{ name: 'Wanted' }])
  })
})
