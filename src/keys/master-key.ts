import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from '../lib/random.ts'

/**
 * The key that seals everything else, from `secret.key` in the data directory, made there on first use. Only for servers
 * that were given none: whoever has the database and this file has all there is.
 */
export async function keptMasterKey(dataDirectory: string): Promise<Buffer> {
  const file = join(dataDirectory, 'secret.key')
  try {
    await writeFile(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64')
  if (key.length !== 32) throw new Error(`${file} does not hold the base64 form of 32 bytes.`)
  return key
}
