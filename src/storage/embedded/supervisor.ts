import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { ENVIRONMENT, type OsAccount } from './os-account.ts'

const SUPERVISOR_NAME = 'cerberus-postgres-supervisor'

// Runs PostgreSQL ("$@") and asks it for a fast shutdown as soon as its own input ends. That input is a pipe whose
// other end only our process holds, so the kernel closes it for us however we end. A background job's input would be
// /dev/null, hence descriptor 3. USR1 rather than a direct kill lets the shell tell "was asked to stop" from "fell".
const SUPERVISOR_SCRIPT = `
sockets=$1; shift
exec 3<&0 </dev/null
asked=
"$@" 3<&- &
postgres=$!
trap 'asked=yes; kill -INT "$postgres"' USR1
trap 'kill -INT "$postgres"' INT TERM HUP
trap : QUIT
( trap - USR1 INT TERM HUP; read -r _ <&3; kill -USR1 "$$" || kill -INT "$postgres" ) 2>/dev/null &
watcher=$!
exec 3<&-
while :; do
  wait "$postgres"; status=$?
  kill -0 "$postgres" 2>/dev/null || break
done
kill "$watcher" 2>/dev/null
if [ -n "$asked" ]; then
  rm -f "$sockets/.s.PGSQL.5432" "$sockets/.s.PGSQL.5432.lock"
  rmdir "$sockets" 2>/dev/null
fi
exit "$status"
`

/** A PostgreSQL that accepts connections. */
export interface SupervisedProcess {
  /** Resolves when PostgreSQL is gone, asked or not. */
  ended: Promise<void>
  /** Asks for a fast shutdown (transactions under way are rolled back), for an immediate one after 30 seconds. */
  stop(): void
}

/** PostgreSQL ended before it accepted connections. `transient`: what stands in its way is about to go away. */
export class StartError extends Error {
  readonly transient: boolean
  constructor(outputLines: readonly string[]) {
    const reason = outputLines.find((line) => /^(FATAL|PANIC)/.test(line)) ?? outputLines.at(-1) ?? 'it wrote nothing'
    super(`PostgreSQL did not start: ${reason.trim()}`)
    this.transient = /lock file .* (already exists|is empty)|pre-existing shared memory block/.test(reason)
  }
}

/** Whether a command line is that of a supervisor of ours. */
export function isSupervisor(command: string): boolean {
  return command.includes(SUPERVISOR_NAME)
}

/**
 * Starts PostgreSQL under a supervisor in a session of its own: a Ctrl-C in the terminal reaches us and not it, and
 * the death of this process ends it. Resolves when it accepts connections; rejects with StartRefused.
 */
export function supervise(options: {
  postgres: string
  directory: string
  socketDirectory: string
  settings: Readonly<Record<string, string>>
  account: OsAccount
  log: (message: string) => void
}): Promise<SupervisedProcess> {
  const settings = Object.entries(options.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = [options.postgres, '-D', options.directory, ...settings]
  const supervisor = spawn('/bin/sh', ['-c', SUPERVISOR_SCRIPT, SUPERVISOR_NAME, options.socketDirectory, ...command], {
    ...options.account,
    cwd: '/',
    env: ENVIRONMENT,
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const { stdin, stderr } = supervisor
  stdin.on('error', () => undefined)

  // These handles do not keep an otherwise finished process alive; PostgreSQL stops when the process ends.
  const setRef = (keepAlive: boolean) => {
    const handles = [supervisor, ...[stdin, stderr].filter((stream) => stream instanceof Socket)]
    for (const handle of handles) {
      if (keepAlive) handle.ref()
      else handle.unref()
    }
  }

  const ended = new Promise<void>((resolve) => {
    supervisor.once('close', () => resolve())
    supervisor.once('exit', () => stdin.destroy())
    supervisor.once('error', () => resolve())
  })

  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    setRef(true)
    stdin.end()
    const forceQuitTimer = setTimeout(() => quitImmediately(supervisor.pid), 30_000)
    void ended.then(() => clearTimeout(forceQuitTimer))
  }

  return new Promise((resolve, reject) => {
    const outputLines: string[] = []
    let ready = false
    createInterface({ input: stderr }).on('line', (line) => {
      if (!ready) outputLines.push(line)
      if (!ready && /database system is ready to accept (?:read-only )?connections$/.test(line)) {
        ready = true
        setRef(false)
        resolve({ ended, stop })
      }
      if (isNoteworthy(line, ready && !stopping)) options.log(`PostgreSQL: ${line.trim()}`)
    })
    supervisor.once('error', (error) => outputLines.push(error.message))
    void ended.then(() => reject(new StartError(outputLines)))
  })
}

/** Its supervisor leads the process group that PostgreSQL's own processes are started from. */
function quitImmediately(leader: number | undefined): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, 'SIGQUIT')
  } catch {
    // It ended in the meantime.
  }
}

/**
 * The lines of PostgreSQL's log that an operator should see. While it starts or stops, connections are refused with
 * FATAL as a matter of course.
 */
function isNoteworthy(line: string, running: boolean): boolean {
  if (line.startsWith('PANIC')) return true
  if (line.startsWith('FATAL')) return running && !/terminating connection|the database system is/.test(line)
  return (
    line.startsWith('LOG') && /was terminated by|not properly shut down|could not|corrupt|too frequently/.test(line)
  )
}
