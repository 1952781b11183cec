import { type AdminClient, type ApiRequest, createAdminClient } from 'cerberus-idp-admin-client'
import { Failure } from '../failure.ts'
import { download, fetchWithProgress } from '../requests/send.ts'
import { readServerMetadata } from '../requests/server-metadata.ts'
import type { Environment } from '../system/environment.ts'
import { type ClientCredentials, clientFromEnvironment, publicClient, readSecret } from './client-authentication.ts'
import { type Context, type Contexts, type ContextStore, type StoredToken, withContext } from './contexts.ts'
import { resolveTarget, type TargetOptions } from './target.ts'
import { isFresh, parseTokenResponse, requestClientToken, requestTokens } from './token-endpoint.ts'
import { claimsOf } from './token-management.ts'

/** One server, and the identity of the command there. `send` authenticates each request. */
export interface Session extends AdminClient {
  server: string
  /** The name of the context; undefined where the server was named instead. */
  name: string | undefined
  context: Context
  client: ClientCredentials | undefined
  /** Where the access token comes from: the environment, a grant of the environment's client, or the context. */
  source: 'token' | 'client' | 'context'
  accessToken(): Promise<string>
  /** Sends a request whose response may be long, and yields its text part by part. */
  download(request: ApiRequest<string>): AsyncIterable<string>
  /** The client and the scope of the access token; null where it is opaque and comes from elsewhere. */
  identity(): Promise<{ clientId: string | null; scope: string | null }>
  /** Removes the token from the context and returns it. */
  removeToken(): Promise<StoredToken | null>
}

/** Opens a session with the server of --server, --context, the environment, or the current context. */
export function openSession(options: TargetOptions, environment: Environment, store: ContextStore): Session {
  const { name, context } = resolveTarget(options, environment, store.read())
  const organisation = options.organisation ?? context.organisation
  const client = clientFromEnvironment(environment)
  const presetToken = environment.token ?? (environment.tokenFile && readSecret(environment.tokenFile))
  let clientToken: Promise<StoredToken> | undefined
  let refreshing: Promise<void> | undefined

  /** The context as stored now, unless another process has given its name to another server. */
  function findStoredContext({ contexts }: Contexts): Context | undefined {
    const stored = name === undefined ? undefined : contexts[name]
    return stored?.server === context.server ? stored : undefined
  }

  async function updateToken(choose: (current: StoredToken | null) => Promise<StoredToken | null>): Promise<void> {
    await store.update(async (latest) => {
      const stored = findStoredContext(latest)
      const current = stored?.token ?? null
      const token = await choose(current)
      return stored && token !== current ? withContext(latest, name ?? '', { ...stored, token }) : latest
    })
  }

  async function accessToken(): Promise<string> {
    if (presetToken) return requireIssuer(presetToken, context.server)
    if (client) {
      const token = await (clientToken ??= requestOwnToken(client))
      if (isFresh(token)) return token.accessToken
      clientToken = requestOwnToken(client)
      return (await clientToken).accessToken
    }
    const { token } = context
    if (!token) {
      throw new Failure('unauthenticated', `You are not signed in to ${context.server}. Run cerberus login.`)
    }
    if (isFresh(token)) return token.accessToken
    // A refresh token works once, for all requests of this process and for all processes together.
    refreshing ??= updateToken(
      async (current) => (context.token = current && !isFresh(current) ? await refresh(current) : current),
    ).finally(() => {
      refreshing = undefined
    })
    await refreshing
    if (!context.token) {
      throw new Failure('unauthenticated', `Your sign-in to ${context.server} has expired. Run cerberus login.`)
    }
    return context.token.accessToken
  }

  const requestOwnToken = (credentials: ClientCredentials) =>
    readServerMetadata(context.server).then((metadata) => requestClientToken(metadata, credentials, undefined))

  /** Null where the server rejects the refresh token. */
  async function refresh({ refreshToken, clientId }: StoredToken): Promise<StoredToken | null> {
    if (refreshToken === null) return null
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken }
    const response = await requestTokens(await readServerMetadata(context.server), publicClient(clientId), fields)
    if (response.status === 400) return null
    const next = parseTokenResponse(response, clientId)
    return { ...next, refreshToken: next.refreshToken ?? refreshToken }
  }

  const headers = async () => ({
    authorization: `Bearer ${await accessToken()}`,
    ...(organisation !== null && { 'x-org-domain': organisation }),
  })

  return {
    ...createAdminClient({ server: context.server, headers, fetch: fetchWithProgress() }),
    async *download(request) {
      yield* download(context.server, { ...request, headers: { ...request.headers, ...(await headers()) } })
    },
    server: context.server,
    name,
    context,
    client,
    source: presetToken ? 'token' : client ? 'client' : 'context',
    accessToken,
    async identity() {
      const token = await accessToken()
      if (presetToken) {
        const { client_id: clientId, scope } = claimsOf(token)
        return { clientId: textOrNull(clientId), scope: textOrNull(scope) }
      }
      const { clientId, scope } = (client ? await clientToken : context.token) ?? { clientId: null, scope: null }
      return { clientId, scope }
    },
    async removeToken() {
      let removed: StoredToken | null = null
      await updateToken(async (current) => {
        removed = current
        return null
      })
      return removed
    },
  }
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Throws for a token that names another issuer: it must not be sent to this server. */
function requireIssuer(token: string, server: string): string {
  const { iss } = claimsOf(token)
  if (typeof iss !== 'string' || iss === server) return token
  throw new Failure('usage', `The token in the environment is from ${iss}, but the server is ${server}.`)
}
