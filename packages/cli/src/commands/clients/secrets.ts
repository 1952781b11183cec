import { addClientSecret, deleteClientSecret, listClientSecrets } from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import { confirm } from '../../input/confirm.ts'
import { log } from '../../output/log.ts'
import { print, printList } from '../../output/print.ts'
import { invocationOf } from '../invocation.ts'
import { identifyClient } from './identify-client.ts'

interface AddOptions {
  label?: string
  expiresAt?: string
  forSigning?: true
}

/** `cerberus client secret`: a client can have several secrets, such as one for each deployment. */
export function addClientSecrets(client: Command): void {
  const secret = client.command('secret').description('secrets of a client')

  secret
    .command('list <id>')
    .description('list the valid secrets, without the secrets themselves')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      const { data } = (await open().send(listClientSecrets(id))).body
      printList(data, format, [{ member: 'id', isIdentifier: true }, 'label', 'expiresAt', 'createdAt', 'lastUsedAt'])
    })

  secret
    .command('add <id>')
    .description('add a secret, which is shown once; the others stay valid')
    .option('--label <text>', 'a name for it')
    .option('--expires-at <time>', 'when it expires, in ISO 8601')
    .option('--for-signing', 'a secret that can sign assertions (client_secret_jwt)')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<AddOptions>(command)
      const { label, expiresAt, forSigning } = options
      const request = addClientSecret(id, {
        ...(label !== undefined && { label }),
        ...(expiresAt !== undefined && { expiresAt }),
        ...(forSigning && { forSigning }),
      })
      print((await open().send(request)).body, format)
    })

  secret
    .command('delete <id> <secret>')
    .description('delete a secret by its id; it is rejected immediately')
    .option('-y, --yes', 'delete without confirmation')
    .action(async (id: string, secretId: string, _options: unknown, command: Command) => {
      const { options, open } = invocationOf<{ yes?: true }>(command)
      const session = open()
      await confirm(async () => {
        const { data } = (await session.send(listClientSecrets(id))).body
        const label = data.find((one) => one.id === secretId)?.label
        const last =
          data.length === 1 ? ' It is the last one: the client can no longer authenticate with a secret.' : ''
        const named = typeof label === 'string' ? ` “${label}”` : ''
        return `Delete the secret${named} (${secretId}) of ${await identifyClient(session, id)}?${last}`
      }, options.yes ?? false)
      await session.send(deleteClientSecret(id, secretId))
      log(`Deleted the secret ${secretId} of ${id}.`)
    })
}
