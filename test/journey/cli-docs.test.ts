import { execFile } from 'node:child_process'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTerminal, type Terminal } from '../support/cli.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey.ts'
import { ROOT } from '../support/processes.ts'

const blocksOf = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block)

let server: JourneyServer
let terminal: Terminal
let text: string
let people: string
let machine: { clientId: string; clientSecret: string | null }

beforeAll(async () => {
  server = await startJourneyServer()
  terminal = await createTerminal()
  text = await readFile(join(ROOT, 'docs', 'cli.md'), 'utf8')
  const [registration = ''] = blocksOf(text, 'json')
  people = (await server.registerClient(JSON.parse(registration) as Record<string, unknown>)).clientId
  machine = await server.registerClient({
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['clients:*', 'signing_keys:*'],
  })
  const program = join(ROOT, 'dist', 'cli', 'cerberus.js')
  const shim = await terminal.file('cerberus', `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`)
  await chmod(shim, 0o755)
  await terminal.file('secret', `${machine.clientSecret}\n`)
  await terminal.file('client.yaml', 'name: Web\nclientType: confidential\nredirectUris: [https://web.example.com/]\n')
}, 240_000)
afterAll(async () => {
  await terminal.remove()
  await server.close()
})

/** Runs a block as it stands, with what is this test's in the place of what is the reader's. */
async function run(block: string, id: string) {
  const lines = block
    .replaceAll('https://auth.example.com', server.issuer)
    .replaceAll('client_abc123xyz', people)
    .replaceAll('CLIENT_ID=CLIENT_ID', `CLIENT_ID=${machine.clientId}`)
    .replaceAll(/\bID\b/g, id)
  const child = promisify(execFile)('sh', ['-e', '-c', lines], {
    cwd: terminal.directory,
    env: {
      PATH: `${terminal.directory}:${process.env['PATH']}`,
      HOME: terminal.directory,
      XDG_CONFIG_HOME: join(terminal.directory, 'config'),
      // What one block has exported, a shell still has in the next.
      CERBERUS_CLIENT_ID: exported ? machine.clientId : '',
      CERBERUS_CLIENT_SECRET_FILE: exported ? 'secret' : '',
    },
  })
  let [seen, allowed] = ['', false]
  child.child.stderr?.on('data', (chunk: string) => {
    seen += chunk
    const [, code] = /allow the code ([A-Z]{4}-[A-Z]{4})/.exec(seen) ?? []
    if (code !== undefined && !allowed) {
      allowed = true
      void allow(code)
    }
  })
  const { stdout } = await child
  exported ||= lines.includes('export CERBERUS_CLIENT_ID')
  return stdout
}
let exported = false

async function allow(code: string): Promise<void> {
  const browser = await server.signedInBrowser()
  await browser.get('/device')
  await browser.submit({ user_code: code }, 'continue')
  await browser.submit({}, 'allow')
}

describe('docs/cli.md', () => {
  it('has commands that work as they stand there, one after the other', { timeout: 120_000 }, async () => {
    const { id } = await server.registerClient({ name: 'Web', clientType: 'confidential' })
    const blocks = blocksOf(text, 'sh')
    expect(blocks.length).toBeGreaterThan(6)
    const outputs: string[] = []
    for (const block of blocks) outputs.push(await run(block, id))
    expect(outputs.filter((output) => output === '')).toEqual([])
    expect(outputs[0]).toContain('Usage: cerberus')
  })

  it('tells the codes that the command ends with', () => {
    const told = [...text.matchAll(/^\| (\d) \|/gm)].map(([, code]) => Number(code))
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  })
})
