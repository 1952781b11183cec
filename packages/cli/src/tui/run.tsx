// `tui` is `cerberus tui`, the interactive terminal UI. Its forms are made from the server's description of its API. Code
// that draws is in `.tsx` files, everything else in `.ts` files. Ink and React are imported in this folder alone.

/** @jsxImportSource react */
import { render } from 'ink'
import { Failure } from '../failure.ts'
import type { Session } from '../sign-in/session.ts'
import { App } from './app.tsx'
import type { CommandTarget } from './copy-as.ts'

const ENTER = '\u001b[?1049h\u001b[2J\u001b[H'
const LEAVE = '\u001b[?1049l\u001b[?25h'
const CLEAR = '\u001b[2J\u001b[H'

export interface TuiOptions {
  session: Session
  target: CommandTarget
  hasColours: boolean
}

/**
 * Runs on the alternate screen until the user quits, and restores the terminal. Standard input and output must be a
 * terminal.
 */
export async function runTui({ session, target, hasColours }: TuiOptions): Promise<void> {
  const { stdin } = process
  const stdout = withoutScrollbackReset(process.stdout)
  let instance: ReturnType<typeof render> | undefined
  const exit = () => instance?.unmount()
  const restore = () => void process.stdout.write(LEAVE)
  const redraw = () => void process.stdout.write(CLEAR)
  // Before Ink redraws: it would otherwise write over lines of the previous size.
  process.stdout.prependListener('resize', redraw)
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, exit)
  process.stdout.write(ENTER)
  try {
    instance = render(
      <App
        session={session}
        target={target}
        hasColours={hasColours}
        write={(text) => void process.stdout.write(text)}
        exit={exit}
      />,
      { stdin, stdout, exitOnCtrlC: false, patchConsole: false },
    )
    await instance.waitUntilExit()
  } catch (error) {
    throw new Failure('failure', error instanceof Error ? error.message : String(error))
  } finally {
    process.stdout.off('resize', redraw)
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.off(signal, exit)
    restore()
    stdin.pause()
  }
}

/** Standard output without the sequence that clears the scrollback (ED 3), which Ink writes. */
function withoutScrollbackReset(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (text: string, callback?: () => void) => stdout.write(text.replaceAll('\u001b[3J', ''), callback)
  return new Proxy(stdout, {
    get(target, name) {
      const value: unknown = name === 'write' ? write : Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
