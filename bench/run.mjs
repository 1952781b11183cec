// `npm run bench`: compares this server with node-oidc-provider, on one temporary PostgreSQL with durable writes.
// Servers take turns. The scenarios are in load/scenarios.mjs, the measurement in measure.mjs; docs/performance.md
// explains the figures. All traffic uses loopback, and everything that is started here is stopped here.
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
