// A process that runs calls of the compiled `cerberus` command one after the other, because starting Node takes longer than
// most calls. Each call has its own arguments, environment, directory and standard input, as in a process of its own.
import { closeSync, openSync } from 'node:fs'
import { run } from '../../packages/cli/dist/run.js'

const STANDARD_INPUT = 0

async function call({ words, environment, directory, stdinFile }) {
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, environment)
  process.chdir(directory)
  // The lowest free number is taken: that of standard input.
  closeSync(STANDARD_INPUT)
  openSync(stdinFile, 'r')
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'])
    process[stream].write = (text) => {
      written[stream] += text
      return true
    }
  process.exitCode = undefined
  await run(words)
  process.send({ code: process.exitCode ?? 0, ...written })
  process.exitCode = undefined
}

process.on('message', (message) => void call(message))
process.on('disconnect', () => process.exit())
process.send('ready')
