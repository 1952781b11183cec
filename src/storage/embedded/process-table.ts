import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface RunningProcess {
  parent: number
  /** Program and arguments, separated by spaces. */
  command: string
}

/** The process `pid`; `undefined` if it does not exist or is a zombie. */
export async function findProcess(pid: number): Promise<RunningProcess | undefined> {
  try {
    return process.platform === 'linux' ? await readProcFs(pid) : await queryPs(pid)
  } catch {
    return undefined
  }
}

/** Whether a process `pid` exists, under whatever account. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function readProcFs(pid: number): Promise<RunningProcess | undefined> {
  const [status, commandLine] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
  ])
  // "pid (name) state parent …", and the name may itself hold spaces and parentheses.
  const [state, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ')
  if (state === 'Z' || state === 'X') return undefined
  return { parent: Number(parent), command: commandLine.replaceAll('\0', ' ') }
}

async function queryPs(pid: number): Promise<RunningProcess | undefined> {
  const { stdout } = await run('/bin/ps', ['-ww', '-o', 'state=,ppid=,command=', '-p', String(pid)])
  const [, state = 'Z', parent, command = ''] = /^\s*(\S+)\s+(\d+)\s+(.*)$/s.exec(stdout) ?? []
  return state.startsWith('Z') ? undefined : { parent: Number(parent), command }
}
