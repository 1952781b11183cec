import { printable } from './printable.ts'

let listener: ((line: string) => void) | undefined

/** Writes a message to standard error, or to the listener of `redirectLog`. */
export function log(line: string): void {
  if (listener) listener(printable(line))
  else process.stderr.write(`${printable(line)}\n`)
}

/** Redirects messages from now on: the terminal UI would be overwritten by them. */
export function redirectLog(newListener: (line: string) => void): void {
  listener = newListener
}

const TICK_MS = 1000

/**
 * Shows at a terminal how many seconds a wait takes, until the returned function is called. A listener gets one message. A
 * script sees nothing.
 */
export function logWaiting(object: string): () => void {
  if (!process.stderr.isTTY && !listener) return () => undefined
  let [seconds, line] = [0, '']
  const timer = setInterval(() => {
    seconds += 1
    if (listener) {
      if (seconds === 1) log(`Waiting for ${object} …`)
      return
    }
    line = `Waiting for ${object} … ${seconds} s`
    process.stderr.write(`\r${line}`)
  }, TICK_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    clearLine(line)
  }
}

/** Overwrites a line that has no line break yet. */
export function clearLine(line: string): void {
  if (line !== '') process.stderr.write(`\r${' '.repeat(line.length)}\r`)
}
