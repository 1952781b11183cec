import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('load/main.mjs', import.meta.url))

/** A load generator for one server. */
export async function startGenerator(target, program = PROGRAM, onStart = () => {}) {
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] })
  onStart(child.pid)
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'exit')
  const gone = ended.then(() => [{ error: 'The load generator ended.' }])
  async function order(name, rest = {}) {
    const answered = once(child, 'message')
    child.send({ order: name, ...rest })
    const [{ result, error }] = await Promise.race([answered, gone])
    if (error !== undefined) throw new Error(`${target.url}: ${name}: ${error}`)
    return result
  }
  await order('open', { target })
  return {
    order,
    async stop() {
      process.off('exit', kill)
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
