// `cerberus tui` on a pseudo-terminal: sends keys, and renders its output to a screen of cells like a terminal does.
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { COMMAND } from './cli.ts'
import type { Terminal } from './cli.ts'
import { compileServer } from './server-processes.ts'

/** How long the screen may take to show what a test waits for. */
const PATIENCE_MS = 15_000

const sequences: Readonly<Record<string, string>> = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  pageup: '\u001b[5~',
  pagedown: '\u001b[6~',
  enter: '\r',
  escape: '\u001b',
  tab: '\t',
  'shift+tab': '\u001b[Z',
  space: ' ',
  backspace: '\u007f',
}

export interface Screen {
  /**
   * Presses keys by name (`down`, `ctrl+s`, `q`), one after the other. After `escape`, wait for what it changes: with another
   * byte behind it, it is the beginning of a sequence.
   */
  press(...keys: string[]): Promise<void>
  /** Sends text in one chunk. */
  type(text: string): void
  /** The lines of the screen, without trailing spaces. */
  lines(): string[]
  /** Waits until the screen shows this, and returns its text. Throws with the screen after a timeout. */
  shows(what: string | RegExp): Promise<string>
  /** Waits until the screen no longer shows this. */
  hides(what: string | RegExp): Promise<string>
  /** The line that contains this. */
  line(what: string | RegExp): string
  /** The column of a row at which a text starts; a wide character has two columns. */
  column(row: number, text: string): number
  /** All output, with control sequences. */
  raw(): string
  /** Presses `y`, and returns the text that the program copies (OSC 52). */
  copy(): Promise<string>
  /** Whether the alternate screen is active. */
  isOwn(): boolean
  resize(columns: number, rows: number): void
  /** The exit code of the program. */
  ended: Promise<number>
  kill(signal?: string): void
}

export interface ScreenOptions {
  columns?: number
  rows?: number
  environment?: Readonly<Record<string, string>>
  /** A shell command to run instead; `$CERBERUS` stands for the command. */
  shell?: string
}

/** Starts the compiled command on a pseudo-terminal, by default with 80 columns and 24 rows. */
export async function openScreen(
  { directory }: Pick<Terminal, 'directory'>,
  words: readonly string[],
  { columns = 80, rows = 24, environment = {}, shell }: ScreenOptions = {},
): Promise<Screen> {
  await compileServer()
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    XDG_CONFIG_HOME: join(directory, 'config'),
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    CERBERUS: `${process.execPath} ${COMMAND}`,
    ...environment,
  }
  const [file, args] = shell === undefined ? [process.execPath, [COMMAND, ...words]] : ['/bin/sh', ['-c', shell]]
  const pty = spawn(file, args, { name: 'xterm-256color', cols: columns, rows, cwd: directory, env })
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
  let written = ''
  const drawn = new EventEmitter()
  pty.onData((data) => {
    written += data
    terminal.write(data, () => drawn.emit('drawn'))
  })
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)))

  const lines = () =>
    Array.from({ length: terminal.rows }, (_, row) => {
      const { active } = terminal.buffer
      return (
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? ''
      )
    })
  const has = (what: string | RegExp) => {
    const text = lines().join('\n')
    return typeof what === 'string' ? text.includes(what) : what.test(text)
  }
  async function until(what: string | RegExp, wanted: boolean): Promise<string> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    while (has(what) !== wanted && !signal.aborted) await once(drawn, 'drawn', { signal }).catch(() => undefined)
    const text = lines().join('\n')
    if (has(what) !== wanted) throw new Error(`The screen ${wanted ? 'never shows' : 'still shows'} ${what}:\n${text}`)
    return text
  }

  // oxlint-disable-next-line no-control-regex -- the sequence consists of them
  const copies = () => [...written.matchAll(/\u001b\]52;c;([A-Za-z0-9+/=]*)\u0007/g)].map(([, copy = '']) => copy)

  return {
    async press(...keys) {
      if (keys.slice(0, -1).includes('escape')) throw new Error('Wait for the screen between Escape and the next key.')
      for (const key of keys) {
        const control = /^ctrl\+([a-z])$/.exec(key)?.[1]
        pty.write(control ? String.fromCharCode(control.charCodeAt(0) - 96) : (sequences[key] ?? key))
        // Escape is recognised as a key only if nothing follows it for a moment.
        await sleep(key === 'escape' ? 60 : 10)
      }
    },
    type: (text) => pty.write(text),
    lines,
    shows: (what) => until(what, true),
    hides: (what) => until(what, false),
    line(what) {
      return lines().find((line) => (typeof what === 'string' ? line.includes(what) : what.test(line))) ?? ''
    },
    column(row, text) {
      const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + row)
      const cells = Array.from({ length: terminal.cols }, (_, column) => line?.getCell(column)?.getChars() ?? '')
      return cells.findIndex((_, column) => cells.slice(column).join('').startsWith(text))
    },
    raw: () => written,
    async copy() {
      const before = copies().length
      pty.write('y')
      for (let attempt = 0; attempt < 1000 && copies().length === before; attempt += 1) await sleep(15)
      if (copies().length === before) throw new Error(`Nothing was copied:\n${lines().join('\n')}`)
      return Buffer.from(copies().at(-1) ?? '', 'base64').toString('utf8')
    },
    isOwn: () => terminal.buffer.active.type === 'alternate',
    resize(to, high) {
      pty.resize(to, high)
      terminal.resize(to, high)
    },
    ended,
    kill: (signal) => pty.kill(signal),
  }
}
