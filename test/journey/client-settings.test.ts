// Every member of a client, by every tool: what can be set by one can be set by all, is shown by all, and is dropped by
// none that saves something else. The list of members is the server's own description.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTerminal, type Terminal } from '../support/cli.ts'
import { openScreen } from '../support/terminal-screen.ts'
import { startDocumentServer } from '../support/document-server.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { createFullyConfiguredClients, type Settings } from '../support/fully-configured-clients.ts'

const CLIENTS = '/v1/admin/clients'
type Shown = Record<string, unknown> & { id: string }

let server: JourneyServer
let web: Awaited<ReturnType<typeof startDocumentServer>>
let terminal: Terminal
let environment: Record<string, string>
let cookie: string
let wholes: Settings[]
/** All that can be set of a client. */
let members: string[]

beforeAll(async () => {
  web = await startDocumentServer()
  web.documents.set('/sector', { body: JSON.stringify(['https://app.example.com/callback']) })
  wholes = await createFullyConfiguredClients(`${web.base}/sector`)
  server = await startJourneyServer({ allow: ['localhost'] })
  cookie = await server.signIn()
  const machine = await server.registerClient({
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['clients:*', 'reports:read'],
  })
  environment = {
    CERBERUS_SERVER: server.issuer,
    CERBERUS_CLIENT_ID: machine.clientId,
    CERBERUS_CLIENT_SECRET: machine.clientSecret ?? '',
  }
  terminal = await createTerminal(environment)
  const document = (await server.app.inject('/openapi.json')).json()
  const membersOf = (path: string, method: string): string[] => {
    let { schema } = document.paths[path][method].requestBody.content['application/json']
    if (schema.$ref) schema = document.components.schemas[schema.$ref.replace(/^.*\//, '')]
    return Object.keys(schema.properties)
  }
  const all = new Set([...membersOf(CLIENTS, 'post'), ...membersOf(`${CLIENTS}/{id}`, 'put')])
  // It identifies the client, and is no setting (test/spec/admin/clients/client-id.test.ts).
  all.delete('clientId')
  members = [...all]
}, 240_000)
afterAll(async () => {
  await terminal?.remove()
  await server?.close()
  await web?.close()
})

async function send(method: 'GET' | 'POST' | 'PUT' | 'PATCH', url: string, payload?: unknown, type?: string) {
  const answer = await server.app.inject({
    method,
    url,
    headers: { cookie, 'content-type': type ?? 'application/json' },
    ...(payload !== undefined && { payload: JSON.stringify(payload) }),
  })
  expect([answer.statusCode < 300, answer.statusCode, answer.body]).toEqual([true, answer.statusCode, answer.body])
  return answer.json<Shown>()
}
const register = (settings: Settings) => send('POST', CLIENTS, settings)
const read = (id: string) => send('GET', `${CLIENTS}/${id}`)
/** Without what every change changes. */
const lasting = ({ updatedAt: _, lastUsedAt: __, ...client }: Shown) => client

/** The same for one more client: no two of an organisation have the same externalId. */
const another = (whole: Settings): Settings =>
  'externalId' in whole ? { ...whole, externalId: `platform/${randomUUID()}` } : whole

/** A client that has nothing yet of what `whole` says, and what is to be set of it: its type is final. */
async function bare({ clientType, ...whole }: Settings): Promise<[Shown, Settings]> {
  return [await register({ name: 'Bare', clientType, redirectUris: ['https://app.example.com/callback'] }), whole]
}

describe('Every member of a client', () => {
  it('is in these tests, with a value that is not its default', async () => {
    expect(new Set(wholes.flatMap((whole) => Object.keys(whole)))).toEqual(new Set(members))
    const unlike = new Set(['clientType'])
    for (const whole of wholes) {
      const [client] = await bare(whole)
      for (const [member, value] of Object.entries(whole)) {
        if (JSON.stringify(client[member]) !== JSON.stringify(value)) unlike.add(member)
      }
    }
    expect(members.filter((member) => !unlike.has(member))).toEqual([])
  })

  it('is set and shown by POST, PATCH and PUT', async () => {
    const ways: ((whole: Settings) => Promise<Shown>)[] = [
      register,
      async (whole) => {
        const [{ id }, rest] = await bare(whole)
        return send('PATCH', `${CLIENTS}/${id}`, rest)
      },
      async (whole) => {
        const [{ id }] = await bare(whole)
        return send('PUT', `${CLIENTS}/${id}`, whole)
      },
    ]
    for (const set of ways) {
      for (const whole of wholes.map(another)) {
        const { id } = await set(whole)
        expect(await read(id)).toMatchObject(whole)
      }
    }
  })

  it('is set and shown by the command line: from a file, and one by one', { timeout: 120_000 }, async () => {
    for (const whole of wholes.map(another)) {
      const data = await terminal.file('whole.json', JSON.stringify(whole))
      const { id } = await terminal.json<Shown>(['client', 'create', '--data', data])
      expect(await terminal.json(['client', 'get', id])).toMatchObject(whole)
    }
    for (const whole of wholes.map(another)) {
      const [client, rest] = await bare(whole)
      const words = Object.entries(rest).flatMap(([member, value]) => ['--set', `${member}=${JSON.stringify(value)}`])
      await terminal.json(['client', 'patch', client.id, ...words])
      expect(await terminal.json(['client', 'get', client.id])).toMatchObject(whole)
    }
  })
})

describe('Saving one member drops no other', () => {
  const ways: [string, (client: Shown) => Promise<unknown>][] = [
    ['by PATCH', ({ id }) => send('PATCH', `${CLIENTS}/${id}`, { description: 'New' })],
    [
      'by a merge patch',
      ({ id }) => send('PATCH', `${CLIENTS}/${id}`, { description: 'New' }, 'application/merge-patch+json'),
    ],
    [
      'by a JSON Patch',
      ({ id }) =>
        send(
          'PATCH',
          `${CLIENTS}/${id}`,
          [{ op: 'replace', path: '/description', value: 'New' }],
          'application/json-patch+json',
        ),
    ],
    ['by PUT of what was shown', (client) => send('PUT', `${CLIENTS}/${client.id}`, { ...client, description: 'New' })],
    ['by cerberus client patch', ({ id }) => terminal.json(['client', 'patch', id, '--set', 'description=New'])],
    [
      'by cerberus client edit',
      async ({ id }) => {
        const script = 'sed -i -e "/^description:/,/^[a-z]/{/^ /d;s/^description:.*/description: New/}" "$1"'
        const EDITOR = `sh ${await terminal.file('editor.sh', script)}`
        // It needs a terminal, also with an editor that does not.
        const screen = await openScreen(terminal, ['client', 'edit', id, '--yes'], {
          environment: { ...environment, EDITOR },
        })
        expect(await screen.ended).toBe(0)
      },
    ],
    [
      'by cerberus client export and import',
      async ({ id }) => {
        const [exported] = await terminal.json<Shown[]>(['client', 'export', id])
        const data = await terminal.file('export.json', JSON.stringify([{ ...exported, description: 'New' }]))
        return terminal.json(['client', 'import', '--data', data, '--yes'])
      },
    ],
  ]

  it.each(ways)('%s', { timeout: 120_000 }, async (_name, save) => {
    for (const whole of wholes.map(another)) {
      const { id } = await register(whole)
      await send('PATCH', `${CLIENTS}/${id}`, { isActive: false })
      const before = await read(id)
      await save(before)
      expect(lasting(await read(id))).toEqual({ ...lasting(before), description: 'New' })
    }
  })
})
