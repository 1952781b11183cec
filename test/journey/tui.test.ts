import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { COMMAND } from '../support/cli.ts'
import { ROOT } from '../support/server-processes.ts'
import { openScreen, type Screen } from '../support/terminal-screen.ts'
import { startTuiEnvironment, type TuiEnvironment } from './tui-environment.ts'

let stage: TuiEnvironment
beforeAll(async () => {
  stage = await startTuiEnvironment()
  for (let index = 1; index <= 30; index += 1) {
    await stage.register({ name: `Paged ${String(index).padStart(2, '0')}`, clientType: 'public', ...web })
  }
  await stage.register({ name: 'Needle in the hay', clientType: 'confidential', ...web, groups: ['straw'] })
  const { id } = await stage.register({ name: 'Put away', clientType: 'public', ...web })
  await stage.patch(id, { isActive: false })
}, 240_000)
afterEach(() => stage.closeScreens())
afterAll(() => stage.close())

const web = { redirectUris: ['https://app.example.com/callback'] }
/** The names on the page, in order. */
const names = (screen: Screen) =>
  screen
    .lines()
    .slice(3, 15)
    .map((line) => line.slice(3, 22).trim())
    .filter((name) => name !== '')

describe('the list of clients', () => {
  it('shows the number of clients, and moves across all pages by keys', async () => {
    const screen = await stage.open()
    await screen.shows('33 clients · page 1 of 3 · by name')
    expect(names(screen)[0]).toBe('Needle in the hay')
    await screen.press('pagedown')
    await screen.shows('page 2 of 3')
    await screen.shows(/>.{2}Paged 12/)
    await screen.press('end')
    await screen.shows(/>.{2}Robot/)
    await screen.press('up')
    await screen.shows(/>.{2}Put away .* disabled /)
    await screen.press('home')
    await screen.shows(/>.{2}Needle in the hay .* conf\. +code refresh +active +never/)
    for (let presses = 0; presses < 12; presses += 1) await screen.press('down')
    await screen.shows('page 2 of 3')
  })

  it('is searched while the user types, even if keys arrive together', async () => {
    const screen = await stage.open()
    await screen.press('/')
    for (const letter of 'needl') await screen.press(letter)
    await screen.shows('1 client ·')
    expect(names(screen)).toEqual(['Needle in the hay'])
    await screen.press('escape')
    await screen.shows('33 clients')
    screen.type('/paged 2\r')
    await screen.shows('10 clients')
    await screen.shows('e/d enable/disable marked')
    expect(names(screen)).toEqual(Array.from({ length: 10 }, (_, index) => `Paged 2${index}`))
  })

  it('has the filters and sort orders of the server', async () => {
    const screen = await stage.open()
    const { paths } = await stage.fetchJson<{ paths: Record<string, { get: { parameters: { name: string }[] } }> }>(
      '/openapi.json',
    )
    await screen.press('f')
    const filters = [
      'clientType',
      'isActive',
      'group',
      'grantType',
      'tokenEndpointAuthMethod',
      'expiresWithin',
      'unused',
    ]
    const parameters = paths['/v1/admin/clients']?.get.parameters.map(({ name }) => name)
    expect(parameters).toEqual(expect.arrayContaining(filters))
    for (const filter of filters) await screen.shows(new RegExp(`^ [> ] ${filter} `, 'm'))
    await screen.press('down', 'enter')
    await screen.shows('(any)')
    await screen.press('down', 'down', 'enter')
    await screen.shows(/isActive +false/)
    await screen.press('f')
    await screen.shows('1 client ·')
    expect(names(screen)).toEqual(['Put away'])
    await screen.press('escape')
    await screen.shows('33 clients')
    await screen.press('f', 'down', 'down', 'enter')
    screen.type('straw\r')
    await screen.shows(/group +straw/)
    await screen.press('f')
    await screen.shows('1 client ·')
    expect(names(screen)).toEqual(['Needle in the hay'])
    await screen.press('escape')
    await screen.shows('33 clients')
    await screen.press('s')
    await screen.shows('descending')
    await screen.press('down', 'enter')
    await screen.shows('by -name')
    await screen.shows(/>.{2}Robot/)
  })

  it('disables and enables marked clients', async () => {
    const screen = await stage.open()
    screen.type('/paged 3\r')
    await screen.shows('1 client ·')
    await screen.press('space', 'd')
    await screen.shows('Disable 1 client')
    await screen.press('y')
    await screen.shows(/Paged 30 .* disabled /)
    await screen.press('space', 'e', 'y')
    expect(await screen.shows(/Paged 30 .* active /)).toContain('Enabled 1 client.')
  })

  it('shows no control characters of names', async () => {
    const { id } = await stage.register({
      name: 'Evil',
      clientType: 'public',
      ...web,
      description: 'Right\u202eleft\nnext',
    })
    // Older servers may have accepted names that are rejected today.
    await stage.server.database.prisma.client.updateMany({
      where: { id },
      data: { name: 'Evil\u001b[2J\u001b]0;owned\u0007\u009b31m\u0085name' },
    })
    const screen = await stage.openClient('Evil')
    await screen.shows('Evil\ufffd[2J\ufffd]0;owned')
    await screen.shows('Right\ufffdleft next')
    await screen.press('j')
    await screen.shows('"id"')
    await screen.press('escape')
    await screen.shows('[Application')
    await screen.press('D')
    await screen.shows('Delete the client')
    const obeyed = ['\u001b]0', '\u009b', '\u202e', '\u0085', 'owned\u0007']
    expect(obeyed.filter((sequence) => screen.raw().includes(sequence))).toEqual([])
    // Once, by the program itself at its start.
    expect(screen.raw().split('\u001b[2J').length - 1).toBe(1)
  })

  it('keeps its columns aligned with wide characters', async () => {
    await stage.register({ name: '日本語の名前がとても長いクライアント', clientType: 'public', ...web })
    const screen = await stage.open()
    for (const [search, seen] of [
      ['日本語', '日本語の名前がと…'],
      ['needle', 'Needle'],
    ] as const) {
      screen.type(`/${search}`)
      await screen.shows(new RegExp(`^>.{2}${seen}`, 'm'))
      expect([screen.column(3, 'conf.'), screen.column(3, 'public')]).toContain(screen.column(2, 'TYPE'))
      await screen.press('escape')
      await screen.shows('All clients')
    }
  })
})

describe('the screen', () => {
  it('shows its keys on every screen, and has help where keys do not type text', async () => {
    const screen = await stage.openClient('Needle')
    const seen: string[] = []
    const look = async (title: string | RegExp) => {
      await screen.shows(title)
      const last = screen.lines().slice(-3).join('\n')
      if (!/\b(?:Esc|Enter|y|k) \S/.test(last)) seen.push(`${String(title)}\n${last}`)
    }
    await look('[Application')
    await screen.shows(/Esc back {2}\? help/)
    for (const [key, title] of [
      ['t', 'Client test'],
      ['k', '› Secrets'],
      ['g', '› Grants'],
      ['o', '› Consents'],
      ['e', '› Events'],
      ['j', '"organisationId"'],
      ['c', 'Copy as curl'],
      ['C', '› Clone'],
      ['d', 'Disable the client'],
      ['D', 'Delete the client'],
    ] as const) {
      await screen.press(key)
      await look(title)
      await screen.press('escape')
      await screen.shows('[Application')
    }
    await screen.press('?')
    await look('Keys: Clients › Needle in the hay')
    await screen.shows('quit')
    // A slow line delivers both keys at once.
    screen.type('\u001b\r')
    await look('Application › name')
    expect(seen).toEqual([])
  })

  it('is closed by q and by Ctrl-C, and restores the terminal', async () => {
    for (const key of ['q', 'ctrl+c']) {
      const screen = await openScreen(stage.terminal, [], {
        environment: stage.environment,
        shell:
          'echo before; stty -a > one; $CERBERUS tui; echo "ended with $?"; stty -a > two; cmp one two && echo the same',
      })
      await screen.shows(/page \d of \d/)
      expect(screen.isOwn()).toBe(true)
      await screen.press(key)
      expect(await screen.ended).toBe(0)
      await screen.shows('the same')
      expect(screen.isOwn()).toBe(false)
      expect(screen.lines().slice(0, 3)).toEqual(['before', 'ended with 0', 'the same'])
      expect(screen.raw().split('ended with')[0]).toContain('\u001b[?25h')
      // The scrollback of the terminal is kept.
      expect(screen.raw()).not.toContain('\u001b[3J')
    }
  })

  it('shows a message in a small terminal, and continues when it is large enough', async () => {
    const screen = await stage.openClient('Needle')
    await screen.press('right')
    await screen.shows('[Addresses')
    screen.resize(80, 20)
    await screen.shows('it has 80 and 20')
    screen.resize(79, 24)
    await screen.shows('The terminal must have 80 columns and 24 rows; it has 79 and 24.')
    screen.resize(100, 30)
    await screen.shows('[Addresses')
    expect(screen.lines()[0]).toMatch(/^ Clients › Needle in the hay +localhost:\d+ *$/)
    expect(screen.raw()).not.toContain('\u001b[3J')
  })

  it('has no colour with NO_COLOR', async () => {
    // oxlint-disable-next-line no-control-regex -- colours begin with one
    const colour = /\u001b\[(?:3[0-7]|9[0-7]|38;)/
    const screen = await stage.openClient('Paged 01', { environment: { NO_COLOR: '1' } })
    await screen.press('t')
    await screen.shows(/ok settings/)
    expect(screen.raw()).not.toMatch(colour)
    await stage.closeScreens()
    const coloured = await stage.openClient('Paged 01')
    await coloured.press('t')
    await coloured.shows(/ok settings/)
    expect(coloured.raw()).toMatch(colour)
  })

  it('shows what the server rejects, and retries', async () => {
    const token = { CERBERUS_CLIENT_ID: '', CERBERUS_CLIENT_SECRET: '', CERBERUS_TOKEN: 'not.a.token' }
    const screen = await openScreen(stage.terminal, ['tui'], { environment: { ...stage.environment, ...token } })
    await screen.shows(/\(401\).*/)
    await screen.shows('cerberus login')
    await screen.press('r')
    await screen.shows(/\(401\)/)
    screen.kill()
    const reader = await stage.register({
      name: 'Reader',
      clientType: 'confidential',
      grantTypes: ['client_credentials'],
      scopes: ['clients:read'],
    })
    const { clientId, clientSecret } = reader
    const limited = await stage.openClient('Needle', {
      environment: { CERBERUS_CLIENT_ID: clientId, CERBERUS_CLIENT_SECRET: clientSecret ?? '' },
    })
    await limited.press('t')
    expect(await limited.shows(/\(403\)/)).toMatch(/clients:update/)
  })

  it('shows that the server does not respond', async () => {
    const screen = await openScreen(stage.terminal, ['tui'], {
      environment: { ...stage.environment, CERBERUS_SERVER: 'http://127.0.0.1:1', CERBERUS_TOKEN: 'x' },
    })
    await screen.shows('http://127.0.0.1:1 does not respond')
    await screen.press('ctrl+c')
    expect(await screen.ended).toBe(0)
  })

  it('fails without a terminal, with a message', async () => {
    const { code, stderr } = await stage.terminal.call(['tui'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/needs a terminal/)])
  })

  it('is not loaded by other commands', () => {
    const { stderr } = spawnSync(process.execPath, [COMMAND, '--version'], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      env: { NODE_DEBUG: 'esm', PATH: process.env['PATH'] },
    })
    const loaded = [...stderr.matchAll(/Translating StandardModule (file:\S+)/g)].map(([, url = '']) =>
      fileURLToPath(url),
    )
    const bundle = join(ROOT, 'packages/cli/dist')
    const textOf = (files: readonly string[]) => files.map((file) => readFileSync(file, 'utf8')).join('\n')
    // The bundle names the module above its code.
    const ofTui = /^\/\/ node_modules\/(?:ink|react|yoga-layout)\//m
    expect(textOf(loaded)).toContain('// node_modules/commander/')
    expect(textOf(loaded)).not.toMatch(ofTui)
    const others = readdirSync(bundle).map((name) => join(bundle, name))
    expect(textOf(others.filter((file) => !loaded.includes(file)))).toMatch(ofTui)
  })
})
