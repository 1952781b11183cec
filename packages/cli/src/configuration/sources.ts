import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import { readStandardInput } from '../input/data.ts'

/** The text of a configuration, and its name in errors. */
export interface Source {
  name: string
  text: string
}

/** Reads what `--file` names: files, the YAML and JSON files directly in a folder, or standard input for `-`. */
export function readSources(paths: readonly string[]): Source[] {
  if (paths.filter((path) => path === '-').length > 1)
    throw new Failure('usage', 'Standard input (-) can be named only once.')
  return paths.flatMap((path) => {
    if (path === '-') return [{ name: 'standard input', text: readStandardInput() }]
    try {
      if (!statSync(path).isDirectory()) return [{ name: path, text: readFileSync(path, 'utf8') }]
      const names = readdirSync(path).filter((name) => /\.(?:ya?ml|json)$/.test(name))
      if (names.length === 0) throw new Failure('usage', `${path} has no .yaml, .yml or .json file.`)
      return names
        .toSorted((one, other) => (one < other ? -1 : 1))
        .map((name) => ({ name: join(path, name), text: readFileSync(join(path, name), 'utf8') }))
    } catch (error) {
      if (error instanceof Failure) throw error
      throw new Failure('usage', `Cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'error'}.`)
    }
  })
}
