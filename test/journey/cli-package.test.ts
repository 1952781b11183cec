import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { compileServer, ROOT } from '../support/server-processes.ts'

const execute = promisify(execFile)

interface Manifest {
  version: string
  dependencies: Record<string, string>
}

let server: JourneyServer
let directory: string
let environment: NodeJS.ProcessEnv
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
    PATH: process.env['PATH'],
    HOME: directory,
    CERBERUS_SERVER: server.issuer,
    CERBERUS_CLIENT_ID: clientId,
    CERBERUS_CLIENT_SECRET: clientSecret ?? '',
  }
  const packed = await execute(process.execPath, [join(ROOT, 'scripts', 'pack-cli.mjs'), directory])
  const tarball = packed.stdout.trim()
  manifest = JSON.parse(await readFile(join(ROOT, 'packages', 'cli', 'package.json'), 'utf8')) as Manifest
  // Dependencies are links into this checkout, so that the test needs no registry. Only declared ones can be found.
  const declared = Object.keys(manifest.dependencies).filter((name) => name !== 'cerberus-idp-admin-client')
  const overrides = Object.fromEntries(declared.map((name) => [name, `file:${join(ROOT, 'node_modules', name)}`]))
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name: 'empty', private: true, overrides }))
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

  it('contains the modules of the terminal UI', async () => {
    const module = pathToFileURL(installed('cerberus-idp-cli', 'dist', 'tui', 'run.js')).href
    const script = `console.log(Object.keys(await import(${JSON.stringify(module)})).join())`
    const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', script], { cwd: directory })
    expect(stdout).toBe('runTui\n')
  })
})
