import { existsSync, readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { Failure } from './failure.ts'

/**
 * What `--data` gives: JSON or YAML from `@file` or a path, from standard input for `-`, or as it stands there. A name of
 * a file that is not there is a mistake and not the text it looks like.
 */
export function readData(given: string): unknown {
  return parse(textOf(given), given.length > 60 ? 'The data' : given)
}

/** JSON or YAML, which is the larger of the two. */
export function parse(text: string, name: string): unknown {
  try {
    return parseYaml(text, { maxAliasCount: 0 })
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n')
    throw new Failure('invalid', `${name} is neither JSON nor YAML: ${line}`)
  }
}

/** How options are described that take data. */
export const DATA = 'JSON or YAML: a file, - for standard input, or the text itself'

/** What stands before and after the first equals sign; `usage` where there is nothing before one, with these words. */
export function readPair(given: string, words: string): [name: string, value: string] {
  const at = given.indexOf('=')
  if (at < 1) throw new Failure('usage', `${words}: ${given}`)
  return [given.slice(0, at), given.slice(at + 1)]
}

/** All of standard input. */
export function readStandardInput(): string {
  return readFileSync(0, 'utf8')
}

function textOf(given: string): string {
  if (given === '-') return readStandardInput()
  const inline = /^\s*[[{]|:\s|\n/.test(given)
  const file = given.startsWith('@') ? given.slice(1) : given
  if (!given.startsWith('@') && inline && !existsSync(given)) return given
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Failure('usage', `Cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? 'it failed'}.`)
  }
}
