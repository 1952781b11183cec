// Compiles src/ into dist/, with the Prisma client that it needs, and each package into its own dist/, unless they are up to
// date. What starts is bundled: the server in dist/bundle/server/, the `cerberus` command in packages/cli/dist/. The modules
// of the server are also in dist/ one by one, for benchmarks and for tests that change one. `--force` compiles in any case.
// Without packages/, as in an image, only the server is compiled.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const generated = join('src', 'storage', 'generated')
const stamp = join(root, 'dist', '.made-from')

const CLI = 'packages/cli'

/** The packages that are here, in the order in which they need each other. */
const packages = ['packages/admin-client', CLI].filter((folder) => existsSync(join(root, folder, 'src')))

function filesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
}

/** A digest of everything that is compiled. Content, not dates: a checkout or a copy changes those at will. */
function digestOfInputs() {
  const sources = filesBelow('src').filter((file) => !file.startsWith(generated))
  const ofPackages = packages.flatMap((folder) => [
    ...filesBelow(join(folder, 'src')),
    join(folder, 'package.json'),
    join(folder, 'tsconfig.json'),
  ])
  const inputs = [
    ...sources,
    ...ofPackages,
    'prisma/schema.prisma',
    'package-lock.json',
    'scripts/build.mjs',
    'scripts/bundle.mjs',
    'tsconfig.json',
    'prisma.config.ts',
  ]
  const digest = createHash('sha256')
  for (const file of inputs.toSorted((a, b) => (a < b ? -1 : 1))) {
    if (existsSync(join(root, file)))
      digest
        .update(file)
        .update('\0')
        .update(readFileSync(join(root, file)))
        .update('\0')
  }
  return digest.digest('hex')
}

/** Whether dist/ must be compiled. Where src/ was left out, as in an image, dist/ is all there is. */
export function isStale() {
  if (!existsSync(join(root, 'src'))) return false
  if (packages.some((folder) => !existsSync(join(root, folder, 'dist')))) return true
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== digestOfInputs()
}

/** The program of an installed package, resolved without node_modules/.bin, which not every installer makes. */
function programOf(name, file) {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), file)
  } catch {
    return fail(`dist/ is out of date and ${name}, which is needed to make it, is not installed: run npm ci`)
  }
}

function run(program, args) {
  const result = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    encoding: 'utf8',
    // Neither Prisma's version check nor its hints are wanted here: this must work without a network.
    env: { ...process.env, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  })
  if (result.status === 0) return
  fail(result.error?.message ?? `${result.stdout}${result.stderr}`.trim())
}

/** @returns {never} */
function fail(message) {
  console.error(message)
  process.exit(1)
}

/** The server and the command, as `dist/bundle/server/main.js` and `packages/cli/dist/main.js`. */
async function writeBundles() {
  // Not at the top: a server without development dependencies asks this file whether dist/ is stale.
  const { bundleCli, bundleServer } = await import('./bundle.mjs')
  bundleServer(join(root, 'dist', 'bundle', 'server'))
  if (packages.includes(CLI)) bundleCli(join(root, CLI, 'dist'))
}

async function build() {
  console.log(['Compiling src/ into dist/', ...packages].join(', '))
  const prisma = programOf('prisma', 'build/index.js')
  const tsc = programOf('typescript', 'bin/tsc')
  const digest = digestOfInputs()
  // The command is only bundled, which removes its types.
  const compiled = [...packages.filter((folder) => folder !== CLI), '']
  for (const folder of ['', ...packages]) rmSync(join(root, folder, 'dist'), { recursive: true, force: true })
  run(prisma, ['generate'])
  for (const folder of compiled) run(tsc, ['-p', join(folder, 'tsconfig.json')])
  await writeBundles()
  writeFileSync(stamp, digest)
}

const called = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
if (called && (process.argv.includes('--force') || isStale())) await build()
