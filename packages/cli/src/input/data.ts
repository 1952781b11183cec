import { existsSync, readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { Failure } from '../failure.ts'

/** Help for options that take data. */
export const DATA_HELP = 'JSON or YAML: a file, - for standard input, or the text itself'

const MAX_NAME_LENGTH = 60

/**
 * The value of `--data`: JSON or YAML in `@file` or a file, on standard input for `-`, or in the argument itself. The name
 * of a missing file is an error, not data.
 */
export function readData(argument: string): unknown {
  return parseData(readText(argument), argument.length > MAX_NAME_LENGTH ? 'The data' : argument)
}

/** Parses YAML, and JSON as a part of it. `name` is that of the data in errors. */
export function parseData(text: string, name: string): unknown {
  try {
    return parseYaml(text, { maxAliasCount: 0 })
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n')
    throw new Failure('invalid', `${name} is neither JSON nor YAML: ${line}`)
  }
}

/** Splits `name=value` at the first equals sign. `usage` is the message where there is no name. */
export function readPair(argument: string, usage: string): [name: string, value: string] {
  const at = argument.indexOf('=')
  if (at < 1) throw new Failure('usage', `${usage}: ${argument}`)
  return [argument.slice(0, at), argument.slice(at + 1)]
}

/** Adds the member of a `--set member=value` to those before it. */
export function addMember(argument: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const [member, value] = readPair(argument, '--set requires member=value')
  return { ...before, [member]: parseData(value, argument) }
}

/** The text of a file, or standard input for `-`. */
export function readFileText(file: string): string {
  return file === '-' ? readStandardInput() : readText(`@${file}`)
}

/** All of standard input. */
export function readStandardInput(): string {
  return readFileSync(0, 'utf8')
}

function readText(argument: string): string {
  if (argument === '-') return readStandardInput()
  const looksInline = /^\s*[[{]|:\s|\n/.test(argument)
  const file = argument.startsWith('@') ? argument.slice(1) : argument
  if (!argument.startsWith('@') && looksInline && !existsSync(argument)) return argument
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Failure('usage', `Cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? 'error'}.`)
  }
}
