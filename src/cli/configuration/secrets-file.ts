import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { stringify } from 'yaml'
import { Failure } from '../failure.ts'

/** Where the secrets of new clients go, one by one as they come. */
export interface SecretsFile {
  /** Says that a client is about to get one: who finds no secret after this line has lost it, and makes another. */
  announce(name: string): void
  /** Is on the disk when it returns. */
  add(name: string, clientId: string, clientSecret: string): void
  /** That no client came of what was announced. */
  takeBack(): void
  /** Takes the file away where nothing came of it. */
  close(): void
}

/** Makes a file that nobody else may read, and never writes into one that is there. YAML, whole after each secret. */
export function createSecretsFile(path: string): SecretsFile {
  let file: number
  try {
    file = openSync(path, 'wx', 0o600)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'EEXIST' ? 'it is there already, and is not overwritten' : (code ?? 'it failed')
    throw new Failure('usage', `Cannot make ${path}: ${reason}.`)
  }
  let announced = 0
  const write = (text: string) => {
    writeSync(file, text)
    fsyncSync(file)
  }
  return {
    announce(name) {
      announced += 1
      write(
        `# ${JSON.stringify(name)} is being registered. If its secret does not follow: cerberus client rotate-secret\n`,
      )
    },
    add(name, clientId, clientSecret) {
      write(stringify({ [name]: { clientId, clientSecret } }))
    },
    takeBack() {
      announced -= 1
    },
    close() {
      closeSync(file)
      if (announced === 0) unlinkSync(path)
    },
  }
}
