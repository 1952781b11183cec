// What `cerberus` shows at a terminal: tables that fit it, and the commands that need one.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { widthOf } from '../../packages/cli/src/output/text-width.ts'
import { COMMAND, createTerminal, type Terminal } from '../support/cli.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { openScreen, type Screen } from '../support/terminal-screen.ts'

let server: JourneyServer
let terminal: Terminal
let environment: Record<string, string>
let web: { id: string; clientId: string }
const LONG_NAME = '日本語のクライアント with a long name, longer than any column of a list'
beforeAll(async () => {
  server = await startJourneyServer()
  const machine = await server.registerClient({
    name: 'Robot',
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['clients:*', 'signing_keys:*', 'audit:read'],
  })
  environment = {
    CERBERUS_SERVER: server.issuer,
    CERBERUS_CLIENT_ID: machine.clientId,
    CERBERUS_CLIENT_SECRET: machine.clientSecret ?? '',
  }
  terminal = await createTerminal(environment)
  web = await server.registerClient({
    name: LONG_NAME,
    clientType: 'confidential',
    redirectUris: ['http://127.0.0.1/callback', `http://localhost/${'a-long-path/'.repeat(12)}`],
    grantTypes: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    accessTokenLifetime: 86_400,
  })
}, 240_000)
afterAll(async () => {
  await terminal.remove()
  await server.close()
})

const open = (words: readonly string[], columns = 80, more: Record<string, string> = {}): Promise<Screen> =>
  openScreen(terminal, words, { columns, environment: { ...environment, ...more } })

/** Runs a command at a terminal. Returns its exit code and the lines that it writes, before the terminal breaks them. */
async function run(words: readonly string[], columns = 80, more: Record<string, string> = {}) {
  const screen = await open(words, columns, more)
  const code = await screen.ended
  const lines = screen.raw().replace(/\r\n$/, '').split('\r\n')
  // A carriage return overwrites what stood there: the progress of a request that takes a second.
  return { code, lines: lines.map((line) => line.replace(/^[^]*\r/, '')) }
}

describe('a table at a terminal', () => {
  /** Messages such as warnings are sentences, which the terminal may break. */
  const isTable = (line: string) => !/^(?:Warning: |Settings with|Not shown in |Page |Failed: )/.test(line)

  it.each([
    ['client', 'list'],
    ['client', 'get', 'ID'],
    ['client', 'get', 'ID', '--full'],
    ['client', 'lint', 'ID'],
    ['client', 'events', 'ID'],
    ['client', 'test', 'ID', '--parameters', '{"redirect_uri":"x"}'],
    ['client', 'patch', 'ID', '--dry-run', '--set', `description=${'words '.repeat(30)}`],
    ['client', 'secret', 'list', 'ID'],
    ['key', 'list'],
    ['registration', 'policy', 'get'],
    ['api'],
  ])('fits 80 and 120 columns: cerberus %s %s %s %s', async (...words) => {
    for (const columns of [80, 120]) {
      const { lines } = await run(
        words.map((word) => (word === 'ID' ? web.id : word)),
        columns,
      )
      expect(lines.length).toBeGreaterThan(1)
      expect(lines.filter((line) => isTable(line) && widthOf(line) > columns)).toEqual([])
    }
  })

  it('shows identifiers whole, shortens the rest, and names the columns that it leaves out', async () => {
    const { lines } = await run(['client', 'list'])
    expect(lines[0]).toMatch(/^CLIENT_ID +NAME +ACTIVE +TYPE +GRANTS$/)
    const line = lines.find((one) => one.startsWith(web.clientId))
    expect(line).toMatch(/ 日本語.*… +yes +conf\. +code refresh/)
    expect((await run(['client', 'events', web.id])).lines.at(-1)).toMatch(
      /^Not shown in 80 columns: .*METADATA\. --output json shows all\.$/,
    )
  })

  it('ends with identifiers and secrets, each in one piece', async () => {
    const { clientId, id } = await server.registerClient({ clientType: 'confidential', isFirstParty: true })
    const { lines } = await run(['client', 'rotate-secret', id, '--yes'], 60)
    expect(lines.slice(-5)).toEqual([
      '',
      `id            ${id}`,
      `clientId      ${clientId}`,
      expect.stringMatching(/^clientSecret {2}\S{40,}$/),
      'Settings with their default value are not shown; --full shows them.',
    ])
  })

  it('has failed checks first, a paragraph each', async () => {
    const { code, lines } = await run(['client', 'test', web.id, '--parameters', '{"redirect_uri":"x"}'])
    expect(code).toBe(9)
    expect(lines.slice(0, 3)).toEqual([
      'failed   request  redirect_uri',
      '  Expected  exactly a redirect URI that is registered',
      expect.stringMatching(/^ {2}Seen {6}redirect_uri=x/),
    ])
    expect(lines[3]).toMatch(/^ {2}Advice {4}/)
    expect(lines.findIndex((line) => line.startsWith('passed '))).toBeGreaterThan(3)
  })
})

describe('cerberus client delete', () => {
  it('asks with the name, the clientId and what ends, and deletes only after yes', async () => {
    const { clientId, id } = await server.registerClient({ name: 'Short lived', clientType: 'confidential' })
    const question = `Delete “Short lived” (${clientId})? This ends 1 secret and all its tokens permanently. [y/N]`
    for (const [answer, code] of [
      ['n', 1],
      ['y', 0],
    ] as const) {
      const screen = await open(['client', 'delete', id], 160)
      await screen.shows(question)
      await screen.press(answer, 'enter')
      expect(await screen.ended).toBe(code)
      expect((await terminal.call(['client', 'get', id])).code).toBe(answer === 'n' ? 0 : 5)
    }
  })
})

describe('cerberus client edit', () => {
  /** An editor that runs these lines of shell on the file, `$1`. */
  const editor = async (lines: string) => ({ EDITOR: `sh ${await terminal.file('editor.sh', lines)}` })
  const register = (settings: object = {}) =>
    server.registerClient({ name: 'Web', clientType: 'confidential', ...settings })
  const read = (id: string) => terminal.json(['client', 'get', id])

  it('fails at once without a terminal, and names the commands that do the same', async () => {
    const { id } = await register()
    const { code, stderr } = await terminal.call(['client', 'edit', id], {
      environment: await editor('touch edited; sleep 60'),
    })
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`An editor needs a terminal. Without one: cerberus client patch ${id} --set`),
    ])
    await expect(readFile(`${terminal.directory}/edited`)).rejects.toThrow('ENOENT')
  })

  it('shows the changes, and saves them after a confirmation', async () => {
    const { id, clientId } = await register()
    const rename = await editor('sed -i "s/^name: Web/name: Edited/" "$1"')
    expect((await run(['client', 'edit', id, '--dry-run'], 80, rename)).lines).toContain('name    Web   Edited')
    const screen = await open(['client', 'edit', id], 120, rename)
    await screen.shows(`Save these changes of “Web” (${clientId})? [y/N]`)
    await screen.press('y', 'enter')
    expect([await screen.ended, await read(id)]).toMatchObject([0, { name: 'Edited' }])
    expect(screen.raw()).toContain('name: "Web" → "Edited"')
    const nothing = await run(['client', 'edit', id], 80, await editor('true'))
    expect(nothing).toEqual({ code: 0, lines: ['Nothing was changed.'] })
    expect((await run(['client', 'edit', id], 80, await editor('exit 1'))).code).toBe(1)
  })

  it('does not overwrite a change made meanwhile, and keeps the text', async () => {
    const { id } = await register()
    const meanwhile = await terminal.file('meanwhile.json', '{"name":"Faster"}')
    const script = `${process.execPath} "${COMMAND}" client patch ${id} --data ${meanwhile} >/dev/null
      sed -i "s/^name: Web/name: Slower/" "$1"`
    const { code, lines } = await run(['client', 'edit', id, '--yes'], 200, await editor(script))
    expect(code).toBe(6)
    const [, file = ''] = /^Your text is kept in (\S+)\.$/m.exec(lines.join('\n')) ?? []
    expect(await readFile(file, 'utf8')).toContain('name: Slower')
    expect(await read(id)).toMatchObject({ name: 'Faster' })
  })
})
