import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { COMMAND } from '../support/cli.ts'
import { relyingParty } from '../support/relying-party.ts'
import type { Screen } from '../support/terminal-screen.ts'
import { startTuiEnvironment, type ShownClient, type TuiEnvironment } from './tui-environment.ts'

let stage: TuiEnvironment
beforeAll(async () => {
  stage = await startTuiEnvironment()
  const shim = await stage.terminal.file('cerberus', `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`)
  await chmod(shim, 0o755)
}, 240_000)
afterEach(() => stage.closeScreens())
afterAll(() => stage.close())

const web = { clientType: 'confidential', redirectUris: ['https://app.example.com/callback'] }
let made = 0
async function register(settings: Record<string, unknown> = {}) {
  made += 1
  return stage.register({ ...web, name: `Desk ${made}x`, ...settings })
}

/** Whether a secret works: the status of a token request with it. */
async function secretWorks(client: ShownClient | undefined, clientSecret: string): Promise<boolean> {
  const answer = await stage.server.app.inject({
    method: 'POST',
    url: '/oauth2/introspect',
    headers: {
      authorization: `Basic ${Buffer.from(`${client?.clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: 'token=none',
  })
  return answer.statusCode === 200
}

/** The secret on the screen. Checks that it is not shown again after the screen is closed. */
async function keptSecret(screen: Screen): Promise<string> {
  await screen.shows('The secret is shown once.')
  const secret = await screen.copy()
  await screen.shows('Copied')
  expect(screen.lines().join('').replaceAll(' ', '')).toContain(secret)
  // Other keys do not close the screen, and quitting needs a confirmation.
  await screen.press('enter', 'ctrl+c')
  await screen.shows('The secret will not be shown again. Quit anyway?')
  await screen.press('n')
  await screen.shows('client_secret')
  await screen.press('k')
  await screen.shows('The secret is not shown again.')
  const before = screen.raw().length
  await screen.press('j')
  await screen.shows('"organisationId"')
  await screen.press('end')
  await screen.shows(/Lines \d+ to (\d+) of \1\./)
  await screen.press('escape')
  await screen.shows('Enter edit')
  expect(secret.length).toBeGreaterThan(30)
  expect(screen.raw().slice(before)).not.toContain(secret)
  return secret
}

/** Runs shell commands with the credentials of an administrator. */
async function run(lines: string): Promise<string> {
  const { CERBERUS_CLIENT_ID, CERBERUS_CLIENT_SECRET } = stage.environment
  const token = await stage.server.app.inject({
    method: 'POST',
    url: '/oauth2/token',
    headers: {
      authorization: `Basic ${Buffer.from(`${CERBERUS_CLIENT_ID}:${CERBERUS_CLIENT_SECRET}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: 'grant_type=client_credentials',
  })
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', lines], {
    cwd: stage.terminal.directory,
    env: {
      PATH: `${stage.terminal.directory}:${process.env['PATH']}`,
      HOME: stage.terminal.directory,
      CERBERUS_TOKEN: token.json<{ access_token: string }>().access_token,
    },
  })
  return stdout
}

describe('a new client', () => {
  it('starts with the defaults of the server, is confirmed and registered, and its secret is shown once', async () => {
    const screen = await stage.open()
    await screen.press('n')
    await screen.shows('not registered yet')
    await screen.shows(/^>x name/m)
    await screen.shows(/clientType +confidential/)
    await screen.press('enter')
    screen.type('Made here\r')
    await screen.shows(/^>\* name +Made here/m)
    await screen.press('right', 'enter')
    await screen.shows('› redirectUris')
    screen.type('https://made.example.com/callback')
    await screen.press('ctrl+s', 'right')
    await screen.shows(/grantTypes +authorization_code, refresh_token.*/)
    await screen.press('s')
    await screen.shows(/name\n {2}\+ Made here/)
    await screen.press('y')
    const secret = await keptSecret(screen)
    const { data } = await stage.fetchJson<{ data: ShownClient[] }>('/v1/admin/clients?search=made%20here')
    expect(data).toMatchObject([{ name: 'Made here', redirectUris: ['https://made.example.com/callback'] }])
    expect(await secretWorks(data[0], secret)).toBe(true)
  })

  it('can be a clone', async () => {
    const { id, name, clientId } = await register({ contacts: ['a@example.com'], accessTokenLifetime: 77 })
    const screen = await stage.openClient(name)
    await screen.press('C')
    await screen.shows(' Name:')
    await screen.press('ctrl+u')
    screen.type('Cloned one\r')
    const secret = await keptSecret(screen)
    await screen.shows('Clients › Cloned one')
    const { data } = await stage.fetchJson<{ data: ShownClient[] }>('/v1/admin/clients?search=cloned%20one')
    expect(data).toMatchObject([{ contacts: ['a@example.com'], accessTokenLifetime: 77 }])
    expect(data[0]?.clientId).not.toBe(clientId)
    expect(await secretWorks(data[0], secret)).toBe(true)
    expect((await stage.read(id)).name).toBe(name)
  })
})

describe('the secrets of a client', () => {
  it('are rotated: the new one is shown once, the old one expires after the overlap', async () => {
    const client = await register()
    const screen = await stage.openClient(client.name)
    await screen.press('k')
    await screen.shows('(no label)')
    await screen.press('r')
    await screen.shows('Seconds until the other secrets expire')
    await screen.press('ctrl+u')
    screen.type('soon\r')
    await screen.shows('overlapSeconds: must be a whole number from 0')
    await screen.press('ctrl+u')
    screen.type('0\r')
    const secret = await keptSecret(screen)
    expect([await secretWorks(client, secret), await secretWorks(client, client.clientSecret ?? '')]).toEqual([
      true,
      false,
    ])
  })

  it('are added and deleted one by one', async () => {
    const client = await register()
    const screen = await stage.openClient(client.name)
    await screen.press('k')
    await screen.shows('(no label)')
    await screen.press('a')
    await screen.shows('may be empty')
    screen.type('second\r')
    await screen.shows('Expiry time')
    screen.type('2035-01-31T12:00:00Z\r')
    const secret = await keptSecret(screen)
    await screen.press('k')
    await screen.shows(/second +20\d\d-\d\d-\d\d +2035-01-31 never/)
    await screen.press('x')
    await screen.shows('is rejected immediately')
    await screen.press('y')
    await screen.shows('Deleted.')
    await screen.hides('(no label)')
    expect([await secretWorks(client, secret), await secretWorks(client, client.clientSecret ?? '')]).toEqual([
      true,
      false,
    ])
  })
})

describe('related resources of a client', () => {
  it('grants and consents are listed and revoked; events are listed', async () => {
    const client = await register({ scopes: ['openid', 'profile', 'email'], requireConsent: true })
    const rp = relyingParty(stage.server, client)
    const tokens = await rp.tokens()
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(200)
    const screen = await stage.openClient(client.name)
    await screen.press('o')
    await screen.shows(/owner@acme\.test +openid profile email/)
    await screen.press('escape')
    await screen.shows('[Application')
    await screen.press('g')
    await screen.shows(/owner@acme\.test +(?:yes|no) +openid profile email/)
    await screen.press('x')
    await screen.shows('Revoke the grant of owner@acme.test')
    await screen.press('y')
    await screen.shows('There are no active grants.')
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(401)
    await screen.press('escape')
    await screen.shows('[Application')
    await screen.press('o')
    await screen.shows('owner@acme.test')
    await screen.press('X')
    await screen.shows(new RegExp(`To confirm, type:\\n {3}${client.name}\\n`))
    screen.type('no\r')
    await screen.shows('The text does not match.')
    await screen.press('ctrl+u')
    screen.type(`${client.name}\r`)
    await screen.shows('There are no consents.')
    await screen.press('escape')
    await screen.shows('[Application')
    await screen.press('e')
    await screen.shows(/client\.created +owner@acme\.test/)
    await screen.press('end', 'enter')
    await screen.shows('"type": "client.created"')
  })

  it('the client test shows its checks and advice', async () => {
    const { name } = await register({ redirectUris: ['https://localhost:1/callback'] })
    const screen = await stage.openClient(name)
    await screen.press('t')
    await screen.shows(/ok active/)
    await screen.shows(/ok settings/)
    // The cursor is on the first failed check.
    expect(await screen.shows(/^ failed$/m)).toMatch(/Expected: [^]*Seen: [^]*Advice: /)
  })

  it('the client is shown completely as JSON', async () => {
    const { name, id } = await register()
    const screen = await stage.openClient(name)
    await screen.press('j')
    await screen.shows('"organisationId"')
    const seen = new Set<string>()
    for (let isLast = false; !isLast;) {
      for (const line of screen.lines()) seen.add(/^ {3}"(\w+)":/.exec(line)?.[1] ?? '')
      const where = /Lines \d+ to (\d+) of (\d+)\./.exec(screen.lines().join('\n'))
      isLast = where?.[1] === where?.[2]
      await screen.press('pagedown')
      if (!isLast) await screen.hides(where?.[0] ?? '')
    }
    expect(Object.keys(await stage.read(id)).filter((member) => !seen.has(member))).toEqual([])
  })
})

describe('disabling and deleting', () => {
  it('disables and enables a client', async () => {
    const { id, name } = await register()
    const screen = await stage.openClient(name)
    await screen.press('d', 'y')
    await screen.shows('Disabled.')
    expect((await stage.read(id))['isActive']).toBe(false)
    await screen.press('d', 'y')
    await screen.shows('Enabled.')
    expect((await stage.read(id))['isActive']).toBe(true)
  })

  it('deletes a client when its name is typed', async () => {
    const { id, name } = await register()
    const screen = await stage.openClient(name)
    await screen.press('D')
    screen.type(`${name}!\r`)
    await screen.shows('The text does not match.')
    expect((await stage.read(id)).name).toBe(name)
    await screen.press('backspace', 'enter')
    await screen.shows('Deleted.')
    await expect(stage.read(id)).rejects.toThrow(/404/)
  })
})

describe('copy as curl, copy as cerberus', () => {
  /** Both forms of the commands of a screen. */
  async function copies(screen: Screen): Promise<string[]> {
    await screen.shows('Copy as curl')
    const curl = await screen.copy()
    await screen.press('tab')
    await screen.shows('Copy as cerberus')
    const command = await screen.copy()
    return [curl, command]
  }

  it('shows commands that list the same clients', async () => {
    const { name } = await register()
    const screen = await stage.open()
    screen.type(`/${name}\r`)
    await screen.shows('1 client ·')
    await screen.press('c')
    const [curl = '', command = ''] = await copies(screen)
    for (const lines of [curl, command]) {
      expect((JSON.parse(await run(lines)) as { data: ShownClient[] }).data.map((client) => client.name)).toEqual([
        name,
      ])
    }
  })

  it.each([
    ['curl', 0],
    ['cerberus', 1],
  ] as const)('shows a change as a %s command with the same effect, without a secret', async (_, which) => {
    const { id, name } = await register({ localised: { de: { name: 'Alt' }, fr: { name: 'Vieux' } } })
    const screen = await stage.openClient(name)
    await screen.press('enter')
    await screen.shows('› name ')
    await screen.press('ctrl+u')
    screen.type('It\'s "new" $HOME `x`\r')
    await screen.shows('* 1 changed')
    screen.type('/localised\r')
    await screen.shows(/^>.{2}localised/m)
    await screen.press('enter')
    await screen.shows('› localised ')
    for (let line = 0; line < 12; line += 1) await screen.press('ctrl+u', 'backspace')
    screen.type('{"de":{"name":"Neu"}}')
    await screen.press('ctrl+s')
    await screen.shows('* 2 changed')
    await screen.press('c')
    const lines = (await copies(screen))[which] ?? ''
    expect(lines).not.toContain(stage.environment['CERBERUS_CLIENT_SECRET'])
    expect(lines).not.toContain('eyJ')
    await run(lines)
    expect(await stage.read(id)).toMatchObject({ name: 'It\'s "new" $HOME `x`' })
    expect((await stage.read(id))['localised']).toEqual({ de: { name: 'Neu' } })
  })

  it('shows destructive commands, too', async () => {
    const { id, name } = await register()
    const screen = await stage.openClient(name)
    await screen.press('D', 'ctrl+o')
    const [, command = ''] = await copies(screen)
    await run(command)
    await expect(stage.read(id)).rejects.toThrow(/404/)
  })
})
