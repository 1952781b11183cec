// A Valkey or Redis for the tests that want one: the server of this machine, on a port of its own, or the one that
// TEST_REDIS_URL names.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeIfAvailable } from './describe-if-available.ts'
import { freePort } from './server-processes.ts'

/** A server that can be lost, and come back at the same place. */
export interface TestValkey {
  url: string
  lose(): Promise<void>
  restore(): Promise<void>
  /** Lets connections be, and answers nothing. */
  stall(): void
  resume(): void
  close(): Promise<void>
}

const given = process.env['TEST_REDIS_URL'] ?? ''
const program = findProgram()

function findProgram(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
  const places = ['valkey-server', 'redis-server'].flatMap((name) => folders.map((folder) => join(folder, name)))
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** `describe` for what needs Valkey or Redis. */
export function describeWithValkey(name: string, body: () => void): void {
  const requirement = {
    isAvailable: given !== '' || program !== undefined,
    missingReason: 'neither valkey-server nor redis-server was found',
    advice: 'Install one, or name a running one in TEST_REDIS_URL.',
  }
  describeIfAvailable(requirement, name, body)
}

export function startValkey(): Promise<TestValkey> {
  return given === '' ? startOwn(program ?? '') : standBefore(new URL(given))
}

/** The server of this machine; what is lost is killed, with all that it held. */
async function startOwn(server: string): Promise<TestValkey> {
  const port = await freePort()
  const password = 'the password of the tests'
  let child: ChildProcess
  const start = async () => {
    const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no', requirepass: password, dir: '/tmp' }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
    child = spawn(server, args, { stdio: 'ignore' })
    while (!(await answers(port))) await sleep(10)
  }
  const stop = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    lose: stop,
    restore: start,
    stall: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    close: stop,
  }
}

/** A door before a server that is not ours to kill; what is lost is the way there. */
async function standBefore(target: URL): Promise<TestValkey> {
  const port = await freePort()
  const sockets = new Set<Socket>()
  let door: Server
  const open = async () => {
    door = createServer((socket) => {
      const onwards = connect(Number(target.port || 6379), target.hostname)
      for (const end of [socket, onwards]) {
        sockets.add(end)
        end.on('error', () => end.destroy()).on('close', () => sockets.delete(end))
      }
      socket.pipe(onwards).pipe(socket)
    }).listen(port, '127.0.0.1')
    await once(door, 'listening')
  }
  const close = async () => {
    const closed = once(door, 'close')
    door.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await open()
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return {
    url: url.href,
    lose: close,
    restore: open,
    stall: () => sockets.forEach((socket) => socket.pause()),
    resume: () => sockets.forEach((socket) => socket.resume()),
    close,
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
