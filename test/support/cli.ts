// The compiled `cerberus` command as a child process without a terminal and without this process's environment.
import { spawn } from 'node:child_process'
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

export async function createTerminal(environment: Readonly<Record<string, string>> = {}): Promise<Terminal> {
  await compileServer()
  const directory = await mkdtemp(join(tmpdir(), 'cerberus-cli-'))
  const outputs: string[] = []

  async function call(words: readonly string[], calling: CommandOptions = {}): Promise<CommandResult> {
    const child = spawn(process.execPath, [COMMAND, ...words], {
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        HOME: directory,
        XDG_CONFIG_HOME: join(directory, 'config'),
        TMPDIR: directory,
        ...environment,
        ...calling.environment,
      },
    })
    calling.begun?.((signal) => void child.kill(signal))
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      calling.onError?.(stderr)
    })
    child.stdin.end(calling.stdin ?? '')
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    outputs.push(stdout, stderr)
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
