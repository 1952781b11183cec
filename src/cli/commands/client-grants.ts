import { Command } from 'commander'
import { clientPath } from '../client-requests.ts'
import { confirm } from '../confirm.ts'
import { Failure } from '../failure.ts'
import { invocationOf } from '../invocation.ts'
import type { Columns } from '../output.ts'
import { tell } from '../output.ts'
import { paged, readPages, showFound, withQuery, type PageOptions } from '../pages.ts'

interface Kind {
  /** The command, and what is below the path of a client. */
  word: string
  below: string
  things: string
  columns: Columns
  /** What one of them is named by, and how that is called in the usage. */
  argument: string
  list: string
  revoke: string
  questionOf: (which: string, id: string) => string
}

const kinds: readonly Kind[] = [
  {
    word: 'grant',
    below: '/grants',
    things: 'grants',
    columns: ['id', 'email', 'scopes', 'offline', 'createdAt'],
    argument: 'grant',
    list: 'what people have granted it, and still works',
    revoke: 'end a grant, or all that was issued to the client; it stays active',
    questionOf: (which, id) => `End ${which} of ${id}, with all tokens that hang from it?`,
  },
  {
    word: 'consent',
    below: '/consents',
    things: 'consents',
    columns: ['userId', 'email', 'scopes', 'grantedAt'],
    argument: 'user',
    list: 'who has agreed to what, and is not asked again',
    revoke: 'take back what a person agreed to, or everybody; they are asked anew, and what they granted ends',
    questionOf: (which, id) => `Take back ${which} to ${id}, and end what was granted by it?`,
  },
]

/** `cerberus client grant` and `consent`: what people have allowed a client, and its end; and `client revoke`, the end of all. */
export function addClientGrants(client: Command): void {
  for (const kind of kinds) client.addCommand(kindCommand(kind))

  client
    .command('revoke <id>')
    .description('switch a client off, and void for good what was issued to it')
    .option('-y, --yes', 'do not ask')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open } = invocationOf<{ yes?: true }>(command)
      const session = open()
      await confirm(`Switch ${id} off, and void all that was issued to it?`, options.yes ?? false)
      await session.call({ method: 'POST', path: clientPath(id, '/revoke') })
      tell(`Revoked ${id}.`)
    })
}

function kindCommand({ word, below, things, columns, argument, list, revoke, questionOf }: Kind): Command {
  const kind = new Command(word).description(`the ${things} of a client`)
  paged(kind.command('list <id>').description(list)).action(async (id: string, _options: unknown, command: Command) => {
    const { options, open, format } = invocationOf<PageOptions>(command)
    const found = await readPages(open(), (query) => withQuery(clientPath(id, below), query), options)
    showFound(found, format, columns, things)
  })
  kind
    .command(`revoke <id> [${argument}]`)
    .description(revoke)
    .option('--all', `all ${things}`)
    .option('-y, --yes', 'do not ask')
    .action(async (id: string, one: string | undefined, _options: unknown, command: Command) => {
      const { options, open } = invocationOf<{ all?: true; yes?: true }>(command)
      if ((one === undefined) !== (options.all ?? false)) {
        throw new Failure('usage', `Say which of the ${things}: one by its ${argument}, or --all.`)
      }
      const session = open()
      const which = one === undefined ? `all ${things}` : `the ${word} ${one}`
      await confirm(questionOf(which, id), options.yes ?? false)
      const path = one === undefined ? below : `${below}/${encodeURIComponent(one)}`
      await session.call({ method: 'DELETE', path: clientPath(id, path) })
      tell(`Ended ${which} of ${id}.`)
    })
  return kind
}
