// Runs the JavaScript of the docs unchanged: programs as child processes, scripts of a web page in a context with the few
// browser interfaces that they use.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createContext, runInContext } from 'node:vm'
import { ROOT, statusOf } from './server-processes.ts'

/** The value of a test for each placeholder or sample value of the docs. */
export type Placeholders = Readonly<Record<string, string>>

/** Replaces each placeholder where it is not part of a longer word. */
export function fillIn(code: string, placeholders: Placeholders): string {
  let text = code
  for (const [name, value] of Object.entries(placeholders)) {
    text = text.replaceAll(new RegExp(`(?<![\\w-])${name.replaceAll('.', '\\.')}(?![\\w-])`, 'g'), () => value)
  }
  return text
}

const START_TIMEOUT_MS = 60_000

export interface Program {
  /** Everything that it has written to standard output and standard error. */
  output(): string
  close(): Promise<void>
}

/** Starts a program with the packages of this repository, and waits until it answers at `origin`. */
export async function startProgram(code: string, origin: string): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'cerberus-docs-'))
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'program.mjs'), code)
  const child = spawn(process.execPath, [join(folder, 'program.mjs')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const close = async () => {
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  const deadline = Date.now() + START_TIMEOUT_MS
  while ((await statusOf(origin)) === undefined) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await close()
      throw new Error(`The program does not answer at ${origin} (exit code ${child.exitCode}):\n${output}`)
    }
    await sleep(20)
  }
  return { output: () => output, close }
}

export interface Page {
  /** The URL of the page. What a script assigns to `location` is here as well. */
  url: string
  /** Calls a function that a script of the page has declared. */
  call<Result>(name: string, ...values: unknown[]): Promise<Result>
}

/** Runs scripts one after the other in a page of `origin`. Requests obey CORS as in a browser. */
export function openPage(scripts: readonly string[], origin: string): Page {
  const stored = new Map<string, string>()
  const page = { url: `${origin}/` }
  const context = createContext({
    URL,
    URLSearchParams,
    TextEncoder,
    crypto,
    btoa,
    fetch: async (url: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      headers.set('origin', origin)
      const response = await fetch(url, { ...init, headers })
      if (response.headers.get('access-control-allow-origin') === origin) return response
      throw new TypeError(`CORS: ${url} does not allow ${origin}`)
    },
    sessionStorage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    },
    location: {
      get href() {
        return page.url
      },
      assign: (url: string) => void (page.url = url),
    },
  })
  for (const script of scripts) runInContext(script, context)
  return Object.assign(page, {
    async call<Result>(name: string, ...values: unknown[]) {
      const declared = runInContext(name, context) as (...given: unknown[]) => Result
      return declared(...values)
    },
  })
}
