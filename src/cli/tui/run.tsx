// `tui` is `cerberus tui`: what the command line does, on one screen and by keys alone. It knows the server by its interface
// as the rest of the command does; the forms are made from the server's own description. What needs no terminal (fields,
// values, drafts, requests, lines) is in `.ts` files, what is drawn in `.tsx` files. Ink and React stay in this folder.

/** @jsxImportSource react */
import { render } from 'ink'
import { Failure } from '../failure.ts'
import type { Session } from '../session.ts'
import { App } from './app.tsx'
import type { Whereabouts } from './equivalents.ts'

const enter = '\u001b[?1049h\u001b[2J\u001b[H'
const leave = '\u001b[?1049l\u001b[?25h'
const clear = '\u001b[2J\u001b[H'

export interface TuiOptions {
  session: Session
  whereabouts: Whereabouts
  hasColours: boolean
}

/**
 * Draws on a screen of its own until somebody leaves, and gives the terminal back as it was. Standard input and output must
 * be a terminal.
 */
export async function runTui({ session, whereabouts, hasColours }: TuiOptions): Promise<void> {
  const { stdin } = process
  const stdout = screenOf(process.stdout)
  let drawn: ReturnType<typeof render> | undefined
  const exit = () => drawn?.unmount()
  const restore = () => void process.stdout.write(leave)
  const redraw = () => void process.stdout.write(clear)
  // Before Ink hears of it: what was drawn for another size is not there any more.
  process.stdout.prependListener('resize', redraw)
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, exit)
  process.stdout.write(enter)
  try {
    drawn = render(
      <App
        session={session}
        whereabouts={whereabouts}
        hasColours={hasColours}
        write={(text) => void process.stdout.write(text)}
        exit={exit}
      />,
      { stdin, stdout, exitOnCtrlC: false, patchConsole: false },
    )
    await drawn.waitUntilExit()
  } catch (error) {
    throw new Failure('failure', error instanceof Error ? error.message : String(error))
  } finally {
    process.stdout.off('resize', redraw)
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.off(signal, exit)
    restore()
    stdin.pause()
  }
}

/** Standard output without the sequence that forgets what the terminal has kept from before (ED 3): that is not ours. */
function screenOf(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (text: string, written?: () => void) => stdout.write(text.replaceAll('\u001b[3J', ''), written)
  return new Proxy(stdout, {
    get(target, name) {
      const value: unknown = name === 'write' ? write : Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
