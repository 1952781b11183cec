import { clientFromEnvironment, publicClient, readSecret, type ClientCredentials } from './client-authentication.ts'
import type { Context, Contexts, ContextStore, StoredToken } from './contexts.ts'
import { serverAddress } from './contexts.ts'
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
  /** Replaces the context's token. */
  keep(token: StoredToken | null): void
}

/** The server that is meant: by --server, --context, the environment, or the context in use. */
export function openSession(choice: Choice, environment: Environment, store: ContextStore): Session {
  const contexts = store.read()
  const { name, context } = chosen(choice, environment, contexts)
  const organisation = choice.organisation ?? context.organisation
  const client = clientFromEnvironment(environment)
  const given = environment.token ?? (environment.tokenFile && readSecret(environment.tokenFile))
  let own: Promise<StoredToken> | undefined
  let renewing: Promise<StoredToken> | undefined

  function keep(token: StoredToken | null): void {
    if (name === undefined) return
    const latest = store.read()
    const stored = latest.contexts[name]
    if (stored) store.write({ ...latest, contexts: { ...latest.contexts, [name]: { ...stored, token } } })
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
    // A refresh token is for one request alone, however many wait for what it gives.
    renewing ??= renewed(token).finally(() => {
      renewing = undefined
    })
    return (await renewing).accessToken
  }

  const tokenOf = (asking: ClientCredentials) =>
    readMetadata(context.server).then((metadata) => ownToken(metadata, asking, undefined))

  async function renewed(token: StoredToken): Promise<StoredToken> {
    const { refreshToken, clientId } = token
    const over = new Failure('notSignedIn', `The sign-in to ${context.server} is over: cerberus login`)
    if (refreshToken === null) throw over
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken }
    const answer = await askForTokens(await readMetadata(context.server), publicClient(clientId), fields)
    if (answer.status === 400) {
      keep(null)
      throw over
    }
    const next = tokensOf(answer, clientId)
    context.token = { ...next, refreshToken: next.refreshToken ?? refreshToken }
    keep(context.token)
    return next
  }

  return {
    server: context.server,
    name,
    context,
    client,
    source: given ? 'token' : client ? 'client' : 'context',
    accessToken,
    keep,
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
