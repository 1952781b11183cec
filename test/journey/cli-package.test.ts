import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { compileServer, ROOT } from '../support/server-processes.ts'
import { openScreen } from '../support/terminal-screen.ts'

const execute = promisify(execFile)

interface Manifest {
  version: string
}

let server: JourneyServer
let directory: string
let environment: Record<string, string>
let manifest: Manifest
const installed = (...path: string[]) => join(directory, 'node_modules', ...path)
const cerberus = (...words: string[]) =>
  execute(installed('.bin', 'cerberus'), words, { cwd: directory, env: environment })

beforeAll(async () => {
  await compileServer()
  server = await startJourneyServer()
  directory = await mkdtemp(join(tmpdir(), 'cerberus-package-'))
  const { clientId, clientSecret } = await server.registerClient({
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['clients:*'],
  })
  environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    CERBERUS_SERVER: server.issuer,
    CERBERUS_CLIENT_ID: clientId,
    CERBERUS_CLIENT_SECRET: clientSecret ?? '',
  }
  const packed = await execute(process.execPath, [join(ROOT, 'scripts', 'pack-cli.mjs'), directory])
  const tarball = packed.stdout.trim()
  manifest = JSON.parse(await readFile(join(ROOT, 'packages', 'cli', 'package.json'), 'utf8')) as Manifest
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name: 'empty', private: true }))
  const options = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund']
  await execute('npm', ['install', ...options, tarball], { cwd: directory, env: environment })
}, 240_000)
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
  await server.close()
})

describe('cerberus installed from its tarball', () => {
  it('prints its version and its help', async () => {
    expect((await cerberus('--version')).stdout).toBe(`${manifest.version}\n`)
    expect((await cerberus('--help')).stdout).toMatch(/^Usage: cerberus [^]*^ {2}client +clients of the organisation$/m)
  })

  it('lists clients of a server', async () => {
    const { stdout } = await cerberus('client', 'list', '--output', 'json')
    expect(JSON.parse(stdout)).toMatchObject([{ clientId: environment['CERBERUS_CLIENT_ID'] }])
  })

  it('starts the terminal UI', async () => {
    const screen = await openScreen({ directory }, [], { shell: `${installed('.bin', 'cerberus')} tui`, environment })
    await screen.shows('1 client')
    await screen.press('q')
    expect(await screen.ended).toBe(0)
  })

  it('needs no other package, and names those that it contains with their licences', async () => {
    const folders = await readdir(installed())
    expect(folders.filter((name) => !name.startsWith('.'))).toEqual(['cerberus-idp-cli'])
    const licenses = await readFile(installed('cerberus-idp-cli', 'THIRD-PARTY-LICENSES.txt'), 'utf8')
    for (const name of ['commander', 'ink', 'jose', 'react', 'yaml'])
      expect(licenses).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+$`, 'm'))
    expect(licenses).toContain('Permission is hereby granted, free of charge')
  })
})
