import { execFileSync, spawn } from 'node:child_process'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { COMMAND, createTerminal, type Terminal } from '../support/cli.ts'
import { describeIfAvailable } from '../support/describe-if-available.ts'

/** How each shell is started without the settings of this user, and its settings as in docs/cli.md. */
const shells = {
  bash: { start: 'bash --noprofile --rcfile rc -i', settings: 'eval "$(cerberus completion bash)"' },
  zsh: {
    start: 'zsh -i',
    settings: 'autoload -U compinit\ncompinit -u -d zcompdump\neval "$(cerberus completion zsh)"',
  },
  fish: { start: "fish --no-config -i -C 'source rc'", settings: 'cerberus completion fish | source' },
}

let terminal: Terminal
beforeAll(async () => {
  terminal = await createTerminal()
  const program = `'${process.execPath}' '${COMMAND}'`
  // Completion is the real command; the completed command line is recorded instead of executed.
  const shim = `#!/bin/sh
case "$1" in
  completion | complete-words) exec ${program} "$@" ;;
  *) printf '%s\\n' "$*" >> called ;;
esac
`
  await chmod(await terminal.file('cerberus', shim), 0o755)
}, 240_000)
afterAll(() => terminal.remove())

/** Types into a shell on a pseudo-terminal, exits it, and returns the arguments that cerberus was called with. */
async function typed(shell: keyof typeof shells, keys: string): Promise<string> {
  const { start, settings } = shells[shell]
  await Promise.all([terminal.file('rc', settings), terminal.file('.zshrc', settings), terminal.file('called', '')])
  const child = spawn('script', ['-qefc', start, '/dev/null'], {
    cwd: terminal.directory,
    env: {
      PATH: `${terminal.directory}:${process.env['PATH']}`,
      HOME: terminal.directory,
      ZDOTDIR: terminal.directory,
      TERM: 'dumb',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let seen = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text))
  child.stdin.end(`${keys}exit\n`)
  const code = await new Promise((resolve) => child.once('close', resolve))
  const called = await readFile(join(terminal.directory, 'called'), 'utf8')
  if (called === '') throw new Error(`${shell} ended with ${String(code)} and called nothing:\n${seen}`)
  return called
}

/** Whether the shell is installed, and `script` of util-linux, which makes the pseudo-terminal. */
function isHere(shell: string): boolean {
  return [shell, 'script'].every((program) => {
    try {
      return execFileSync(program, ['--version'], { stdio: 'pipe' }).length > 0
    } catch {
      return false
    }
  })
}

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const dependence = {
    isAvailable: isHere(shell),
    missingReason: `there is no ${shell} here, or no script of util-linux`,
    advice: 'Install it, to type at it.',
  }
  describeIfAvailable(dependence, `cerberus completion ${shell}`, () => {
    it('completes commands in the shell itself', async () => {
      const keys = 'cerberus cli\tgra\tli\tID --al\t\ncerberus reg\tpol\tge\t--out\tjson\n'
      expect((await typed(shell, keys)).split('\n').map((line) => line.trim())).toEqual([
        'client grant list ID --all',
        'registration policy get --output json',
        '',
      ])
    })

    it('completes names of files only where the command takes a file', async () => {
      await terminal.file('settings.yaml', '')
      const keys = 'cerberus client create --data setti\t\ncerberus client get setti\t\ncerberus client lint setti\t\n'
      expect((await typed(shell, keys)).split('\n').map((line) => line.trim())).toEqual([
        'client create --data settings.yaml',
        'client get setti',
        'client lint setti',
        '',
      ])
    })
  })
}
