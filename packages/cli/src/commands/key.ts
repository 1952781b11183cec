import { listSigningKeys, rotateSigningKeys, type SigningKey } from 'cerberus-idp-admin-client'
import { Command } from 'commander'
import { confirm } from '../input/confirm.ts'
import { log } from '../output/log.ts'
import { printList } from '../output/print.ts'
import type { Columns } from '../output/table.ts'
import { invocationOf } from './invocation.ts'

const columns: Columns<SigningKey> = [{ member: 'kid', isIdentifier: true }, 'alg', 'state', 'createdAt', 'activatesAt']

interface RotateOptions {
  algorithm?: string[]
  now?: true
  yes?: true
}

/** `cerberus key`: the signing keys of the server, for its operator. */
export function keyCommand(): Command {
  const key = new Command('key').description('signing keys of the server')

  key
    .command('list')
    .description('list the signing keys')
    .action(async (_options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      printList((await open().send(listSigningKeys())).body.data, format, columns)
    })

  key
    .command('rotate')
    .description('replace the signing keys')
    .option('--algorithm <name...>', 'only the keys of these algorithms')
    .option('--now', 'sign with the new keys immediately, as after a leak')
    .option('-y, --yes', 'rotate without confirmation')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<RotateOptions>(command)
      const session = open()
      const which = options.algorithm ? `the ${options.algorithm.join(' and ')} keys` : 'all signing keys'
      const when = options.now ? 'New keys sign now.' : 'The published next keys take over.'
      await confirm(`Rotate ${which} of ${session.server}? ${when}`, options.yes ?? false)
      const { body } = await session.send(
        rotateSigningKeys({
          ...(options.algorithm && { algorithms: options.algorithm }),
          when: options.now ? 'now' : 'known',
        }),
      )
      printList(body.data, format, columns)
      if (body.unchanged?.length) {
        const algorithms = body.unchanged.map(({ alg }) => alg).join(', ')
        log(
          `The keys of ${algorithms} stay: they were rotated or published less than five minutes ago. Wait, or add --now.`,
        )
      }
    })

  return key
}
