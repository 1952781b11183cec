import type { Command } from 'commander'
import { browserLogin } from '../browser-login.ts'
import { publicClient } from '../client-authentication.ts'
import { withContext, type StoredToken } from '../contexts.ts'
import { deviceLogin } from '../device-login.ts'
import { Failure } from '../failure.ts'
import { invocationOf, type Invocation } from '../invocation.ts'
import { readMetadata } from '../metadata.ts'
import { show, tell } from '../output.ts'
import type { Session } from '../session.ts'
import { ownToken } from '../tokens.ts'
import { claimsOf, revokeToken } from '../token-requests.ts'

interface LoginOptions {
  clientId?: string
  scope?: string
  browser?: true
  device?: true
}

/** Who a person is, that they stay signed in, and the clients. */
const SCOPE = 'openid profile email offline_access clients:*'

/** `cerberus login`, `logout` and `whoami`. */
export function addSessionCommands(program: Command): void {
  program
    .command('login')
    .description('sign in: as a person, or as the client whose secret or key the environment has')
    .option('--client-id <id>', 'the client to sign in with')
    .option('--scope <scopes>', 'what to ask for, separated by spaces')
    .option('--device', 'by a code that is allowed in a browser anywhere (the usual way)')
    .option('--browser', 'by a browser on this machine')
    .action(async (_options: unknown, command: Command) => {
      const invocation = invocationOf<LoginOptions>(command)
      const session = invocation.open()
      if (session.name === undefined) {
        throw new Failure('usage', 'A sign-in is kept in a context: cerberus context add NAME --server …')
      }
      const token = await signIn(invocation, session)
      const { store } = invocation
      const { name } = session
      await store.update((contexts) => {
        const stored = contexts.contexts[name]
        if (!stored) throw new Failure('notFound', `The context ${name} is gone.`)
        return withContext(contexts, name, { ...stored, clientId: token.clientId, token })
      })
      tell(`Signed in to ${session.server} for ${token.scope}.`)
    })

  program
    .command('logout')
    .description('end the sign-in of the context, on the server as well')
    .action(async (_options: unknown, command: Command) => {
      const session = invocationOf(command).open()
      const token = await session.forget()
      if (!token) throw new Failure('notSignedIn', `Nobody is signed in to ${session.server}.`)
      const metadata = await readMetadata(session.server)
      const client = session.client?.clientId === token.clientId ? session.client : publicClient(token.clientId)
      await revokeToken(metadata, client, token.refreshToken ?? token.accessToken)
      tell(`Signed out of ${session.server}.`)
    })

  program
    .command('whoami')
    .description('tell which server is asked, and in whose name')
    .action(async (_options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      const session = open()
      const token = await session.accessToken()
      const claims = claimsOf(token)
      const scope = session.source === 'context' ? session.context.token?.scope : claims['scope']
      const isPerson = typeof scope === 'string' && scope.split(' ').includes('openid')
      const metadata = isPerson ? await readMetadata(session.server) : undefined
      const person = metadata && (await session.call({ method: 'GET', path: metadata.userinfo })).body
      show(
        {
          context: session.name ?? null,
          server: session.server,
          clientId: session.context.token?.clientId ?? session.client?.clientId ?? claims['client_id'] ?? null,
          source: session.source,
          scope: scope ?? null,
          ...(person as object | undefined),
        },
        format,
      )
    })
}

async function signIn({ options, environment }: Invocation<LoginOptions>, session: Session): Promise<StoredToken> {
  if (options.browser && options.device) throw new Failure('usage', 'By --browser or by --device, not both.')
  const metadata = await readMetadata(session.server)
  const byPerson = options.browser ?? options.device ?? false
  if (session.client && !byPerson) return ownToken(metadata, session.client, options.scope)
  const clientId = options.clientId ?? environment.clientId ?? session.context.clientId
  if (clientId === null) throw new Failure('usage', 'Sign in with which client? --client-id')
  const client = session.client ?? publicClient(clientId)
  const scope = options.scope ?? SCOPE
  return options.browser ? browserLogin(metadata, client, scope) : deviceLogin(metadata, client, scope)
}
