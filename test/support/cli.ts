// The compiled `cerberus` command in a child process without a terminal and without this process's environment.
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileServer, ROOT } from './server-processes.ts'

/** The `cerberus` command of the checkout. */
export const COMMAND = join(ROOT, 'packages', 'cli', 'bin', 'cerberus.js')

/** The result of a call. */
export interface CommandResult {
  code: number | null
  stdout: string
  stderr: string
}

export interface CommandOptions {
  stdin?: string
  /** Runs the command in a process of its own, as `begun` and `onError` do. */
  alone?: boolean
  environment?: Readonly<Record<string, string>>
  /** Called when the command has started, with a function that sends it a signal. */
  begun?: (end: (signal: NodeJS.Signals) => void) => void
  /** Called with all of standard error so far, whenever the command writes to it. */
  onError?: (soFar: string) => void
}

/** A user of the command, with a home directory and a configuration. */
export interface Terminal {
  directory: string
  call(words: readonly string[], calling?: CommandOptions): Promise<CommandResult>
  /** Runs a call that must succeed, and parses its JSON output. */
  json<Value = Record<string, unknown>>(words: readonly string[], calling?: CommandOptions): Promise<Value>
  /** Writes a file and returns its path. */
  file(name: string, content: string): Promise<string>
  /** All output of all calls. */
  written(): string
  /** The configuration files: content and permissions. */
  configuration(): Promise<{ name: string; content: string; mode: number }[]>
  remove(): Promise<void>
}

/** Commands that end their process, or keep it, by themselves. */
const ALONE = new Set(['complete-words', 'edit', 'tui'])
const HOST = join(ROOT, 'test', 'support', 'cli-host.mjs')
const idleHosts: ChildProcess[] = []

interface HostedCall {
  words: readonly string[]
  environment: Readonly<Record<string, string | undefined>>
  directory: string
  stdinFile: string
}

/** Runs a call in a process that has run others before. */
async function callHost(call: HostedCall): Promise<CommandResult> {
  const host = idleHosts.pop() ?? (await startHost())
  hold(host)
  host.send(call)
  const result = await answerOf(host)
  release(host)
  return result as CommandResult
}

async function startHost(): Promise<ChildProcess> {
  const host = fork(HOST, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  await answerOf(host)
  return host
}

/** The next message of a host; rejects if it ends without one. */
async function answerOf(host: ChildProcess): Promise<unknown> {
  const settled = new AbortController()
  const { signal } = settled
  const ended = once(host, 'exit', { signal }).then(([code]) => {
    throw new Error(`The process of the command ended with ${code}`)
  })
  try {
    return (await Promise.race([once(host, 'message', { signal }), ended]))[0]
  } finally {
    ended.catch(() => undefined)
    settled.abort()
  }
}

/** An idle host does not keep this process alive. */
function release(host: ChildProcess): void {
  host.unref()
  host.channel?.unref()
  idleHosts.push(host)
}

function hold(host: ChildProcess): void {
  host.ref()
  host.channel?.ref()
}

export async function createTerminal(environment: Readonly<Record<string, string>> = {}): Promise<Terminal> {
  await compileServer()
  const directory = await mkdtemp(join(tmpdir(), 'cerberus-cli-'))
  const outputs: string[] = []
  let inputs = 0

  async function call(words: readonly string[], calling: CommandOptions = {}): Promise<CommandResult> {
    const env = {
      PATH: process.env['PATH'],
      HOME: directory,
      XDG_CONFIG_HOME: join(directory, 'config'),
      TMPDIR: directory,
      ...environment,
      ...calling.environment,
    }
    // Node reads its own variables when it starts.
    const setsNode = Object.keys(env).some((name) => name.startsWith('NODE_'))
    const alone = calling.alone ?? (setsNode || calling.begun !== undefined || calling.onError !== undefined)
    const result =
      alone || words.some((word) => ALONE.has(word))
        ? await callProcess(words, calling, env)
        : await callHost({ words, environment: env, directory, stdinFile: await inputFile(calling.stdin) })
    outputs.push(result.stdout, result.stderr)
    return result
  }

  async function inputFile(content: string | undefined): Promise<string> {
    if (content === undefined) return '/dev/null'
    inputs += 1
    const path = join(directory, `.stdin-${inputs}`)
    await writeFile(path, content)
    return path
  }

  async function callProcess(
    words: readonly string[],
    calling: CommandOptions,
    env: Readonly<Record<string, string | undefined>>,
  ): Promise<CommandResult> {
    const child = spawn(process.execPath, [COMMAND, ...words], { cwd: directory, env })
    calling.begun?.((signal) => void child.kill(signal))
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      calling.onError?.(stderr)
    })
    child.stdin.end(calling.stdin ?? '')
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { code, stdout, stderr }
  }

  return {
    directory,
    call,
    async json(words, calling) {
      const { code, stdout, stderr } = await call([...words, '--output', 'json'], calling)
      if (code !== 0) throw new Error(`cerberus ${words.join(' ')} ended with ${code}: ${stderr}`)
      return JSON.parse(stdout)
    },
    async file(name, content) {
      await writeFile(join(directory, name), content)
      return join(directory, name)
    },
    written: () => outputs.join('\n'),
    async configuration() {
      const place = join(directory, 'config', 'cerberus')
      const names = await readdir(place)
      return Promise.all(
        names.map(async (name) => ({
          name,
          content: await readFile(join(place, name), 'utf8'),
          mode: (await stat(join(place, name))).mode & 0o777,
        })),
      )
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
