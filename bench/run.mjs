// `npm run bench`: this server beside node-oidc-provider, on one throw-away PostgreSQL that really writes to disk, under
// one load generator, in turns. What is measured is in load/scenarios.mjs, how in measure.mjs; docs/performance.md reads
// the figures. Only loopback is used, and everything that is started here ends here.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

function run(program, args, options) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', ...options })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`)
}

const listing = process.argv.some((argument) => argument === '--list' || argument === '--help')
if (!existsSync(here('node_modules/oidc-provider')) || !existsSync(here('node_modules/undici'))) {
  console.log('Installing what only the bench needs')
  run('npm', ['ci'], { cwd: here('.') })
}
if (!listing) run(process.execPath, [here('../scripts/build.mjs')], {})

const OTHERS = { overload: './overload.mjs', wave: './sign-in-wave.mjs' }
const other = OTHERS[process.argv[2]]
if (other) {
  process.argv.splice(2, 1)
  await import(other)
} else {
  const { bench } = await import('./bench.mjs')
  process.exitCode = await bench()
}
