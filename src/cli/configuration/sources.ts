import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readStandardInput } from '../data.ts'
import { Failure } from '../failure.ts'

/** A text, and what it is called when something is wrong with it. */
export interface Source {
  name: string
  text: string
}

/** What `--file` names: files, the YAML and JSON files of folders (not of those within), standard input for `-`. */
export function readSources(given: readonly string[]): Source[] {
  if (given.filter((path) => path === '-').length > 1) throw new Failure('usage', 'Standard input can be read once.')
  return given.flatMap((path) => {
    if (path === '-') return [{ name: 'standard input', text: readStandardInput() }]
    try {
      if (!statSync(path).isDirectory()) return [{ name: path, text: readFileSync(path, 'utf8') }]
      const names = readdirSync(path).filter((name) => /\.(?:ya?ml|json)$/.test(name))
      if (names.length === 0) throw new Failure('usage', `${path} holds no file that ends in .yaml, .yml or .json.`)
      return names
        .toSorted((one, other) => (one < other ? -1 : 1))
        .map((name) => ({ name: join(path, name), text: readFileSync(join(path, name), 'utf8') }))
    } catch (error) {
      if (error instanceof Failure) throw error
      throw new Failure('usage', `Cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'it failed'}.`)
    }
  })
}
