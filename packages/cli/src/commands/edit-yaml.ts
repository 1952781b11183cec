import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { Failure } from '../failure.ts'
import { parseData } from '../input/data.ts'
import { log } from '../output/log.ts'
import { editFile } from '../system/external-programs.ts'

/** Throws where no editor can be shown. `instead` is what does the same without one. */
export function requireTerminal(instead: string): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return
  throw new Failure('usage', `An editor needs a terminal. Without one: ${instead}`)
}

/**
 * Opens a value as YAML in an editor, and passes what was saved there to `save`, unless it is the same. The text is kept in
 * its file where it cannot be saved.
 */
export async function editYaml(
  editor: string | undefined,
  name: string,
  value: object,
  save: (edited: unknown) => Promise<void>,
): Promise<void> {
  const before = stringify(value, { lineWidth: 0 })
  const directory = mkdtempSync(join(tmpdir(), 'cerberus-'))
  const file = join(directory, `${name}.yaml`)
  writeFileSync(file, before, { mode: 0o600 })
  const after = editText(editor ?? 'vi', file)
  try {
    if (after === before) log('Nothing was changed.')
    else await save(parseData(after, file))
    rmSync(directory, { recursive: true })
  } catch (error) {
    log(`Your text is kept in ${file}.`)
    throw error
  }
}

function editText(editor: string, file: string): string {
  if (!editFile(editor, file)) {
    throw new Failure('failure', `The editor (${editor}) exited with an error. Nothing was changed.`)
  }
  return readFileSync(file, 'utf8')
}
