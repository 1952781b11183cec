import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { stringify } from 'yaml'
import { Failure } from '../failure.ts'

/** A file for the secrets of new clients and webhooks. Each is written as soon as it exists. */
export interface SecretsFile {
  /** Notes that a client is about to be registered. If no secret follows, it was lost and must be rotated. */
  announce(name: string): void
  /** Writes a secret, which is on the disk when this returns. */
  add(name: string, secret: Readonly<Record<string, string>>): void
  /** Withdraws an announcement: the client was not registered. */
  cancel(): void
  /** Closes the file, and deletes it if it has no secret. */
  close(): void
}

/** Creates a YAML file that only its owner can read. It is valid YAML after each secret. Never overwrites a file. */
export function createSecretsFile(path: string): SecretsFile {
  let file: number
  try {
    file = openSync(path, 'wx', 0o600)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'EEXIST' ? 'the file exists, and is not overwritten' : (code ?? 'error')
    throw new Failure('usage', `Cannot create ${path}: ${reason}.`)
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
    add(name, secret) {
      announced += 1
      write(stringify({ [name]: secret }))
    },
    cancel() {
      announced -= 1
    },
    close() {
      closeSync(file)
      if (announced === 0) unlinkSync(path)
    },
  }
}
