// A server that is broken on purpose, to show that the races see what they are there to see: a copy of the compiled
// server in which statements judge what they read a moment ago and write without looking again.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileServer, ROOT } from '../support/server-processes.ts'

export interface Mutation {
  /** Under `dist/`. */
  file: string
  /** What is replaced by what; each must stand there once. */
  edits: readonly (readonly [before: string, after: string])[]
}

/** What lies between two statements of one transaction. */
const ROUND_TRIP = 'pg_sleep(0.005)'

/**
 * Redemption as two steps: read the row, then mark it as used. The write no longer asks whether the row is as it was read;
 * under READ COMMITTED that is the same as two statements, in one transaction or not.
 */
export const readThenRedeem: Mutation = {
  file: 'storage/grants/authorization-codes.js',
  edits: [
    [
      'AND a.organisation_id = w.organisation_id AND a.consumed_at IS NULL',
      'AND a.organisation_id = w.organisation_id',
    ],
    [') w\n  WHERE a.', `) w, ${ROUND_TRIP}\n  WHERE a.`],
  ],
}

/** The answer to a pushed request as two steps: see that it is still there, then write the code and take it away. */
export const readThenAnswer: Mutation = {
  file: 'storage/grants/authorization-codes.js',
  edits: [
    [' FOR UPDATE OF p', ''],
    ['EXISTS (SELECT FROM deleted_pushed_request d WHERE d.', `EXISTS (SELECT FROM locked d, ${ROUND_TRIP} WHERE d.`],
  ],
}

/** Rotation as two steps: read the generation, then count it up and answer with what it has become. */
export const readThenRotate: Mutation = {
  file: 'storage/grants/refresh-token-families.js',
  edits: [
    [
      'AND f.organisation_id = w.organisation_id AND f.generation = w.generation',
      'AND f.organisation_id = w.organisation_id',
    ],
    [') w\nWHERE f.', `) w, ${ROUND_TRIP}\nWHERE f.`],
    ['RETURNING w.*', 'RETURNING w.*, f.generation - 1 AS generation'],
  ],
}

/** Registration as two steps: read whether the token has a use left, then take one. */
export const readThenRegister: Mutation = {
  file: 'storage/clients/client-registrations.js',
  edits: [
    [
      '...initialToken, usesLeft: { gt: 0 }, expiresAt: { gt: client.createdAt }',
      '...initialToken, expiresAt: { gt: client.createdAt }',
    ],
  ],
}

/** A proof as two steps: look whether it was used, then note that it is. */
export const readThenProve: Mutation = {
  file: 'storage/replay/replay-cache.js',
  edits: [
    [
      'ORDER BY key_hash\nON CONFLICT DO NOTHING',
      `WHERE NOT EXISTS (SELECT FROM replay_cache r, ${ROUND_TRIP} WHERE r.key_hash = t.key_hash) ORDER BY key_hash
ON CONFLICT (key_hash) DO UPDATE SET expires_at = excluded.expires_at`,
    ],
  ],
}

/** Makes a directory with the server in it, changed. Rejects where a mutation does not find its place. */
export async function buildMutatedServer(
  mutations: readonly Mutation[],
): Promise<{ program: string; remove(): Promise<void> }> {
  await compileServer()
  const program = await mkdtemp(join(tmpdir(), 'cerberus-mutant-'))
  const bundle = join(ROOT, 'dist', 'bundle')
  await cp(join(ROOT, 'dist'), join(program, 'dist'), { recursive: true, filter: (source) => source !== bundle })
  await cp(join(ROOT, 'package.json'), join(program, 'package.json'))
  for (const name of ['node_modules', 'prisma']) await symlink(join(ROOT, name), join(program, name))
  for (const { file, edits } of mutations) {
    const path = join(program, 'dist', file)
    let source = await readFile(path, 'utf8')
    for (const [before, after] of edits) {
      const places = source.split(before).length - 1
      if (places !== 1) throw new Error(`"${before}" stands in ${file} ${places} times: the mutation is out of date`)
      source = source.replace(before, () => after)
    }
    await writeFile(path, source)
  }
  return { program, remove: () => rm(program, { recursive: true, force: true }) }
}
