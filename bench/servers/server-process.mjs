import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryOf } from '../processes.mjs'

const LONGEST_START_MS = 60_000

/**
 * Starts a server program and waits until `readyPath` answers 200. The result includes the start time and the memory
 * at that moment.
 */
export async function startServerProcess({
  program,
  flags = [],
  environment,
  url,
  readyPath = '/.well-known/openid-configuration',
  channel = false,
}) {
  const began = performance.now()
  const child = spawn(process.execPath, [...flags, program], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', ...(channel ? ['ipc'] : [])],
  })
  const said = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text))
  const ended = once(child, 'close')
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  while ((await statusOf(`${url}${readyPath}`)) !== 200) {
    if (child.exitCode !== null) throw new Error(`${program} ended:\n${said.join('')}`)
    if (performance.now() - began > LONGEST_START_MS) throw new Error(`${program} does not answer:\n${said.join('')}`)
    await sleep(5)
  }
  return {
    pid: child.pid,
    startedInMs: performance.now() - began,
    idleMemory: memoryOf(child.pid),
    /** Sends a request over the channel and returns its reply. */
    async ask(question) {
      child.send(question)
      return (await once(child, 'message'))[0]
    },
    output: () => said.join(''),
    async stop() {
      process.off('exit', kill)
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
      await ended
      clearTimeout(timer)
    },
  }
}

function statusOf(url) {
  return new Promise((resolve) => {
    request(url, { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', () => resolve(undefined))
      .end()
  })
}
