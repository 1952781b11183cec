import type { Command } from 'commander'
import { clientPath, json } from '../client-requests.ts'
import { confirm } from '../confirm.ts'
import { invocationOf } from '../invocation.ts'
import { show, tell } from '../output.ts'

interface AddOptions {
  label?: string
  expiresAt?: string
  forSigning?: true
}

/** `cerberus client secret`: several may be good at once, so that deployments can be given one each. */
export function addClientSecrets(client: Command): void {
  const secret = client.command('secret').description('the secrets of a client')

  secret
    .command('list <id>')
    .description('list those that are good; never the secrets themselves')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      const { body } = await open().call({ method: 'GET', path: clientPath(id, '/secrets') })
      show((body as { data: unknown }).data, format, ['id', 'label', 'expiresAt', 'createdAt', 'lastUsedAt'])
    })

  secret
    .command('add <id>')
    .description('give a client one more secret, shown this once; the others stay good')
    .option('--label <text>', 'what you call it')
    .option('--expires-at <instant>', 'when it ends, in ISO 8601')
    .option('--for-signing', 'one that can be signed with, for client_secret_jwt')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<AddOptions>(command)
      const { label, expiresAt, forSigning } = options
      const body = json({
        ...(label !== undefined && { label }),
        ...(expiresAt !== undefined && { expiresAt }),
        ...(forSigning && { forSigning }),
      })
      show((await open().call({ method: 'POST', path: clientPath(id, '/secrets'), ...body })).body, format)
    })

  secret
    .command('delete <id> <secret>')
    .description('end a secret at once, by its id')
    .option('-y, --yes', 'do not ask')
    .action(async (id: string, which: string, _options: unknown, command: Command) => {
      const { options, open } = invocationOf<{ yes?: true }>(command)
      const session = open()
      await confirm(`End the secret ${which} of ${id}?`, options.yes ?? false)
      await session.call({ method: 'DELETE', path: clientPath(id, `/secrets/${encodeURIComponent(which)}`) })
      tell(`Ended the secret ${which} of ${id}.`)
    })
}
