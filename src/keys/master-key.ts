import { link, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes, randomAlphanumeric } from '../lib/crypto/random.ts'

/** The database was encrypted under a master key that is not here. The message says what to restore. */
export class MissingMasterKey extends Error {}

/**
 * Returns the master key from `secret.key` in the data directory, which is created on first use. Only for servers
 * without a configured key: a party with the database and this file can decrypt everything.
 *
 * No key is created for data that exists already (`isInUse`), because it would open none of it. Then it throws
 * `MissingMasterKey`.
 */
export async function readOrCreateMasterKey(
  dataDirectory: string,
  isInUse: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<Buffer> {
  const file = join(dataDirectory, 'secret.key')
  let text = await readIfExists(file)
  if (text === undefined) {
    const inUse = await isInUse()
    // Another process stores its key before it stores what the key encrypts.
    text = inUse ? await readIfExists(file) : undefined
    if (inUse && text === undefined) throw new MissingMasterKey(describeMissingKey(file))
    if (text === undefined) {
      await createKeyFile(dataDirectory, file)
      text = await readFile(file, 'utf8')
    }
  }
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== 32) throw new Error(`${file} must contain 32 bytes in base64.`)
  return key
}

/** The file is renamed when it is complete and on disk, so that no process reads or leaves an incomplete key. */
async function createKeyFile(dataDirectory: string, file: string): Promise<void> {
  await mkdir(dataDirectory, { recursive: true })
  const temporaryFile = `${file}.${randomAlphanumeric(12)}`
  try {
    await writeFile(temporaryFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await link(temporaryFile, file).catch((error: unknown) => {
      // Another process created the key first. Its key is used.
      if (errorCodeOf(error) !== 'EEXIST') throw error
    })
  } finally {
    await rm(temporaryFile, { force: true })
  }
  const directory = await open(dataDirectory, 'r')
  await directory.sync()
  await directory.close()
}

function describeMissingKey(file: string): string {
  return (
    `The master key ${file} is missing, and the database holds keys that were encrypted with one. ` +
    'Restore the file from the backup of the data directory, or set SECRET_ENCRYPTION_KEY to the key that was used. ' +
    'A new key would open nothing. If the key is lost for good, start with an empty database.'
  )
}

function readIfExists(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (errorCodeOf(error) !== 'ENOENT') throw error
    return undefined
  })
}

function errorCodeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
