import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'undici'

const INTERVAL_US = 200
const SHOWN = 30

/** Profiles a server that was started with `--inspect`; its `output` contains the inspector's URL. */
export async function openProfiler(output, folder) {
  mkdirSync(folder, { recursive: true })
  const address = /ws:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]+/.exec(output)?.[0]
  const socket = new WebSocket(address)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  const waiting = new Map()
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(data)
    waiting.get(id)?.(result)
    waiting.delete(id)
  })
  let last = 0
  const send = (method, params = {}) =>
    new Promise((resolve) => {
      waiting.set((last += 1), resolve)
      socket.send(JSON.stringify({ id: last, method, params }))
    })
  await send('Profiler.enable')
  await send('Profiler.setSamplingInterval', { interval: INTERVAL_US })
  return {
    async sample(scenario, work) {
      await send('Profiler.start')
      const result = await work()
      const { profile } = await send('Profiler.stop')
      writeFileSync(join(folder, `${scenario}.cpuprofile`), JSON.stringify(profile))
      console.log(`\n${scenario}\n${summarise(profile)}`)
      return result
    },
    close: () => socket.close(),
  }
}

/** Main-thread CPU time by part of the program, and by function. */
function summarise({ nodes, samples, timeDeltas }) {
  const self = new Map()
  samples.forEach((id, index) => self.set(id, (self.get(id) ?? 0) + timeDeltas[index]))
  const parts = new Map()
  const functions = new Map()
  let busy = 0
  for (const { id, callFrame } of nodes) {
    const time = self.get(id) ?? 0
    if (time === 0 || callFrame.functionName === '(idle)') continue
    busy += time
    const part = partOf(callFrame)
    const name = `${callFrame.functionName || '(anonymous)'} ${part} ${callFrame.url.split('/').at(-1)}:${callFrame.lineNumber + 1}`
    parts.set(part, (parts.get(part) ?? 0) + time)
    functions.set(name, (functions.get(name) ?? 0) + time)
  }
  const top = (map, count) =>
    [...map]
      .sort(([, a], [, b]) => b - a)
      .slice(0, count)
      .map(([name, time]) => `${((time / busy) * 100).toFixed(1).padStart(6)} %  ${name}`)
      .join('\n')
  return `busy ${(busy / 1000).toFixed(0)} ms\n${top(parts, 14)}\n  --\n${top(functions, SHOWN)}`
}

function partOf({ url, functionName }) {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native'
  const installed = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (installed !== undefined) return installed
  const own = /\/dist\/(.*?)(?:\/|$)/.exec(url)?.[1]
  return own === undefined ? url.split('/', 2)[0] : `src/${own}`
}
