import {
  type ApiRequest,
  type ClientConsent,
  type ClientGrant,
  listClientConsents,
  listClientGrants,
  MAX_PAGE_SIZE,
  type Page,
  type Query,
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
import type { Columns } from '../../output/table.ts'
import type { Session } from '../../sign-in/session.ts'
import { invocationOf } from '../invocation.ts'
import { identifyClient, questionWithDependents } from './identify-client.ts'

interface Authorization<Item extends ClientGrant | ClientConsent> {
  name: string
  plural: 'grants' | 'consents'
  columns: Columns<Item>
  /** The name of its identifier in the usage. */
  argument: string
  listHelp: string
  revokeHelp: string
  question(which: string, client: string): string
  idOf(item: Item): string
  list(id: string, query: Query): ApiRequest<Page<Item>>
  revoke(id: string, item: string): ApiRequest
  revokeAll(id: string): ApiRequest
}

const grants: Authorization<ClientGrant> = {
  name: 'grant',
  plural: 'grants',
  columns: [{ member: 'id', isIdentifier: true }, 'email', 'scopes', 'createdAt', 'offline'],
  list: listClientGrants,
  idOf: ({ id }) => id,
  argument: 'grant',
  listHelp: 'list the active grants',
  revokeHelp: 'revoke a grant or all grants; the client stays active',
  question: (which, client) => `Revoke ${which} to ${client}, with its tokens?`,
  revoke: revokeClientGrant,
  revokeAll: revokeClientGrants,
}

const consents: Authorization<ClientConsent> = {
  name: 'consent',
  plural: 'consents',
  columns: [{ member: 'userId', isIdentifier: true }, 'email', 'scopes', 'grantedAt'],
  list: listClientConsents,
  idOf: ({ userId }) => userId,
  argument: 'user',
  listHelp: 'list the users who have consented, and the scopes',
  revokeHelp: 'revoke the consent of a user or of all users, with their grants; they are asked again',
  question: (which, client) => `Revoke ${which} to ${client}, with the grants based on it?`,
  revoke: revokeClientConsent,
  revokeAll: revokeClientConsents,
}

/** `cerberus client grant`, `consent` and `revoke`: what users have authorized a client for, and its revocation. */
export function addClientGrants(client: Command): void {
  client.addCommand(authorizationCommand(grants))
  client.addCommand(authorizationCommand(consents))

  client
    .command('revoke <id>')
    .description('disable a client and revoke everything issued to it')
    .option('-y, --yes', 'revoke without confirmation')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open } = invocationOf<{ yes?: true }>(command)
      const session = open()
      await confirm(() => questionWithDependents(session, 'Disable and revoke', id), options.yes ?? false)
      await session.send(revokeClient(id))
      log(`Revoked ${id}.`)
    })
}

function authorizationCommand<Item extends ClientGrant | ClientConsent>(authorization: Authorization<Item>): Command {
  const { name, plural, columns, argument, listHelp, revokeHelp, question, revoke, revokeAll, idOf } = authorization
  const command = new Command(name).description(`${plural} of a client`)
  addPageOptions(command.command('list <id>').description(listHelp)).action(
    async (id: string, _options: unknown, list: Command) => {
      const { options, open, format } = invocationOf<PageOptions>(list)
      const found = await readPagedList(open(), (query) => authorization.list(id, query), options)
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
      await confirm(async () => {
        const subject = item === undefined ? which : `${which}${await userOf(session, id, item)}`
        return question(subject, await identifyClient(session, id))
      }, options.yes ?? false)
      await session.send(item === undefined ? revokeAll(id) : revoke(id, item))
      log(`Revoked ${which} of ${id}.`)
    })
  /** The user of a grant or consent, if it is among the newest. */
  async function userOf(session: Session, id: string, item: string): Promise<string> {
    const { data } = (await session.send(authorization.list(id, { limit: String(MAX_PAGE_SIZE) }))).body
    const found = data.find((one) => idOf(one) === item)
    return found ? ` of ${found.email} (${found.scopes.join(' ')})` : ''
  }

  return command
}
