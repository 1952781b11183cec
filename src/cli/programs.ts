import { spawn, spawnSync } from 'node:child_process'

/** Opens an address in the browser of whoever is at this machine. Whether that works shows only there. */
export function openBrowser(address: string): void {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(program, [address], { stdio: 'ignore', detached: true })
  child.once('error', () => undefined)
  child.unref()
}

/** Lets somebody edit a file; `editor` may have arguments. False where it ended badly. */
export function editFile(editor: string, file: string): boolean {
  const { status } = spawnSync('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
  return status === 0
}
