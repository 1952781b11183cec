import { link, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes, randomAlphanumeric } from '../lib/random.ts'

/**
 * Returns the master key from `secret.key` in the data directory, which is created on first use. Only for servers
 * without a configured key: a party with the database and this file can decrypt everything.
 */
export async function readOrCreateMasterKey(dataDirectory: string): Promise<Buffer> {
  const file = join(dataDirectory, 'secret.key')
  const text = await readFile(file, 'utf8').catch(async (error: unknown) => {
    if (errorCodeOf(error) !== 'ENOENT') throw error
    await createKeyFile(dataDirectory, file)
    return readFile(file, 'utf8')
  })
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

function errorCodeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
