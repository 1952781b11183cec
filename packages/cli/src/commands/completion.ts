import { Argument, type Command } from 'commander'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

/** Shell scripts that call `cerberus complete-words`, so that completions match the installed version. */
const scripts: Readonly<Record<Shell, string>> = {
  bash: `_cerberus() {
  COMPREPLY=($(cerberus complete-words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _cerberus cerberus
`,
  zsh: `#compdef cerberus
_cerberus() {
  local -a found
  found=("\${(@f)$(cerberus complete-words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _cerberus cerberus
`,
  fish: `function __cerberus_words
  set -l words (commandline -opc) (commandline -ct)
  cerberus complete-words -- $words[2..-1] 2>/dev/null
end
complete -c cerberus -f -a '(__cerberus_words)'
`,
}

/** `cerberus completion`, and the hidden command that its scripts call. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print the completion script of a shell: eval "$(cerberus completion bash)"')
    .addArgument(new Argument('<shell>').choices(shells))
    .action((shell: Shell) => {
      process.stdout.write(scripts[shell])
    })

  program.command('complete-words [words...]', { hidden: true }).action((words: string[]) => {
    process.stdout.write(
      completions(program, words)
        .map((word) => `${word}\n`)
        .join(''),
    )
  })
}

/** The completions of the last word. */
function completions(program: Command, words: readonly string[]): string[] {
  const last = words.at(-1) ?? ''
  let command = program
  for (const word of words.slice(0, -1)) command = command.commands.find((one) => one.name() === word) ?? command
  const visible = command.createHelp().visibleCommands(command)
  const options = [...command.options, ...program.options]
  const names = last.startsWith('-') ? options.map(({ long }) => long ?? '') : visible.map((one) => one.name())
  return [...new Set(names)].filter((name) => name !== '' && name.startsWith(last))
}
