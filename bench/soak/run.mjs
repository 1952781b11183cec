// `npm run soak -- --minutes 60`: thirty days of sign-ins, refreshes, revocations and expiries in an hour, to find what
// grows. The server's clock runs fast; PostgreSQL is a temporary one with durable writes. The actions are in acts.mjs.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const USAGE = `npm run soak -- [options]

  --minutes <n>   how long thirty days take (60)
  --rate <n>      how much of everything: 1 is some hundred requests a second
  --json <file>   every sample, written as it is taken`

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

function run(program, args, options = {}) {
  if (spawnSync(program, args, { stdio: 'inherit', ...options }).status !== 0) throw new Error(`${program} failed`)
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes)
const rate = Number(values.rate)
if (values.help || !(minutes >= 1 && minutes <= 1440) || !(rate > 0 && rate <= 100)) {
  console.log(USAGE)
  process.exit(values.help ? 0 : 1)
}
if (!existsSync(here('../node_modules/undici'))) run('npm', ['ci'], { cwd: here('..') })
run(process.execPath, [here('../../scripts/build.mjs')])

const { soak } = await import('./soak.mjs')
process.exitCode = await soak({ minutes, rate, json: values.json })
