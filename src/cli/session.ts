import { clientFromEnvironment, publicClient, readSecret, type ClientCredentials } from './client-authentication.ts'
import type { Context, Contexts, ContextStore, StoredToken } from './contexts.ts'
import { serverAddress, withContext } from './contexts.ts'
import type { Environment } from './environment.ts'
import { Failure } from './failure.ts'
import { readMetadata } from './metadata.ts'
import { demand, type ServerAnswer, type ServerRequest } from './server.ts'
import { claimsOf } from './token-requests.ts'
import { askForTokens, isFresh, ownToken, tokensOf } from './tokens.ts'

/** What is chosen by options that every command has. */
export interface Choice {
  context: string | undefined
  server: string | undefined
  organisation: string | undefined
}

/** One server, and in whose name it is asked. */
export interface Session {
  server: string
  /** The name of the context; undefined where the server was named instead. */
  name: string | undefined
  context: Context
  client: ClientCredentials | undefined
  /** How the access token comes about: from the environment, by the environment's client, or from the context. */
  source: 'token' | 'client' | 'context'
  accessToken(): Promise<string>
  /** Asks as somebody who is signed in; throws what the server refuses with. */
  call(request: ServerRequest): Promise<ServerAnswer>
  /** Takes the context's token away, and answers it. */
  forget(): Promise<StoredToken | null>
}

/** The server that is meant: by --server, --context, the environment, or the context in use. */
export function openSession(choice: Choice, environment: Environment, store: ContextStore): Session {
  const { name, context } = chosen(choice, environment, store.read())
  const organisation = choice.organisation ?? context.organisation
  const client = clientFromEnvironment(environment)
  const given = environment.token ?? (environment.tokenFile && readSecret(environment.tokenFile))
  let own: Promise<StoredToken> | undefined
  let renewing: Promise<void> | undefined

  /** What is stored of this context now, unless its name has come to mean another server. */
  function storedIn({ contexts }: Contexts): Context | undefined {
    const stored = name === undefined ? undefined : contexts[name]
    return stored?.server === context.server ? stored : undefined
  }

  async function keepToken(choose: (held: StoredToken | null) => Promise<StoredToken | null>): Promise<void> {
    await store.update(async (latest) => {
      const stored = storedIn(latest)
      const held = stored?.token ?? null
      const token = await choose(held)
      return stored && token !== held ? withContext(latest, name ?? '', { ...stored, token }) : latest
    })
  }

  async function accessToken(): Promise<string> {
    if (given) return ofThisServer(given, context.server)
    if (client) {
      const token = await (own ??= tokenOf(client))
      if (isFresh(token)) return token.accessToken
      own = tokenOf(client)
      return (await own).accessToken
    }
    const { token } = context
    if (!token) throw new Failure('notSignedIn', `Nobody is signed in to ${context.server}: cerberus login`)
    if (isFresh(token)) return token.accessToken
    // A refresh token is good once: of this process, however many wait for what it gives, and of all others.
    renewing ??= keepToken(
      async (held) => (context.token = held && !isFresh(held) ? await renewed(held) : held),
    ).finally(() => {
      renewing = undefined
    })
    await renewing
    if (!context.token) throw new Failure('notSignedIn', `The sign-in to ${context.server} is over: cerberus login`)
    return context.token.accessToken
  }

  const tokenOf = (asking: ClientCredentials) =>
    readMetadata(context.server).then((metadata) => ownToken(metadata, asking, undefined))

  /** Null where the server renews it no more. */
  async function renewed({ refreshToken, clientId }: StoredToken): Promise<StoredToken | null> {
    if (refreshToken === null) return null
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken }
    const answer = await askForTokens(await readMetadata(context.server), publicClient(clientId), fields)
    if (answer.status === 400) return null
    const next = tokensOf(answer, clientId)
    return { ...next, refreshToken: next.refreshToken ?? refreshToken }
  }

  return {
    server: context.server,
    name,
    context,
    client,
    source: given ? 'token' : client ? 'client' : 'context',
    accessToken,
    async forget() {
      let forgotten: StoredToken | null = null
      await keepToken(async (held) => {
        forgotten = held
        return null
      })
      return forgotten
    },
    async call(request) {
      const headers = {
        authorization: `Bearer ${await accessToken()}`,
        ...(organisation !== null && { 'x-org-domain': organisation }),
        ...request.headers,
      }
      return demand(context.server, { ...request, headers })
    },
  }
}

/** A token that says of itself that it is another server's is not shown to this one. */
function ofThisServer(token: string, server: string): string {
  const { iss } = claimsOf(token)
  if (typeof iss !== 'string' || iss === server) return token
  throw new Failure('usage', `The token in the environment is of ${iss}, and ${server} is asked.`)
}

function chosen(choice: Choice, environment: Environment, { current, contexts }: Contexts) {
  if (choice.server !== undefined && choice.context !== undefined) {
    throw new Failure('usage', 'Name a context or a server, not both.')
  }
  const named = choice.context ?? (choice.server === undefined ? environment.context : undefined)
  if (named !== undefined) {
    const context = contexts[named]
    if (!context) throw new Failure('usage', `There is no context ${named}: cerberus context list`)
    return { name: named, context }
  }
  const address = choice.server ?? environment.server
  if (address !== undefined) {
    const server = serverAddress(address)
    return { name: undefined, context: { server, clientId: null, organisation: null, token: null } }
  }
  const context = current === null ? undefined : contexts[current]
  if (current === null || !context) {
    throw new Failure('usage', 'Which server? cerberus context add NAME --server https://auth.example.com')
  }
  return { name: current, context }
}
