import { Command } from 'commander'
import { serverAddress } from '../contexts.ts'
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
      const { contexts } = store.read()
      if (Object.hasOwn(contexts, name)) throw new Failure('conflict', `There is a context ${name} already.`)
      await readMetadata(server)
      const added = { server, clientId: options.clientId ?? null, organisation: options.org ?? null, token: null }
      store.write({ current: name, contexts: { ...contexts, [name]: added } })
      tell(`Using ${name}, ${server}.`)
    })

  context
    .command('use <name>')
    .description('use a context from now on')
    .action((name: string, _options: unknown, command: Command) => {
      const { store } = invocationOf(command)
      const { contexts } = store.read()
      if (!Object.hasOwn(contexts, name)) throw new Failure('notFound', `There is no context ${name}.`)
      store.write({ current: name, contexts })
      tell(`Using ${name}, ${contexts[name]?.server}.`)
    })

  context
    .command('remove <name>')
    .description('forget a context, and whoever is signed in there')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { options, store } = invocationOf<{ yes?: boolean }>(command)
      const { current, contexts } = store.read()
      const { [name]: removed, ...others } = contexts
      if (!removed) throw new Failure('notFound', `There is no context ${name}.`)
      await confirm(`Forget ${name}?`, options.yes ?? false)
      store.write({ current: current === name ? null : current, contexts: others })
    })

  return context
}
