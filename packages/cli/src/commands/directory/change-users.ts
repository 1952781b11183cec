import { type BulkResult, changeUsers, countUsersToChange } from 'cerberus-idp-admin-client'
import { Argument, type Command, Option } from 'commander'
import { findItem } from '../../directory/find-item.ts'
import { resourceOf } from '../../directory/resources.ts'
import { exitCodes, Failure } from '../../failure.ts'
import { confirm } from '../../input/confirm.ts'
import { log } from '../../output/log.ts'
import { print } from '../../output/print.ts'
import type { Session } from '../../sign-in/session.ts'
import { invocationOf } from '../invocation.ts'

const actions = {
  block: 'Block',
  unblock: 'Unblock',
  suspend: 'Suspend the memberships of',
  reactivate: 'Make the memberships active of',
  delete: 'Delete',
  'end-sessions': 'End the sessions of',
  'assign-role': 'Give the role to',
  'remove-role': 'Take the role from',
  'add-to-team': 'Add to the team',
  'remove-from-team': 'Remove from the team',
} as const
type Action = keyof typeof actions

const filters = ['search', 'email', 'externalId', 'role', 'team', 'status'] as const

interface BulkOptions extends Partial<Record<(typeof filters)[number], string>> {
  everyUser?: true
  reason?: string
  dryRun?: true
  yes?: true
}

/** `cerberus user bulk`: counts the users of a filter, asks, and changes exactly that number. */
export function addUserBulk(user: Command): void {
  user
    .command('bulk')
    .description(
      'change many users by a filter, after their number was confirmed; exit with 9 if some were not changed',
    )
    .addArgument(new Argument('<action>', 'what is done to each').choices(Object.keys(actions)))
    .argument('[target]', 'the role or team of actions that need one')
    .option('--search <text>', 'part of an e-mail address, a name, a phone number or an id')
    .option('--email <email>', 'the user with this address')
    .option('--external-id <id>', 'the user with this id in another system')
    .option('--role <role>', 'only users with this role')
    .option('--team <team>', 'only members of this team')
    .addOption(
      new Option('--status <status>', 'only users with this status').choices(['active', 'blocked', 'suspended']),
    )
    .option('--every-user', 'all users of the organisation, instead of a filter')
    .option('--reason <text>', 'why, of block and suspend')
    .option('--dry-run', 'show only how many users the filter finds')
    .option('-y, --yes', 'do it without confirmation')
    .addHelpText('after', '\nExample:\n  cerberus user bulk assign-role support --team contractors --status active')
    .action(async (action: Action, target: string | undefined, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<BulkOptions>(command)
      const filter = Object.fromEntries(
        filters.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
      )
      if ((Object.keys(filter).length === 0) !== (options.everyUser === true)) {
        throw new Failure('usage', 'Name the users by filters, or use --every-user.')
      }
      const session = open()
      const change = {
        filter,
        action,
        ...(options.reason !== undefined && { reason: options.reason }),
        ...(await readTarget(session, action, target)),
      }
      const { count } = (await session.send(countUsersToChange(change))).body
      const users = count === 1 ? '1 user' : `${count} users`
      if (options.dryRun) return print({ dryRun: true, count }, format)
      if (count === 0) {
        if (format !== 'table') return print({ action, outcomes: { changed: 0 } }, format)
        return log('The filter finds no user.')
      }
      const tail = target === undefined ? '' : ` (${target})`
      await confirm(`${actions[action]} ${users}${tail}?`, options.yes ?? false)
      const { body } = await session.send(changeUsers({ ...change, expectedCount: count }))
      if (format !== 'table') print(body, format)
      log(describeOutcomes(body))
      const { forbidden, owner, ownAccount } = body.outcomes
      if (forbidden + owner + ownAccount > 0) process.exitCode = exitCodes.failedCheck
    })
}

/** The role or the team of an action, as a member of the request. */
async function readTarget(session: Session, action: Action, target: string | undefined): Promise<object> {
  const noun = action.endsWith('-role') ? 'role' : action.endsWith('-team') ? 'team' : undefined
  if (noun === undefined) {
    if (target !== undefined) throw new Failure('usage', `${action} needs nothing besides the filter.`)
    return {}
  }
  if (target === undefined) throw new Failure('usage', `Name the ${noun}: cerberus user bulk ${action} <${noun}>`)
  const resource = resourceOf(noun)
  return { [`${noun}Id`]: resource.idOf(await findItem(session, resource, target)) }
}

/** `12 changed, 1 unchanged`: outcomes that did not occur are left out. */
export function describeOutcomes({ outcomes }: BulkResult): string {
  const words = {
    changed: 'changed',
    unchanged: 'unchanged',
    forbidden: 'with permissions that you lack',
    owner: 'owners, who are changed one by one',
    ownAccount: 'your own account',
  } as const
  const named = Object.entries(words).map(([name, text]) => [outcomes[name as keyof typeof words], text] as const)
  const shown = named.filter(([number], index) => number > 0 || index === 0)
  return `${shown.map(([number, text]) => `${number} ${text}`).join(', ')}.`
}
