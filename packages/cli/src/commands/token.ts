import { Command } from 'commander'
import { Failure } from '../failure.ts'
import { readStandardInput } from '../input/data.ts'
import { log } from '../output/log.ts'
import { print } from '../output/print.ts'
import { readServerMetadata } from '../requests/server-metadata.ts'
import { type ClientCredentials, publicClient, readSecret } from '../sign-in/client-authentication.ts'
import type { Session } from '../sign-in/session.ts'
import { claimsOf, introspectToken, revokeToken } from '../sign-in/token-management.ts'
import { invocationOf } from './invocation.ts'

interface TokenOptions {
  file?: string
}

/** `cerberus token`. Tokens are read from a file or standard input, never from arguments. */
export function tokenCommand(): Command {
  const token = new Command('token').description('access and refresh tokens')

  token
    .command('inspect')
    .description('show whether a token is active and its claims; without --file, your own')
    .option('--file <path>', 'file with the token; - for standard input')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<TokenOptions>(command)
      const session = open()
      const text = options.file === undefined ? await session.accessToken() : readToken(options.file)
      // Only confidential clients can introspect tokens (RFC 7662 §2.1).
      if (session.client) {
        return print(await introspectToken(await readServerMetadata(session.server), session.client, text), format)
      }
      const claims = claimsOf(text)
      if (Object.keys(claims).length === 0) {
        throw new Failure('usage', 'Introspecting an opaque token requires CERBERUS_CLIENT_ID and a client secret.')
      }
      log('Unverified claims. To check whether the token is active, use a client with a secret or a key.')
      print(claims, format)
    })

  token
    .command('revoke')
    .description('revoke a token of this client')
    .requiredOption('--file <path>', 'file with the token; - for standard input')
    .action(async (_options: unknown, command: Command) => {
      const { options, open } = invocationOf<Required<TokenOptions>>(command)
      const session = open()
      await revokeToken(await readServerMetadata(session.server), clientOf(session), readToken(options.file))
      log('Revoked, if it was a token of this client.')
    })

  return token
}

function readToken(file: string): string {
  const text = (file === '-' ? readStandardInput() : readSecret(file)).trim()
  if (text === '') throw new Failure('usage', 'The file contains no token.')
  return text
}

/** The client of the environment, or the one of the sign-in. */
function clientOf(session: Session): ClientCredentials {
  const clientId = session.context.token?.clientId ?? session.context.clientId
  if (session.client) return session.client
  if (clientId === null) {
    throw new Failure('usage', 'A client is required: run cerberus login, or set CERBERUS_CLIENT_ID and its secret.')
  }
  return publicClient(clientId)
}
