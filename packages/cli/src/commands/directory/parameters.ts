import { Argument, type Command, Option } from 'commander'
import { findItem } from '../../directory/find-item.ts'
import type { Parameter, Values } from '../../directory/resource.ts'
import { resourceOf } from '../../directory/resources.ts'
import { Failure } from '../../failure.ts'
import { readFileText } from '../../input/data.ts'
import type { Session } from '../../sign-in/session.ts'

const isOption = ({ usage }: Parameter) => usage.startsWith('-')

/** Adds the arguments and options of parameters to a command. */
export function addParameters(command: Command, parameters: readonly Parameter[]): Command {
  for (const parameter of parameters) {
    const { usage, help, choices } = parameter
    if (isOption(parameter)) {
      const option = new Option(usage, help)
      command.addOption(choices ? option.choices(choices) : option)
    } else command.addArgument(new Argument(usage, help))
  }
  return command
}

/** What a command was given for these parameters. Names of other resources become their ids. */
export async function readValues(
  session: Session,
  command: Command,
  parameters: readonly Parameter[],
): Promise<Values> {
  const values: Record<string, unknown> = {}
  for (const parameter of parameters) {
    const given = valueOf(command, parameter)
    if (given === undefined || (Array.isArray(given) && given.length === 0)) continue
    values[parameter.name] = await readValue(session, parameter, given)
  }
  return values
}

async function readValue(session: Session, parameter: Parameter, given: unknown): Promise<unknown> {
  const { usage, type, refersTo } = parameter
  if (refersTo !== undefined) {
    const resource = resourceOf(refersTo)
    const find = async (name: string) => resource.idOf(await findItem(session, resource, name))
    if (!Array.isArray(given)) return find(String(given))
    const ids: string[] = []
    for (const name of given) ids.push(await find(String(name)))
    return ids
  }
  if (type === 'number') {
    if (!/^\d{1,9}$/.test(String(given))) throw new Failure('usage', `${usage} must be a whole number.`)
    return Number(given)
  }
  // A last line break belongs to the file, not to the value.
  if (type === 'file') return readFileText(String(given)).replace(/\r?\n$/, '')
  return given
}

/** An argument by its place, or an option by its name. */
function valueOf(command: Command, parameter: Parameter): unknown {
  if (isOption(parameter)) {
    const option = new Option(parameter.usage)
    return command.getOptionValue(option.attributeName())
  }
  const name = new Argument(parameter.usage).name()
  return command.processedArgs[command.registeredArguments.findIndex((argument) => argument.name() === name)]
}
