import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PACKAGE_DIRECTORY } from '../package-directory.ts'

/** The server of the checkout that this package is part of. */
const SERVER = fileURLToPath(new URL('../../scripts/start.mjs', PACKAGE_DIRECTORY))

/** Opens an address in the default browser. Failures are ignored: the address is printed as well. */
export function openBrowser(address: string): void {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(program, [address], { stdio: 'ignore', detached: true })
  child.once('error', () => undefined)
  child.unref()
}

/** Opens a file in an editor and waits for it to exit; `editor` may have arguments. False if it exited with an error. */
export function editFile(editor: string, file: string): boolean {
  const { status } = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
  return status === 0
}

/** Runs a command of the server in this terminal. Returns its exit code, or undefined where no server is installed. */
export function runServerCommand(args: readonly string[]): number | undefined {
  if (!existsSync(SERVER)) return undefined
  return spawnSync(process.execPath, [SERVER, ...args], { stdio: 'inherit' }).status ?? 1
}
