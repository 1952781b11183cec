import {
  type ApiRequest,
  listRelated,
  revokeClient,
  revokeClientConsent,
  revokeClientConsents,
  revokeClientGrant,
  revokeClientGrants,
} from 'cerberus-idp-admin-client'
import { Command } from 'commander'
import { Failure } from '../../failure.ts'
import { confirm } from '../../input/confirm.ts'
import { log } from '../../output/log.ts'
import { addPageOptions, type PageOptions, printPagedList, readPagedList } from '../../output/paged-list.ts'
import type { Columns } from '../../output/print.ts'
import { invocationOf } from '../invocation.ts'

interface Authorization {
  name: string
  plural: 'grants' | 'consents'
  columns: Columns
  /** The name of its identifier in the usage. */
  argument: string
  listHelp: string
  revokeHelp: string
  question(which: string, id: string): string
  revoke(id: string, item: string): ApiRequest
  revokeAll(id: string): ApiRequest
}

const authorizations: readonly Authorization[] = [
  {
    name: 'grant',
    plural: 'grants',
    columns: ['id', 'email', 'scopes', 'offline', 'createdAt'],
    argument: 'grant',
    listHelp: 'list the active grants',
    revokeHelp: 'revoke a grant or all grants; the client stays active',
    question: (which, id) => `Revoke ${which} of ${id} and its tokens?`,
    revoke: revokeClientGrant,
    revokeAll: revokeClientGrants,
  },
  {
    name: 'consent',
    plural: 'consents',
    columns: ['userId', 'email', 'scopes', 'grantedAt'],
    argument: 'user',
    listHelp: 'list the users who have consented, and the scopes',
    revokeHelp: 'revoke the consent of a user or of all users, with their grants; they are asked again',
    question: (which, id) => `Revoke ${which} to ${id} and the grants based on it?`,
    revoke: revokeClientConsent,
    revokeAll: revokeClientConsents,
  },
]

/** `cerberus client grant`, `consent` and `revoke`: what users have authorized a client for, and its revocation. */
export function addClientGrants(client: Command): void {
  for (const authorization of authorizations) client.addCommand(authorizationCommand(authorization))

  client
    .command('revoke <id>')
    .description('disable a client and revoke everything issued to it')
    .option('-y, --yes', 'revoke without confirmation')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open } = invocationOf<{ yes?: true }>(command)
      const session = open()
      await confirm(`Disable ${id} and revoke everything issued to it?`, options.yes ?? false)
      await session.send(revokeClient(id))
      log(`Revoked ${id}.`)
    })
}

function authorizationCommand(authorization: Authorization): Command {
  const { name, plural, columns, argument, listHelp, revokeHelp, question, revoke, revokeAll } = authorization
  const command = new Command(name).description(`${plural} of a client`)
  addPageOptions(command.command('list <id>').description(listHelp)).action(
    async (id: string, _options: unknown, list: Command) => {
      const { options, open, format } = invocationOf<PageOptions>(list)
      const found = await readPagedList(open(), (query) => listRelated(id, plural, query), options)
      printPagedList(found, format, columns, plural)
    },
  )
  command
    .command(`revoke <id> [${argument}]`)
    .description(revokeHelp)
    .option('--all', `all ${plural}`)
    .option('-y, --yes', 'revoke without confirmation')
    .action(async (id: string, item: string | undefined, _options: unknown, revocation: Command) => {
      const { options, open } = invocationOf<{ all?: true; yes?: true }>(revocation)
      if ((item === undefined) !== (options.all ?? false)) {
        throw new Failure('usage', `Name one of the ${plural} by its ${argument}, or use --all.`)
      }
      const session = open()
      const which = item === undefined ? `all ${plural}` : `the ${name} ${item}`
      await confirm(question(which, id), options.yes ?? false)
      await session.send(item === undefined ? revokeAll(id) : revoke(id, item))
      log(`Revoked ${which} of ${id}.`)
    })
  return command
}
