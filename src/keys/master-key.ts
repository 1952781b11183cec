import { link, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes, randomName } from '../lib/random.ts'

/**
 * The key that seals everything else, from `secret.key` in the data directory, made there on first use. Only for servers
 * that were given none: whoever has the database and this file has all there is.
 */
export async function keptMasterKey(dataDirectory: string): Promise<Buffer> {
  const file = join(dataDirectory, 'secret.key')
  const text = await readFile(file, 'utf8').catch(async (error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error
    await makeKey(dataDirectory, file)
    return readFile(file, 'utf8')
  })
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== 32) throw new Error(`${file} does not hold the base64 form of 32 bytes.`)
  return key
}

/** The file gets its name when it is whole and on the disk: nobody reads half a key, or leaves one. */
async function makeKey(dataDirectory: string, file: string): Promise<void> {
  await mkdir(dataDirectory, { recursive: true })
  const draft = `${file}.${randomName(12)}`
  try {
    await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await link(draft, file).catch((error: unknown) => {
      // Another process was first, and its key is the one to use.
      if (codeOf(error) !== 'EEXIST') throw error
    })
  } finally {
    await rm(draft, { force: true })
  }
  const directory = await open(dataDirectory, 'r')
  await directory.sync()
  await directory.close()
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
