// `npm test`: compiles, checks types, lint, wording and formatting, and runs all tests; stops at the first of these that fails.
// Arguments are handed on to vitest. At the end come the seconds per folder, and last of all the count:
// `<passed> passed, <failed> failed`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const require = createRequire(import.meta.url)

/** The program of an installed package, resolved without node_modules/.bin, which not every installer makes. */
function programOf(name) {
  const manifest = require.resolve(`${name}/package.json`)
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'))
  return join(dirname(manifest), typeof bin === 'string' ? bin : (bin[name] ?? Object.values(bin)[0]))
}

/** Runs a Node program under a heading; ends everything with its status if it fails. */
function run(heading, program, args) {
  console.log(`\n== ${heading}\n`)
  const { status, error } = spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' })
  if (error) console.error(error.message)
  return status ?? 1
}

function check(heading, program, args) {
  const status = run(heading, program, args)
  if (status === 0) return
  console.error(`\n== ${heading}: failed`)
  console.log('0 passed, 1 failed')
  process.exit(status)
}

const sources = ['src', 'packages', 'test', 'scripts', 'bench']
check('Compile', join(root, 'scripts', 'build.mjs'), [])
check('Types', join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc'), ['-p', 'tsconfig.test.json'])
check('Lint', programOf('oxlint'), ['--type-aware', '--deny-warnings', ...sources])
check('Wording', join(root, 'scripts', 'check-wording.mjs'), [])
check('Formatting', programOf('oxfmt'), ['--check', ...sources])

// Tests import what was just compiled.
process.env['TEST_COMPILED'] = '1'
const scratch = mkdtempSync(join(tmpdir(), 'cerberus-report-'))
const report = join(scratch, 'report.json')
const status = run('Tests', join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs'), [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--reporter=${join(root, 'scripts', 'folder-times.mjs')}`,
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
])
const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {}
const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0 } = result
rmSync(scratch, { recursive: true, force: true })
if (numPendingTests > 0)
  console.log(`\n!! ${numPendingTests} tests were SKIPPED: the lines marked with !! above say why.`)
// A file that does not load has no tests that could fail.
const failed = status !== 0 && numFailedTests === 0 ? 1 : numFailedTests
console.log(`${numPassedTests} passed, ${failed} failed`)
process.exit(status)
