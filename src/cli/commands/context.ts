import { Command } from 'commander'
import { serverAddress, withContext, type Context, type Contexts } from '../contexts.ts'
import { Failure } from '../failure.ts'
import { invocationOf } from '../invocation.ts'
import { readMetadata } from '../metadata.ts'
import { show, tell } from '../output.ts'
import { confirm } from '../confirm.ts'

/** `cerberus context`: the servers that are known here, and which of them is in use. */
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
      show(rows, format, ['name', 'server', 'organisation', 'inUse', 'signedIn'])
    })

  context
    .command('add <name>')
    .description('add a server (named by --server), and use it')
    .option('--client-id <id>', 'the client that people sign in with')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { options, store, environment } = invocationOf<{ clientId?: string }>(command)
      const address = options.server ?? environment.server
      if (address === undefined) throw new Failure('usage', 'Name the server: --server https://auth.example.com')
      const server = serverAddress(address)
      if (!/^[\w.-]{1,64}$/.test(name)) throw new Failure('usage', 'A name has letters, digits, . _ and - alone.')
      const refuseTwice = ({ contexts }: Contexts) => {
        if (Object.hasOwn(contexts, name)) throw new Failure('conflict', `There is a context ${name} already.`)
      }
      refuseTwice(store.read())
      await readMetadata(server)
      const added = { server, clientId: options.clientId ?? null, organisation: options.org ?? null, token: null }
      await store.update((contexts) => {
        refuseTwice(contexts)
        return { ...withContext(contexts, name, added), current: name }
      })
      tell(`Using ${name}, ${server}.`)
    })

  context
    .command('use <name>')
    .description('use a context from now on')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { store } = invocationOf(command)
      await store.update(({ contexts }) => {
        existing(contexts, name)
        return { current: name, contexts }
      })
      tell(`Using ${name}, ${existing(store.read().contexts, name).server}.`)
    })

  context
    .command('remove <name>')
    .description('forget a context, and whoever is signed in there')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { options, store } = invocationOf<{ yes?: boolean }>(command)
      existing(store.read().contexts, name)
      await confirm(`Forget ${name}?`, options.yes ?? false)
      await store.update(({ current, contexts: { [name]: _, ...others } }) => ({
        current: current === name ? null : current,
        contexts: others,
      }))
    })

  return context
}

function existing(contexts: Contexts['contexts'], name: string): Context {
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined
  if (!found) throw new Failure('notFound', `There is no context ${name}.`)
  return found
}
