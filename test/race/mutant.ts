// A server that is broken on purpose, to show that the races see what they are there to see: a copy of the compiled
// server in which statements judge what they read a moment ago and write without looking again.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileServer, ROOT } from '../support/processes.ts'

export interface Mutation {
  /** Under `dist/`. */
  file: string
  /** What is replaced by what; each must stand there once. */
  edits: readonly (readonly [before: string, after: string])[]
}

/** What lies between two statements of one transaction. */
const ROUND_TRIP = 'pg_sleep(0.005)'

/**
 * Redemption as two steps: read the row, then mark it as used. Nothing is locked in between and the write no longer asks
 * whether the row is as it was read; under READ COMMITTED that is the same as two statements, in one transaction or not.
 */
export const readThenRedeem: Mutation = {
  file: 'storage/authorization-codes.js',
  edits: [
    ['ORDER BY code_hash FOR UPDATE', 'ORDER BY code_hash'],
    [
      'AND a.organisation_id = w.organisation_id AND a.consumed_at IS NULL',
      'AND a.organisation_id = w.organisation_id',
    ],
    ['FROM winner w\n  WHERE a.', `FROM winner w, ${ROUND_TRIP}\n  WHERE a.`],
  ],
}

/** Rotation as two steps: read the generation, then count it up and answer with what it has become. */
export const readThenRotate: Mutation = {
  file: 'storage/refresh-families.js',
  edits: [
    ['(SELECT family_id FROM input) ORDER BY id FOR UPDATE', '(SELECT family_id FROM input) ORDER BY id'],
    [
      'AND f.organisation_id = w.organisation_id AND f.generation = w.generation',
      'AND f.organisation_id = w.organisation_id',
    ],
    ['FROM winner w\n  WHERE f.', `FROM winner w, ${ROUND_TRIP}\n  WHERE f.`],
    ['RETURNING w.ord\n', 'RETURNING w.ord, f.generation - 1 AS read_generation\n'],
    [
      'r.ord IS NOT NULL AS rotated',
      'r.ord IS NOT NULL AS rotated, coalesce(r.read_generation, j.generation) AS generation',
    ],
  ],
}

/** Makes a directory with the server in it, changed. Rejects where a mutation does not find its place. */
export async function mutateServer(
  mutations: readonly Mutation[],
): Promise<{ program: string; remove(): Promise<void> }> {
  await compileServer()
  const program = await mkdtemp(join(tmpdir(), 'cerberus-mutant-'))
  await cp(join(ROOT, 'dist'), join(program, 'dist'), { recursive: true })
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
