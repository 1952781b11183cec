import { Command, Option } from 'commander'
import { DATA, readData, readPair } from '../data.ts'
import { Failure } from '../failure.ts'
import { askAsClient } from '../client-endpoint.ts'
import { invocationOf } from '../invocation.ts'
import { readMetadata } from '../metadata.ts'
import { readDescription, requestOf, type Operation } from '../operations.ts'
import { show } from '../output.ts'
import { confirm } from '../confirm.ts'
import { demand, succeeded, type ServerRequest } from '../server.ts'
import type { Session } from '../session.ts'

interface ApiOptions {
  operationId?: string
  param: Record<string, string>
  data?: string
  type?: string
  dryRun?: true
  yes?: true
  describe?: true
}

/** `cerberus api`: every operation that the server's OpenAPI document has. */
export function apiCommand(): Command {
  return new Command('api')
    .description('any operation of the interface, by its operationId; without one, the list of them')
    .argument('[operation]', 'its operationId')
    .addOption(new Option('--operation-id <id>', 'the same; may stand for the command: cerberus --operation-id …'))
    .option('-p, --param <name=value>', 'a parameter of its path, query or header; may be repeated', collect, {})
    .option('-d, --data <data>', `the body, ${DATA}`)
    .option('--type <media type>', 'what the body is, where there is a choice')
    .option('--dry-run', 'say what would be done, where the operation can')
    .option('-y, --yes', 'do not ask before something is deleted')
    .option('--describe', 'tell its parameters and an example instead')
    .action(async (argument: string | undefined, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ApiOptions>(command)
      const session = open()
      const { operations } = await readDescription(session.server)
      const id = argument ?? options.operationId
      if (id === undefined) return show(operations, format, ['id', 'method', 'path', 'summary'])
      const operation = operations.find((one) => one.id === id)
      if (!operation)
        throw new Failure('usage', `There is no command or operation ${id}: cerberus --help, cerberus api`)
      const output = options.output ?? 'json'
      if (options.describe) return show(operation, options.output ?? 'yaml')
      if (operation.method === 'DELETE' && !options.dryRun) {
        await confirm(`${operation.summary}?`, options.yes ?? false)
      }
      const data = options.data === undefined ? undefined : readData(options.data)
      const param = options.dryRun ? { ...options.param, dryRun: 'true' } : options.param
      const { body } = await send(session, operation, requestOf(operation, param, data, options.type))
      if (body !== undefined) show(body, typeof body === 'string' ? 'table' : output)
    })
}

/** As nobody, as a client, or as whoever is signed in: as the operation wants it. */
async function send(session: Session, { id, security }: Operation, request: ServerRequest) {
  if (security.length === 0) return demand(session.server, request)
  if (security.includes('clientSecretBasic')) {
    if (!session.client) return demand(session.server, request)
    const form = Object.fromEntries(new URLSearchParams(request.body))
    const metadata = await readMetadata(session.server)
    return succeeded(await askAsClient(metadata, session.client, request.path, form))
  }
  if (security.includes('accessToken')) return session.call(request)
  throw new Failure('usage', `${id} is for browsers, or for a token of its own: it cannot be called from here.`)
}

function collect(given: string, before: Record<string, string>): Record<string, string> {
  const [name, value] = readPair(given, 'A parameter is name=value')
  return { ...before, [name]: value }
}
