// `commands` has a file for each family of commands: their options, the requests that they send, and what they print.

import {
  type ApiRequest,
  type ApiResponse,
  getOpenApiDocument,
  type Operation,
  operationsOf,
  requireSuccess,
} from 'cerberus-idp-admin-client'
import { Command, Option } from 'commander'
import { Failure } from '../failure.ts'
import { closestName } from '../input/closest-name.ts'
import { confirm } from '../input/confirm.ts'
import { DATA_HELP, readData, readPair } from '../input/data.ts'
import { print, printList } from '../output/print.ts'
import type { Columns } from '../output/table.ts'
import { buildOperationRequest } from '../requests/operation-request.ts'
import { postAsClient } from '../requests/post-as-client.ts'
import { sendOrThrow } from '../requests/send.ts'
import { readServerMetadata } from '../requests/server-metadata.ts'
import type { Session } from '../sign-in/session.ts'
import { closestCommand } from './completion/closest-command.ts'
import { invocationOf } from './invocation.ts'

interface ApiOptions {
  operationId?: string
  param: Record<string, string>
  data?: string
  type?: string
  dryRun?: true
  yes?: true
  describe?: true
}

const operationColumns: Columns<Operation> = [{ member: 'id', isIdentifier: true }, 'method', 'summary', 'path']

/** `cerberus api`: calls any operation of the server's OpenAPI document. */
export function apiCommand(): Command {
  return (
    new Command('api')
      .description('call an operation of the API by its operationId; without one, list the operations')
      .argument('[operation]', 'its operationId')
      // A mistyped command arrives here with its arguments.
      .allowExcessArguments()
      .allowUnknownOption()
      .addOption(new Option('--operation-id <id>', 'the same; works without api: cerberus --operation-id …'))
      .option('-p, --param <name=value>', 'a parameter of the path, query or header; repeatable', addParameter, {})
      .option('-d, --data <data>', `the request body, ${DATA_HELP}`)
      .option('--type <media type>', 'media type of the body, where the operation has several')
      .option('--dry-run', 'show the changes without applying them, where the operation supports it')
      .option('-y, --yes', 'delete without confirmation')
      .option('--describe', 'show the parameters and an example of the operation instead')
      .action(async (argument: string | undefined, _options: unknown, command: Command) => {
        const { options, open, format } = invocationOf<ApiOptions>(command)
        const program = command.parent ?? command
        rejectExtraWords(program, command.args)
        const id = argument ?? options.operationId
        const session = openFor(open, program, id)
        const operations = operationsOf((await sendOrThrow(session.server, getOpenApiDocument())).body)
        if (id === undefined) return printList(operations, format, operationColumns)
        const operation = operations.find((one) => one.id === id)
        if (!operation) throw unknownCommand(program, [id], operations)
        if (options.describe) return print(operation, options.output ?? 'yaml')
        if (operation.method === 'DELETE' && !options.dryRun) {
          await confirm(`${operation.summary}?`, options.yes ?? false)
        }
        const data = options.data === undefined ? undefined : readData(options.data)
        const parameters = options.dryRun ? { ...options.param, dryRun: 'true' } : options.param
        const request = buildOperationRequest(operation, parameters, data, options.type)
        const { body } = await sendAuthenticated(session, operation, request)
        if (body !== undefined) print(body, typeof body === 'string' ? 'table' : (options.output ?? 'json'))
      })
  )
}

/** Opens the session. Where that fails, a word that resembles a command is reported as a mistyped command. */
function openFor(open: () => Session, program: Command, id: string | undefined): Session {
  try {
    return open()
  } catch (error) {
    if (id === undefined || closestCommand(program, [id]) === undefined) throw error
    throw unknownCommand(program, [id])
  }
}

/** Throws for words that are no operation alone: those of a mistyped command, or options that no operation has. */
function rejectExtraWords(program: Command, words: readonly string[]): void {
  const option = words.find((word) => word.startsWith('-'))
  const isCommand = words[0] !== option && closestCommand(program, words) !== undefined
  if (option !== undefined && !isCommand) throw new Failure('usage', `unknown option '${option}'`)
  if (words.length > 1) throw unknownCommand(program, words)
}

function unknownCommand(program: Command, words: readonly string[], operations: readonly Operation[] = []): Failure {
  const [word = ''] = words
  const meant =
    closestCommand(program, words) ??
    closestName(
      word,
      operations.map(({ id }) => id),
    )
  const advice = meant === undefined ? 'See cerberus --help and cerberus api.' : `Did you mean cerberus ${meant}?`
  return new Failure('usage', `There is no command or operation ${word}. ${advice}`)
}

/** Sends a request with the authentication that its operation requires: none, a client's, or an access token. */
async function sendAuthenticated(
  session: Session,
  { id, security }: Operation,
  request: ApiRequest,
): Promise<ApiResponse> {
  if (security.length === 0) return sendOrThrow(session.server, request)
  if (security.includes('clientSecretBasic')) {
    if (!session.client) return sendOrThrow(session.server, request)
    const form = Object.fromEntries(new URLSearchParams(request.body))
    const metadata = await readServerMetadata(session.server)
    return requireSuccess(await postAsClient(metadata, session.client, request.path, form))
  }
  if (security.includes('accessToken')) return session.send(request)
  throw new Failure('usage', `${id} requires a browser session or a token of its own. It cannot be called from here.`)
}

function addParameter(argument: string, before: Record<string, string>): Record<string, string> {
  const [name, value] = readPair(argument, '--param requires name=value')
  return { ...before, [name]: value }
}
