import { Command } from 'commander'
import { confirm } from '../confirm.ts'
import { invocationOf } from '../invocation.ts'
import { show } from '../output.ts'

const columns = ['kid', 'alg', 'state', 'createdAt', 'activatesAt']
const PATH = '/v1/admin/signing-keys'

/** `cerberus key`: the signing keys of the server, for its operator. */
export function keyCommand(): Command {
  const key = new Command('key').description('the signing keys of the server')

  key
    .command('list')
    .description('list the signing keys')
    .action(async (_options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      const { body } = await open().call({ method: 'GET', path: PATH })
      show((body as { data: unknown }).data, format, columns)
    })

  key
    .command('rotate')
    .description('replace the signing keys')
    .option('--algorithm <name...>', 'only the keys of these algorithms')
    .option('--now', 'sign with the new keys at once, as after a leak')
    .option('-y, --yes', 'do not ask')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ algorithm?: string[]; now?: true; yes?: true }>(command)
      const session = open()
      await confirm(`Rotate the signing keys of ${session.server}?`, options.yes ?? false)
      const { body } = await session.call({
        method: 'POST',
        path: `${PATH}/rotate`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...(options.algorithm && { algorithms: options.algorithm }),
          when: options.now ? 'now' : 'known',
        }),
      })
      show((body as { data: unknown }).data, format, columns)
    })

  return key
}
