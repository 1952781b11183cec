// `sign-in` has the commands about servers and who is signed in to them.

import type { Command } from 'commander'
import { Failure } from '../../failure.ts'
import { log } from '../../output/log.ts'
import { print } from '../../output/print.ts'
import { readServerMetadata } from '../../requests/server-metadata.ts'
import { browserLogin } from '../../sign-in/browser-login.ts'
import { publicClient } from '../../sign-in/client-authentication.ts'
import { type StoredToken, withContext } from '../../sign-in/contexts.ts'
import { deviceLogin } from '../../sign-in/device-login.ts'
import type { Session } from '../../sign-in/session.ts'
import { requestClientToken } from '../../sign-in/token-endpoint.ts'
import { revokeToken } from '../../sign-in/token-management.ts'
import { type Invocation, invocationOf } from '../invocation.ts'

interface LoginOptions {
  clientId?: string
  scope?: string
  browser?: true
  device?: true
}

/** The user's identity, a refresh token, and the management of clients. */
const DEFAULT_SCOPE = 'openid profile email offline_access clients:*'

/** `cerberus login`, `logout` and `whoami`. */
export function addSessionCommands(program: Command): void {
  program
    .command('login')
    .description('sign in as a user, or as the client whose secret or key is in the environment')
    .option('--client-id <id>', 'the client to sign in with')
    .option('--scope <scopes>', 'the scopes to request, separated by spaces')
    .option('--device', 'confirm a code in a browser on any device (default)')
    .option('--browser', 'sign in by a browser on this machine')
    .action(async (_options: unknown, command: Command) => {
      const invocation = invocationOf<LoginOptions>(command)
      const session = invocation.open()
      if (session.name === undefined) {
        throw new Failure('usage', 'Signing in requires a context: cerberus context add NAME --server …')
      }
      const token = await signIn(invocation, session)
      const { store } = invocation
      const { name } = session
      await store.update((contexts) => {
        const stored = contexts.contexts[name]
        if (!stored) throw new Failure('notFound', `The context ${name} was removed meanwhile.`)
        return withContext(contexts, name, { ...stored, clientId: token.clientId, token })
      })
      log(`Signed in to ${session.server} with ${token.scope}.`)
    })

  program
    .command('logout')
    .description('sign out: revoke the tokens of the context and remove them')
    .action(async (_options: unknown, command: Command) => {
      const session = invocationOf(command).open()
      const token = await session.removeToken()
      if (!token) throw new Failure('unauthenticated', `You are not signed in to ${session.server}.`)
      const metadata = await readServerMetadata(session.server)
      const client = session.client?.clientId === token.clientId ? session.client : publicClient(token.clientId)
      await revokeToken(metadata, client, token.refreshToken ?? token.accessToken)
      log(`Signed out of ${session.server}.`)
    })

  program
    .command('whoami')
    .description('show the server, the client and the user of your requests')
    .action(async (_options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      const session = open()
      const { clientId, scope } = await session.identity()
      const isUser = scope?.split(' ').includes('openid') ?? false
      const metadata = isUser ? await readServerMetadata(session.server) : undefined
      const user = metadata && (await session.send({ method: 'GET', path: metadata.userinfo })).body
      print(
        {
          context: session.name ?? null,
          server: session.server,
          clientId,
          source: session.source,
          scope,
          ...(user as object | undefined),
        },
        format,
      )
      if (session.source !== 'context' && session.context.token) {
        log(`The credentials in the environment are used, not the sign-in of the context ${session.name}.`)
      }
    })
}

async function signIn({ options, environment }: Invocation<LoginOptions>, session: Session): Promise<StoredToken> {
  if (options.browser && options.device) throw new Failure('usage', 'Use either --browser or --device, not both.')
  const metadata = await readServerMetadata(session.server)
  const asUser = options.browser ?? options.device ?? false
  if (session.client && !asUser) return requestClientToken(metadata, session.client, options.scope)
  const clientId = options.clientId ?? environment.clientId ?? session.context.clientId
  if (clientId === null) throw new Failure('usage', 'Name the client to sign in with: --client-id ID')
  const client = session.client ?? publicClient(clientId)
  const scope = options.scope ?? DEFAULT_SCOPE
  return options.browser ? browserLogin(metadata, client, scope) : deviceLogin(metadata, client, scope)
}
