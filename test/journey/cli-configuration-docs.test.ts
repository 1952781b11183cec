import { execFile } from 'node:child_process'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { COMMAND, createTerminal, type Terminal } from '../support/cli.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { ROOT } from '../support/server-processes.ts'

let server: JourneyServer
let terminal: Terminal
let environment: Record<string, string>
beforeAll(async () => {
  server = await startJourneyServer()
  terminal = await createTerminal()
  const { clientId, clientSecret } = await server.registerClient({
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: 'clients:* audit:read users:* roles:* permissions:read teams:* organisation:*'.split(' '),
  })
  const program = COMMAND
  const shim = await terminal.file('cerberus', `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`)
  await chmod(shim, 0o755)
  environment = {
    PATH: `${terminal.directory}:${process.env['PATH']}`,
    HOME: terminal.directory,
    CERBERUS_SERVER: server.issuer,
    CERBERUS_CLIENT_ID: clientId,
    CERBERUS_CLIENT_SECRET: clientSecret ?? '',
  }
}, 240_000)
afterAll(async () => {
  await terminal.remove()
  await server.close()
})

it('the commands of docs/configuration.md work in their order', { timeout: 60_000 }, async () => {
  const text = await readFile(join(ROOT, 'docs', 'configuration.md'), 'utf8')
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block)
  const outputs: string[] = []
  for (const block of blocks) {
    const run = promisify(execFile)('sh', ['-e', '-c', block], { cwd: terminal.directory, env: environment })
    outputs.push((await run).stdout)
  }
  expect(outputs).toEqual([
    expect.stringMatching(/^register {2}shop-web {2}Shop\n[^]*register {2}shop-app/),
    expect.stringMatching(
      /^--- server shop-web\n[^]*\+ {2}- https:\/\/staging\.example\.com\/callback\nended with 1\n$/,
    ),
    expect.stringMatching(/^remove {4}shop-app/),
    expect.stringMatching(/^change {4}organisation\n[^]*^create {4}role clerk\n/m),
    expect.stringMatching(/^CLIENT\tDRIFT\t[^]*^shop-app\tmissing\t[^]*ended with 10\n$/m),
    expect.stringMatching(/externalId: shop-web[^]*owns:\n {2}group: shop\n/),
  ])
  expect(await readFile(join(ROOT, 'docs', 'cli.md'), 'utf8')).toMatch(/^\| 10 \| `drift`/m)
})
