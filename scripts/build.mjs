// Compiles src/ into dist/, with the Prisma client that it needs, when dist/ was not made from what lies here now.
// `--force` compiles in any case. Nothing but Node is needed when dist/ is up to date.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const generated = join('src', 'storage', 'generated')
const stamp = join(root, 'dist', '.made-from')

/** A digest of everything that dist/ is made from. Content, not dates: a checkout or a copy changes those at will. */
function digestOfInputs() {
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .filter((file) => !file.startsWith(generated))
  const inputs = [...sources, 'prisma/schema.prisma', 'package-lock.json', 'tsconfig.json', 'prisma.config.ts']
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

function build() {
  console.log('Compiling src/ into dist/')
  const prisma = programOf('prisma', 'build/index.js')
  const tsc = programOf('typescript', 'bin/tsc')
  const digest = digestOfInputs()
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run(prisma, ['generate'])
  run(tsc, ['-p', 'tsconfig.json'])
  // The command is started by its name.
  chmodSync(join(root, 'dist', 'cli', 'cerberus.js'), 0o755)
  writeFileSync(stamp, digest)
}

const called = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
if (called && (process.argv.includes('--force') || isStale())) build()
