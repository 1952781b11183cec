import { spawn } from 'node:child_process'
import { readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RegisteredTestClient } from '../support/app.ts'
import { COMMAND, createTerminal, type Terminal } from '../support/cli.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { relyingParty } from '../support/relying-party.ts'

const AT_ONCE = 8

interface Contexts {
  contexts: Record<string, { token: { accessToken: string; refreshToken: string; expiresAt: string } | null }>
}

let server: JourneyServer
let people: RegisteredTestClient
let terminal: Terminal
beforeAll(async () => {
  server = await startJourneyServer()
  people = await server.registerClient({
    scopes: ['openid', 'profile', 'email', 'offline_access', 'clients:*'],
    redirectUris: ['https://app.example.com/callback'],
    // A refresh token that is used twice revokes the grant immediately.
    refreshTokenReuseWindow: 0,
  })
}, 240_000)
afterAll(() => server.close())

const file = () => join(terminal.directory, 'config', 'cerberus', 'contexts.json')
const stored = async () => JSON.parse(await readFile(file(), 'utf8')) as Contexts
const names = (from: number) => Array.from({ length: AT_ONCE }, (_, index) => `context-${from + index}`)
const add = (name: string) => terminal.call(['context', 'add', name, '--server', server.issuer])
const list = () => terminal.call(['client', 'list', '--context', 'shared'])
const codes = (called: { code: number | null }[]) => called.map(({ code }) => code)
const zeros = Array.from({ length: AT_ONCE }, () => 0)

/** Runs the command on a pseudo-terminal made by `script`, and returns its exit code. */
function atTerminal(words: readonly string[], onOutput: (text: string) => void): Promise<number | null> {
  const line = [process.execPath, COMMAND, ...words].join(' ')
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    env: { PATH: process.env['PATH'], HOME: terminal.directory, XDG_CONFIG_HOME: join(terminal.directory, 'config') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.setEncoding('utf8').on('data', onOutput)
  return new Promise((resolve) => child.once('close', resolve))
}

/** Stores a context with a sign-in whose access token has expired. */
async function signedIn(): Promise<void> {
  const scope = 'openid offline_access clients:*'
  const tokens = await relyingParty(server, people).tokens(server.browser(), { scope, prompt: 'consent' })
  await add('shared')
  const contexts = await stored()
  const token = {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    expiresAt: '2000-01-01T00:00:00.000Z',
    scope,
    clientId: people.clientId,
  }
  Object.assign(contexts.contexts['shared'] ?? {}, { token })
  await writeFile(file(), JSON.stringify(contexts))
}

describe('concurrent commands', () => {
  beforeEach(async () => {
    terminal = await createTerminal()
    return () => terminal.remove()
  })

  it('keep the contexts that the others have written', async () => {
    expect(codes(await Promise.all(names(0).map(add)))).toEqual(zeros)
    expect(Object.keys((await stored()).contexts).sort()).toEqual(names(0))
    expect((await terminal.configuration()).map(({ name }) => name)).toEqual(['contexts.json'])
  })

  it('refresh a sign-in once, and all succeed', async () => {
    await signedIn()
    const before = (await stored()).contexts['shared']?.token
    // The server blocks the refreshing command until the other one waits for the lock.
    const blocker = await server.database.pool.connect()
    await blocker.query('BEGIN; SELECT FROM refresh_token_families FOR UPDATE')
    const outputs = ['', '']
    const both = outputs.map((_, index) =>
      atTerminal(['client', 'list', '--context', 'shared'], (text) => (outputs[index] += text)),
    )
    await expect.poll(() => outputs.filter((seen) => seen.includes('Waiting for')).length, { timeout: 20_000 }).toBe(2)
    await blocker.query('COMMIT')
    blocker.release()
    expect(await Promise.all(both)).toEqual([0, 0])
    expect(outputs.filter((seen) => seen.includes('Waiting for another cerberus'))).toHaveLength(1)
    expect((await stored()).contexts['shared']?.token?.refreshToken).not.toBe(before?.refreshToken)
    expect((await list()).code).toBe(0)
  })

  it('refresh a sign-in while others write, and lose nothing', async () => {
    await signedIn()
    const [lists, added] = await Promise.all([Promise.all(zeros.map(list)), Promise.all(names(0).map(add))])
    expect([codes(lists), codes(added)]).toEqual([zeros, zeros])
    expect(Object.keys((await stored()).contexts).sort()).toEqual([...names(0), 'shared'])
    expect((await list()).code).toBe(0)
  })

  it('remove the lock of a killed command, and lose nothing', async () => {
    await add('first')
    const lock = `${file()}.lock`
    await writeFile(lock, 'of a killed process')
    const minutesAgo = new Date(Date.now() - 120_000)
    await utimes(lock, minutesAgo, minutesAgo)
    expect(codes(await Promise.all(names(0).map(add)))).toEqual(zeros)
    expect(Object.keys((await stored()).contexts)).toHaveLength(AT_ONCE + 1)
    expect((await terminal.configuration()).map(({ name }) => name)).toEqual(['contexts.json'])
  })

  it('wait for the lock of a running command', async () => {
    await add('first')
    const lock = `${file()}.lock`
    await writeFile(lock, 'of a running process')
    const second = add('second')
    const seen = await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 1_500))])
    expect(seen).toBeUndefined()
    await rm(lock)
    expect((await second).code).toBe(0)
  })

  it('remove an expired sign-in, and report it', async () => {
    await signedIn()
    await relyingParty(server, people).revoke((await stored()).contexts['shared']?.token?.refreshToken ?? '')
    const [first, second] = [await list(), await list()]
    expect([first.code, first.stderr]).toEqual([3, expect.stringMatching(/has expired\. Run cerberus login\./)])
    expect([second.code, second.stderr]).toEqual([3, expect.stringMatching(/You are not signed in/)])
    expect((await stored()).contexts['shared']?.token).toBeNull()
  })
})
