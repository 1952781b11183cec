import { Command } from 'commander'
import { Failure } from '../../failure.ts'
import { suggestion } from '../../input/closest-name.ts'
import { confirm } from '../../input/confirm.ts'
import { log } from '../../output/log.ts'
import { printList } from '../../output/print.ts'
import { readServerMetadata } from '../../requests/server-metadata.ts'
import { type Context, type Contexts, parseServerAddress, withContext } from '../../sign-in/contexts.ts'
import { invocationOf } from '../invocation.ts'

/** `cerberus context`: the configured servers, and the current one. */
export function contextCommand(): Command {
  const context = new Command('context').description('the servers that you work with')

  context
    .command('list')
    .description('list the contexts')
    .action((_options: unknown, command: Command) => {
      const { store, format } = invocationOf(command)
      const { current, contexts } = store.read()
      const rows = Object.entries(contexts).map(([name, { server, clientId, organisation, token }]) => ({
        name,
        server,
        clientId,
        organisation,
        inUse: name === current,
        signedIn: token !== null,
      }))
      printList(rows, format, ['name', 'server', 'organisation', 'inUse', 'signedIn'])
    })

  context
    .command('add <name>')
    .description('add the server of --server and make it the current context')
    .option('--client-id <id>', 'the client to sign in with')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { options, store, environment } = invocationOf<{ clientId?: string }>(command)
      const address = options.server ?? environment.server
      if (address === undefined) throw new Failure('usage', 'Name the server: --server https://auth.example.com')
      const server = parseServerAddress(address)
      if (!/^[\w.-]{1,64}$/.test(name))
        throw new Failure('usage', 'A context name consists of 1 to 64 letters, digits, dots, underscores and hyphens.')
      const requireUnused = ({ contexts }: Contexts) => {
        if (Object.hasOwn(contexts, name)) throw new Failure('conflict', `The context ${name} already exists.`)
      }
      requireUnused(store.read())
      await readServerMetadata(server)
      const added = { server, clientId: options.clientId ?? null, organisation: options.org ?? null, token: null }
      await store.update((contexts) => {
        requireUnused(contexts)
        return { ...withContext(contexts, name, added), current: name }
      })
      log(`Using ${name}, ${server}.`)
    })

  context
    .command('use <name>')
    .description('make a context the current one')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { store } = invocationOf(command)
      await store.update(({ contexts }) => {
        requireContext(contexts, name)
        return { current: name, contexts }
      })
      log(`Using ${name}, ${requireContext(store.read().contexts, name).server}.`)
    })

  context
    .command('remove <name>')
    .description('remove a context and its sign-in')
    .option('-y, --yes', 'remove without confirmation')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { options, store } = invocationOf<{ yes?: boolean }>(command)
      const { server, token } = requireContext(store.read().contexts, name)
      const signIn = token === null ? '' : ', with your sign-in there'
      await confirm(`Remove the context ${name} of ${server}${signIn}?`, options.yes ?? false)
      await store.update(({ current, contexts: { [name]: _, ...others } }) => ({
        current: current === name ? null : current,
        contexts: others,
      }))
    })

  return context
}

function requireContext(contexts: Contexts['contexts'], name: string): Context {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined
  if (!found) throw new Failure('notFound', `There is no context ${name}.${suggestion(name, Object.keys(contexts))}`)
  return found
}
