// Runs the commands of a document as its reader would: with a server, a terminal with curl and cerberus, and a value
// for each placeholder of the document.
import { execFile, type ChildProcess } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { OWNER, type RegisteredTestClient } from './app.ts'
import { COMMAND, createTerminal } from './cli.ts'
import { fillIn } from './docs-code.ts'
import { eventually } from './eventually.ts'
import { startJourneyServer, type JourneyServer } from './journey-server.ts'
import { parseCodeBlocks, readDocument } from './markdown.ts'
import { REDIRECT_URI, relyingParty } from './relying-party.ts'

export interface DocumentRunner {
  /** Runs a block unchanged and returns its standard output. Throws if a line fails. */
  run(block: string): Promise<string>
  close(): Promise<void>
}

/** The value of each placeholder, evaluated when a block contains it. */
type Placeholders = Readonly<Record<string, () => string | undefined | Promise<string | undefined>>>

/** Creates a runner for one document, in the state after the steps of the other documents. */
export async function createDocumentRunner(document: string): Promise<DocumentRunner> {
  const [server, terminal] = await Promise.all([startJourneyServer(), createTerminal()])
  const machine = await server.registerClient({
    name: 'Robot',
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes:
      'clients:read clients:* users:* roles:* permissions:read teams:* invitations:* webhooks:* organisation:* signing_keys:* audit:read reports.read'.split(
        ' ',
      ),
  })
  const run = promisify(execFile)
  const curl = (await run('sh', ['-c', 'command -v curl'])).stdout.trim()
  const program = async (name: string, line: string) =>
    chmod(await terminal.file(name, `#!/bin/sh\nexec ${line} "$@"\n`), 0o755)
  await program('cerberus', `'${process.execPath}' '${COMMAND}'`)
  // An error response fails the block.
  await program('curl', `'${curl}' --fail-with-body`)
  await terminal.file('secret', `${machine.clientSecret}\n`)
  await terminal.file('client.yaml', 'name: Web\nclientType: confidential\nredirectUris: [https://web.example.com/]\n')
  // The reader has signed in on another page: with curl, and with cerberus unless the page explains that.
  const signedIn = { CERBERUS_SERVER: server.issuer, CERBERUS_CLIENT_ID: machine.clientId }
  const exported = Object.entries({ ...signedIn, CERBERUS_CLIENT_SECRET_FILE: 'secret' })
  const exports = exported.map(([name, value]) => `export ${name}='${value}'\n`)
  await terminal.file('.exported', document === 'docs/cli.md' ? '' : exports.join(''))
  await terminal.file('cookies.txt', cookieFile(await server.signIn()))

  const outputs: string[] = []
  /** The last value of this member in the outputs so far. */
  const lastValueOf = (member: string) =>
    outputs.flatMap((output) => [...output.matchAll(new RegExp(`"${member}":"([^"]+)"`, 'g'))]).at(-1)?.[1]
  const names: Placeholders = {
    ...(await createPlaceholders(server, machine)),
    INITIAL_ACCESS_TOKEN: () => lastValueOf('token'),
    API_KEY: () => lastValueOf('key'),
    DEVICE_CODE: async () => {
      await approveDevice(server, lastValueOf('user_code') ?? '')
      return lastValueOf('device_code')
    },
    ...(document === 'docs/device.md' && { CLIENT_ID: () => lastValueOf('clientId') }),
    ...(document === 'docs/front-channel.md' && (await createApplicationPlaceholders(server))),
  }

  return {
    async run(block) {
      const lines = await replacePlaceholders(block, names)
      // Variables exported by one block are set in the next.
      const script = `. ./.exported\n${lines}\nexport -p > .exported\n`
      const running = run('sh', ['-e', '-c', script], {
        cwd: terminal.directory,
        env: {
          PATH: `${terminal.directory}:${process.env['PATH']}`,
          HOME: terminal.directory,
          XDG_CONFIG_HOME: join(terminal.directory, 'config'),
        },
      })
      approveWhenPrompted(server, running.child)
      const { stdout } = await running
      outputs.push(stdout)
      return stdout
    },
    async close() {
      await terminal.remove()
      await server.close()
    },
  }
}

/** Placeholders for an application that users sign in to. */
async function createApplicationPlaceholders(server: JourneyServer): Promise<Placeholders> {
  const redirectUris = ['https://myapp.example.com/callback']
  const { clientId, clientSecret } = await server.registerClient({ clientType: 'confidential', redirectUris })
  return { CLIENT_ID: () => clientId, CLIENT_SECRET: () => clientSecret ?? '' }
}

async function createPlaceholders(server: JourneyServer, machine: RegisteredTestClient): Promise<Placeholders> {
  const registration = parseCodeBlocks(readDocument('docs/cli.md')).find(({ language }) => language === 'json')
  const people = await server.registerClient(JSON.parse(registration?.content ?? '') as Record<string, unknown>)
  // Each block has a new client, because blocks change and delete it.
  let client: RegisteredTestClient | undefined
  const firstRowOf = async (path: string) => {
    client ??= await createUsedClient(server)
    const url = `/v1/admin/clients/${client.id}/${path}`
    const answer = await server.app.inject({ url, headers: { cookie: await server.signIn() } })
    const rows = answer.json<{ data: Record<string, string>[] }>().data
    return rows[0]
  }
  return {
    'https://auth.example.com': () => server.issuer,
    'http://localhost:4000': () => server.issuer,
    'admin@acme.test': () => OWNER.email,
    'THE-PRINTED-PASSWORD': () => OWNER.password,
    client_abc123xyz: () => people.clientId,
    CLIENT_ID: () => machine.clientId,
    CLIENT_SECRET: () => machine.clientSecret ?? '',
    ACCESS_TOKEN: () => issueAccessToken(server, machine),
    ID: async () => (client = await createUsedClient(server)).id,
    SECRET_ID: async () => (await firstRowOf('secrets'))?.['id'],
    GRANT_ID: async () => (await firstRowOf('grants'))?.['id'],
    USER_ID: async () => (await firstRowOf('consents'))?.['userId'],
    ADDRESS_OF_THE_REQUEST: async () => {
      const found = relyingParty(server, client ?? (await createUsedClient(server)))
      return `${server.issuer}${found.authorizeUrl({ redirect_uri: 'http://127.0.0.1/callback' })}`
    },
    REFERENCE: () => createRejectedRequest(server),
    ISSUER_ID: () => fetchFirst(server, '/v1/admin/software-statement-issuers'),
    WEBHOOK_ID: () => fetchFirst(server, '/v1/admin/webhooks'),
    TOKEN_ID: () => fetchFirst(server, '/v1/admin/initial-access-tokens'),
  }
}

/** Replaces the placeholders of a block. `ID`, the client of the block, is evaluated before what belongs to it. */
async function replacePlaceholders(block: string, names: Placeholders): Promise<string> {
  let text = block
  for (const [name, value] of Object.entries(names)) {
    if (fillIn(text, { [name]: '' }) === text) continue
    const replacement = await value()
    if (replacement === undefined) throw new Error(`No value for the placeholder ${name}:\n${block}`)
    text = fillIn(text, { [name]: replacement })
  }
  return text
}

async function fetchFirst(server: JourneyServer, url: string): Promise<string | undefined> {
  const answer = await server.app.inject({ url, headers: { cookie: await server.signIn() } })
  return answer.json<{ data: { id: string }[] }>().data[0]?.id
}

/** A client with a grant and a consent, whose URLs are not requested by `client test`. */
async function createUsedClient(server: JourneyServer): Promise<RegisteredTestClient> {
  const client = await server.registerClient({
    name: 'Web',
    clientType: 'confidential',
    redirectUris: [REDIRECT_URI],
    requireConsent: true,
  })
  await relyingParty(server, client).tokens()
  const headers = { cookie: await server.signIn() }
  const url = `/v1/admin/clients/${client.id}`
  const redirectUris = ['http://127.0.0.1/callback']
  await server.app.inject({ method: 'PATCH', url, headers, payload: { redirectUris } })
  return client
}

async function issueAccessToken(server: JourneyServer, client: RegisteredTestClient): Promise<string> {
  const answer = await relyingParty(server, client).exchange('', {
    grant_type: 'client_credentials',
    scope: 'clients:*',
  })
  return answer.json<{ access_token: string }>().access_token
}

/** Sends a request that ends on an error page. Returns its reference when the failure is stored. */
async function createRejectedRequest(server: JourneyServer): Promise<string> {
  const found = relyingParty(server, await server.registerClient())
  const refused = await server.app.inject(found.authorizeUrl({ redirect_uri: 'https://elsewhere.example.com/' }))
  const reference = String(refused.headers['x-request-id'])
  const request = { url: `/v1/admin/traces/${reference}`, headers: { cookie: await server.signIn() } }
  await eventually(
    async () => (await server.app.inject(request)).statusCode,
    (status) => status === 200,
  )
  return reference
}

/** Allows the user code that a waiting command shows, once. */
function approveWhenPrompted(server: JourneyServer, child: ChildProcess): void {
  let [seen, allowed] = ['', false]
  child.stderr?.on('data', (chunk: string) => {
    seen += chunk
    const [, code] = /confirm the code ([A-Z]{4}-[A-Z]{4})/.exec(seen) ?? []
    if (code === undefined || allowed) return
    allowed = true
    void approveDevice(server, code)
  })
}

async function approveDevice(server: JourneyServer, code: string): Promise<void> {
  const browser = await server.signedInBrowser()
  await browser.get('/device')
  await browser.submit({ user_code: code }, 'continue')
  await browser.submit({}, 'allow')
}

/** A cookie file in the format of curl. */
function cookieFile(cookie: string): string {
  const [name, value] = cookie.split('=')
  return `# Netscape HTTP Cookie File\nlocalhost\tFALSE\t/\tFALSE\t0\t${name}\t${value}\n`
}
