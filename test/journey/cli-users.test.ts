import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTerminal, type Terminal } from '../support/cli.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'

let server: JourneyServer
let terminal: Terminal
beforeAll(async () => {
  server = await startJourneyServer()
  const machine = await server.registerClient({
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['*'],
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

describe('cerberus users import', () => {
  it('imports a file in several requests, after a dry run, and again', async () => {
    const lines = Array.from({ length: 205 }, (_, index) => JSON.stringify({ email: `user-${index}@cli.test` }))
    const file = await terminal.file('users.ndjson', lines.join('\n'))
    const trial = await terminal.call(['users', 'import', file, '--dry-run'])
    expect([trial.code, trial.stdout.match(/created/g)]).toEqual([0, lines.map(() => 'created')])
    for (const outcome of ['created', 'unchanged']) {
      const { counts } = await terminal.json<{ counts: object }>(['users', 'import', file])
      expect(counts).toMatchObject({ [outcome]: 205, failed: 0 })
    }
  })

  it('reads exports of others, reports users who fail, and exits with 9', async () => {
    const file = await terminal.file(
      'users.csv',
      'email,firstName,phone\nada@cli.test,Ada,\nbob@cli.test,Bob,nonsense\n',
    )
    const { code, stdout, stderr } = await terminal.call(['users', 'import', file, '--from', 'csv'])
    expect([code, stdout]).toEqual([9, expect.stringMatching(/\n2\tbob@cli\.test\tfailed\tphone .+\n$/)])
    expect(stderr).toContain('1 created, 0 updated, 0 unchanged, 1 failed')
  })

  it('needs a file and a known system', async () => {
    expect((await terminal.call(['users', 'import', 'none.json'])).code).toBe(2)
    expect((await terminal.call(['users', 'import', 'none.json', '--from', 'ldap'])).code).toBe(2)
  })
})
