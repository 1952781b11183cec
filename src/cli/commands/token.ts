import { Command } from 'commander'
import { publicClient, readSecret, type ClientCredentials } from '../client-authentication.ts'
import { readStandardInput } from '../data.ts'
import { Failure } from '../failure.ts'
import { invocationOf } from '../invocation.ts'
import { readMetadata } from '../metadata.ts'
import { show, tell } from '../output.ts'
import type { Session } from '../session.ts'
import { claimsOf, introspectToken, revokeToken } from '../token-requests.ts'

interface TokenOptions {
  file?: string
}

/** `cerberus token`: what one is worth, and its end. A token is read from a file or from standard input, never an argument. */
export function tokenCommand(): Command {
  const token = new Command('token').description('access and refresh tokens')

  token
    .command('inspect')
    .description('what a token is worth now; without --file, your own')
    .option('--file <path>', 'where the token is; - for standard input')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<TokenOptions>(command)
      const session = open()
      const text = options.file === undefined ? await session.accessToken() : read(options.file)
      // Only a confidential client is told whether a token works (RFC 7662 §2.1).
      if (session.client) {
        return show(await introspectToken(await readMetadata(session.server), session.client, text), format)
      }
      const claims = claimsOf(text)
      if (Object.keys(claims).length === 0) {
        throw new Failure('usage', 'An opaque token says nothing: CERBERUS_CLIENT_ID and its secret are needed to ask.')
      }
      tell('What it says, unverified: whether it works is told to a client with a secret or a key.')
      show(claims, format)
    })

  token
    .command('revoke')
    .description('end a token of this client')
    .requiredOption('--file <path>', 'where the token is; - for standard input')
    .action(async (_options: unknown, command: Command) => {
      const { options, open } = invocationOf<Required<TokenOptions>>(command)
      const session = open()
      await revokeToken(await readMetadata(session.server), clientOf(session), read(options.file))
      tell('It is revoked, if it was a token of this client.')
    })

  return token
}

function read(file: string): string {
  const text = (file === '-' ? readStandardInput() : readSecret(file)).trim()
  if (text === '') throw new Failure('usage', 'There is no token to read.')
  return text
}

/** The client that asks: the environment's, or the one that somebody signed in with. */
function clientOf(session: Session): ClientCredentials {
  const clientId = session.context.token?.clientId ?? session.context.clientId
  if (session.client) return session.client
  if (clientId === null)
    throw new Failure('usage', 'A client must ask: cerberus login, or CERBERUS_CLIENT_ID and its secret.')
  return publicClient(clientId)
}
