import { listUsers, previewClientClaims } from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import { Failure } from '../../failure.ts'
import { claimRows } from '../../output/claims-output.ts'
import { print, printList } from '../../output/print.ts'
import type { Session } from '../../sign-in/session.ts'
import { invocationOf } from '../invocation.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** `cerberus client claims`: what a client would get for a user. */
export function addClientClaims(client: Command): void {
  client
    .command('claims <id>')
    .description('preview the claims of a user in tokens, at userinfo and at introspection, and why; issues nothing')
    .requiredOption('--user <user>', 'the id or the e-mail address of the user')
    .option('--scope <scopes>', 'the granted scopes, separated by spaces; default all scopes of the client')
    .option('--resource <identifier>', 'the resource that the access token is for')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ user: string; scope?: string; resource?: string }>(command)
      const session = open()
      const userId = await findUserId(session, options.user)
      const { scope, resource } = options
      const target = { ...(scope !== undefined && { scope }), ...(resource !== undefined && { resource }) }
      const { body } = await session.send(previewClientClaims(id, { userId, ...target }))
      if (format !== 'table') print(body, format)
      else printList(claimRows(body), format, ['place', 'claim', 'value', 'why'], { wraps: true })
    })
}

/** The id of the user with this id or e-mail address. */
async function findUserId(session: Session, user: string): Promise<string> {
  if (UUID.test(user)) return user
  const { data } = (await session.send(listUsers({ search: user, limit: '100' }))).body
  const found = data.find(({ email }) => email.toLowerCase() === user.trim().toLowerCase())
  if (!found) throw new Failure('notFound', `No user has the e-mail address ${user}.`)
  return found.id
}
