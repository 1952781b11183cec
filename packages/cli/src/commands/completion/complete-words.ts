import {
  bodyMembers,
  getOpenApiDocument,
  listClients,
  MAX_PAGE_SIZE,
  operationsOf,
  readSorts,
  settableMembers,
} from 'cerberus-idp-admin-client'
import type { Argument, Command, Option } from 'commander'
import type { AnyResource } from '../../directory/resource.ts'
import { resources } from '../../directory/resources.ts'
import { sendOrThrow } from '../../requests/send.ts'
import { createContextStore } from '../../sign-in/contexts.ts'
import { openSession, type Session } from '../../sign-in/session.ts'
import { readEnvironment } from '../../system/environment.ts'

/** A command line as far as it is typed. */
interface Line {
  command: Command
  /** The values of options so far, by their long name. */
  options: ReadonlyMap<string, string>
  /** The arguments of the command so far. */
  values: readonly string[]
  /** The option that the last word is the value of. */
  pending: Option | undefined
  last: string
}

const fileOptions = new Set(['--data', '--file', '--parameters', '--password-file', '--secrets-out'])

/** The completions of the last word, or that it is the name of a file. */
export async function completeWords(program: Command, words: readonly string[]): Promise<string[] | 'files'> {
  const line = parseLine(program, words)
  const found = await candidates(program, line)
  if (found === 'files') return found
  return [...new Set(found)].filter((name) => name !== '' && name.startsWith(line.last)).sort()
}

async function candidates(program: Command, line: Line): Promise<string[] | 'files'> {
  const { command, pending, last, values } = line
  if (pending) {
    const resource = resourceNamed(/[<[]([\w-]+)/.exec(pending.flags)?.[1])
    return resource ? namesOf(line, resource) : valuesOf(pending.long ?? '', pending.argChoices, line)
  }
  if (last.startsWith('-')) return [...command.options, ...program.options].map(({ long }) => long ?? '')
  const visible = command.createHelp().visibleCommands(command)
  if (visible.length > 0 && values.length === 0) return visible.map((one) => one.name())
  const argument = command.registeredArguments[Math.min(values.length, command.registeredArguments.length - 1)]
  if (!argument || (values.length >= command.registeredArguments.length && !argument.variadic)) return []
  return valuesOfArgument(argument, line)
}

/** The values of an option, as far as they are known. */
async function valuesOf(long: string, choices: readonly string[] | undefined, line: Line): Promise<string[] | 'files'> {
  if (choices) return [...choices]
  if (fileOptions.has(long)) return 'files'
  const { command, values } = line
  switch (long) {
    case '--context':
      return contextNames()
    case '--set':
      return ask(line, async (session) => {
        const document = (await sendOrThrow(session.server, getOpenApiDocument())).body
        const { create, change } = resourceNamed(command.parent?.name()) ?? {}
        const described = command.name() === 'create' ? create : change
        const members = described ? bodyMembers(document, described.operationId).keys() : settableMembers(document)
        return [...members].map((name) => `${name}=`)
      })
    case '--sort':
      if (resourceNamed(command.parent?.name())) return []
      return ask(line, async (session) => readSorts((await sendOrThrow(session.server, getOpenApiDocument())).body))
    case '--param':
      return command.name() === 'api' ? parametersOf(line, values[0]) : []
    case '--operation-id':
      return operationIds(line)
    case '--type':
      return command.name() === 'list' ? ['confidential', 'public'] : []
    default:
      return []
  }
}

async function valuesOfArgument(argument: Argument, line: Line): Promise<string[]> {
  const { command, last } = line
  if (argument.argChoices) return [...argument.argChoices]
  const family = command.parent?.name()
  if (family === 'context' && command.name() !== 'add') return contextNames()
  if (command.name() === 'api') return operationIds(line)
  const resource = resourceNamed(argument.name())
  if (resource) return namesOf(line, resource)
  if (argument.name() !== 'id' || !isAboutClients(command)) return []
  return ask(line, async (session) => {
    const search = last === '' ? undefined : last
    const { data } = (await session.send(listClients({ search, sort: 'clientId', limit: String(MAX_PAGE_SIZE) }))).body
    return data.map(({ clientId }) => clientId)
  })
}

const resourceNamed = (noun: string | undefined) => resources.find((resource) => resource.noun === noun)

/** The keys of the items that a list finds, such as the e-mail addresses of users. */
const namesOf = (line: Line, { list, namesOf: names }: AnyResource) =>
  ask(line, async (session) => {
    const search = line.last === '' ? undefined : line.last
    const { data } = (await session.send(list({ search, limit: String(MAX_PAGE_SIZE) }))).body
    return data.map((item) => names(item)[0] ?? '')
  })

/** Whether a command is below `cerberus client`. */
function isAboutClients(command: Command): boolean {
  const { parent } = command
  return parent !== null && (parent.name() === 'client' || isAboutClients(parent))
}

const operationIds = (line: Line) =>
  ask(line, async (session) =>
    operationsOf((await sendOrThrow(session.server, getOpenApiDocument())).body).map(({ id }) => id),
  )

const parametersOf = (line: Line, id: string | undefined) =>
  ask(line, async (session) => {
    const operations = operationsOf((await sendOrThrow(session.server, getOpenApiDocument())).body)
    return operations.find((one) => one.id === id)?.parameters.map(({ name }) => `${name}=`) ?? []
  })

const contextNames = () => Object.keys(createContextStore(readEnvironment().configDirectory).read().contexts)

/** What the server of the command line knows. Without a server or a sign-in, there is nothing to complete. */
async function ask(line: Line, read: (session: Session) => Promise<string[]>): Promise<string[]> {
  const environment = readEnvironment()
  const target = {
    context: line.options.get('--context'),
    server: line.options.get('--server'),
    organisation: line.options.get('--org'),
  }
  try {
    return await read(openSession(target, environment, createContextStore(environment.configDirectory)))
  } catch {
    return []
  }
}

function parseLine(program: Command, words: readonly string[]): Line {
  const options = new Map<string, string>()
  let [command, pending]: [Command, Option | undefined] = [program, undefined]
  let values: string[] = []
  for (const word of words.slice(0, -1)) {
    if (pending) {
      options.set(pending.long ?? '', word)
      pending = undefined
    } else if (word.startsWith('-')) {
      const [name, value] = word.split('=', 2)
      const option = [...command.options, ...program.options].find(({ long, short }) => name === long || name === short)
      if (option && !option.isBoolean() && value === undefined) pending = option
      else if (option && value !== undefined) options.set(option.long ?? '', value)
    } else {
      const below: Command | undefined = command.commands.find(
        (one) => one.name() === word || one.aliases().includes(word),
      )
      if (below) [command, values] = [below, []]
      else values.push(word)
    }
  }
  return { command, options, values, pending, last: words.at(-1) ?? '' }
}
