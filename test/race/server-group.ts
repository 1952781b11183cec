// Server processes, two as a rule, on one PostgreSQL, and a client that can make codes and tokens by the thousand and
// present them to either process.
import { createHash } from 'node:crypto'
import { Client, type QueryResultRow } from 'pg'
import { createSeededDatabase } from '../support/cluster.ts'
import { MASTER_KEY } from '../support/seed.ts'
import { freePort, makeServerDirectory, OWNER, spawnServer, type ServerProcess } from '../support/server-processes.ts'
import { mapConcurrently, repeat } from './race-report.ts'
import { expectStatus, stringMember, send, type HttpResult } from './http-client.ts'

export type ServerGroup = Awaited<ReturnType<typeof startServerGroup>>

/** Which of the processes, counted from 0; beyond the last they begin anew. */
export type ServerIndex = number

export interface RaceClient {
  id: string
  clientId: string
  /** The `Authorization` header. */
  authorization: string
}

const REDIRECT_URI = 'https://app.example.com/callback'
const VERIFIER = 'the-verifier-of-every-code-that-is-raced-here'
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

/**
 * Starts the processes, at the same moment, on `databaseUrl` or a database of their own. `program` is a directory with
 * another server, as `dist/server/main.js`.
 */
export async function startServerGroup(
  options: { processes?: number; databaseUrl?: string; program?: string; environment?: Record<string, string> } = {},
) {
  const own = options.databaseUrl === undefined ? await createSeededDatabase() : undefined
  const databaseUrl = options.databaseUrl ?? own?.connectionString ?? ''
  // The seeded keys open under this one.
  const secrets = own && { SECRET_ENCRYPTION_KEY: MASTER_KEY.toString('base64') }
  const directory = await makeServerDirectory()
  const ports = await Promise.all(repeat(options.processes ?? 2).map(freePort))
  const issuer = `http://127.0.0.1:${ports[0]}`
  const spawnSide = (side: ServerIndex) =>
    spawnServer({
      databaseUrl,
      issuer,
      port: ports[side] ?? 0,
      dataDirectory: directory.path,
      ...(options.program !== undefined && { program: options.program }),
      environment: { ...secrets, ...options.environment },
    })
  const servers = await Promise.all(ports.map((_, side) => spawnSide(side)))
  await Promise.all(servers.map((server) => server.ready()))

  const serverAt = (side: ServerIndex): ServerProcess => {
    const server = servers[side % servers.length]
    if (!server) throw new Error(`There is no process ${side}`)
    return server
  }
  const at = (side: ServerIndex, path: string) => `${serverAt(side).url}${path}`
  const post = (side: ServerIndex, path: string, { authorization }: RaceClient, form: Record<string, string>) =>
    send(at(side, path), { form, headers: { authorization } })
  const requestOf = ({ clientId }: RaceClient) => ({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile',
    state: 'a-state',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  })
  const credentialsOf = (clientId: string, secret: string) =>
    `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`

  /** The session cookie of a new sign-in of the owner. */
  async function signIn(): Promise<string> {
    const answer = expectStatus(await send(at(0, '/v1/auth/login'), { json: OWNER }), 200)
    const [cookie = ''] = [answer.headers['set-cookie']].flat()
    return cookie.split(';')[0] ?? ''
  }
  const cookie = await signIn()

  const bench = {
    servers,
    serverAt,
    at,
    cookie,
    signIn,
    /** Starts a process again, at its old place. */
    async restart(side: ServerIndex): Promise<void> {
      const server = await spawnSide(side)
      servers[side] = server
      await server.ready()
    },
    administer: (
      side: ServerIndex,
      method: 'POST' | 'PATCH' | 'DELETE',
      path: string,
      json?: unknown,
    ): Promise<HttpResult> =>
      send(at(side, `/v1/admin/clients${path}`), { method, headers: { cookie }, ...(json !== undefined && { json }) }),
    /** A confidential first-party client, so that no consent page is shown. */
    async registerClient(settings: Record<string, unknown> = {}): Promise<RaceClient> {
      const metadata = {
        name: 'Racer',
        clientType: 'confidential',
        isFirstParty: true,
        redirectUris: [REDIRECT_URI],
        grantTypes: ['authorization_code', 'refresh_token'],
        scopes: ['openid', 'profile'],
        // The cheapest to sign with: what is raced here is not arithmetic.
        idTokenSignedResponseAlg: 'ES256',
        accessTokenSigningAlg: 'ES256',
        ...settings,
      }
      const answer = expectStatus(await bench.administer(0, 'POST', '', metadata), 201)
      const clientId = stringMember(answer, 'clientId')
      const authorization = credentialsOf(clientId, stringMember(answer, 'clientSecret'))
      return { id: stringMember(answer, 'id'), clientId, authorization }
    },
    /** An initial access token for `uses` clients (RFC 7591 §3). */
    async initialToken(uses: number): Promise<string> {
      const json = { name: 'Race', uses }
      const made = await send(at(0, '/v1/admin/initial-access-tokens'), { headers: { cookie }, json })
      return stringMember(expectStatus(made, 201), 'token')
    },
    register: (side: ServerIndex, token: string): Promise<HttpResult> =>
      send(at(side, '/oauth2/register'), {
        headers: { authorization: `Bearer ${token}` },
        json: { redirect_uris: [REDIRECT_URI] },
      }),
    authorize(side: ServerIndex, client: RaceClient, session = cookie): Promise<HttpResult> {
      const parameters = new URLSearchParams(requestOf(client))
      return send(at(side, `/oauth2/authorize?${parameters}`), { headers: { cookie: session } })
    },
    /** The request_uri of a request that was pushed (RFC 9126). */
    push: async (side: ServerIndex, client: RaceClient): Promise<string> =>
      stringMember(expectStatus(await post(side, '/oauth2/par', client, requestOf(client)), 201), 'request_uri'),
    /** Has a browser bring it, that is signed in. */
    bring(side: ServerIndex, { clientId }: RaceClient, requestUri: string): Promise<HttpResult> {
      const parameters = new URLSearchParams({ client_id: clientId, request_uri: requestUri })
      return send(at(side, `/oauth2/authorize?${parameters}`), { headers: { cookie } })
    },
    exchange: (side: ServerIndex, client: RaceClient, code: string): Promise<HttpResult> =>
      post(side, '/oauth2/token', client, {
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT_URI,
        code_verifier: VERIFIER,
      }),
    refresh: (side: ServerIndex, client: RaceClient, token: string): Promise<HttpResult> =>
      post(side, '/oauth2/token', client, { grant_type: 'refresh_token', refresh_token: token }),
    revoke: (side: ServerIndex, client: RaceClient, token: string): Promise<HttpResult> =>
      post(side, '/oauth2/revoke', client, { token }),
    /** Whether a token works, asked of one process. */
    async isActive(side: ServerIndex, client: RaceClient, token: string): Promise<boolean> {
      const answer = expectStatus(await post(side, '/oauth2/introspect', client, { token }), 200)
      return (JSON.parse(answer.body) as { active: boolean }).active
    },
    codes: (client: RaceClient, count: number, session = cookie): Promise<string[]> =>
      mapConcurrently(repeat(count), 16, async (_, index) =>
        authorizationCodeOf(await bench.authorize(serverIndexOf(index), client, session)),
      ),
    /** The token answers of as many exchanged codes. */
    async tokens(client: RaceClient, count: number, session = cookie): Promise<HttpResult[]> {
      return mapConcurrently(await bench.codes(client, count, session), 16, async (code, index) =>
        expectStatus(await bench.exchange(serverIndexOf(index), client, code), 200),
      )
    },
    /** Asks the database, as a second opinion. */
    async query<Row extends QueryResultRow>(statement: string): Promise<Row[]> {
      const connection = new Client({ connectionString: databaseUrl })
      connection.on('error', () => undefined)
      await connection.connect()
      try {
        return (await connection.query<Row>(statement)).rows
      } finally {
        await connection.end()
      }
    },
    /** Holds up every statement that touches a table, until `release`, which may be called twice. */
    async holdUp(table: string): Promise<{ release(): Promise<void> }> {
      const connection = new Client({ connectionString: databaseUrl })
      await connection.connect()
      await connection.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`)
      let released: Promise<void> | undefined
      return { release: () => (released ??= connection.end()) }
    },
    /** What the processes wrote. */
    output: () => servers.map((server) => server.output()).join('\n'),
    async close(): Promise<void> {
      await Promise.all(servers.map((server) => server.kill('SIGKILL')))
      await own?.drop()
      await directory.remove()
    },
  }
  return bench
}

/** The code that an authorization answer carries. */
export function authorizationCodeOf(answer: HttpResult): string {
  const { location } = expectStatus(answer, 302).headers
  const code = typeof location === 'string' ? new URL(location).searchParams.get('code') : null
  if (code === null) throw new Error(`No code: ${String(location)}`)
  return code
}

/** The process that attempt number `index` goes to: every other one to each. */
export function serverIndexOf(index: number): ServerIndex {
  return index % 2 === 0 ? 0 : 1
}
