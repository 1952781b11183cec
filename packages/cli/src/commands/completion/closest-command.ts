import type { Command } from 'commander'
import { closestName } from '../../input/closest-name.ts'

/** The command that mistyped words probably mean, with its arguments: `client list --all`. Undefined where none is close. */
export function closestCommand(program: Command, words: readonly string[]): string | undefined {
  const [word = '', ...rest] = words
  const commands = program.createHelp().visibleCommands(program)
  const name = closestName(
    word,
    commands.flatMap((one) => [one.name(), ...one.aliases()]),
  )
  const found = commands.find((one) => one.name() === name || one.aliases().includes(name ?? ''))
  if (name === undefined || !found) return undefined
  const below =
    found.commands.length > 0 && rest.length > 0 ? (closestCommand(found, rest) ?? rest.join(' ')) : rest.join(' ')
  return below === '' ? name : `${name} ${below}`
}
