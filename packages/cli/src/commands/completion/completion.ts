// `completion` finishes words at a prompt, and names the command that a mistyped one probably means.

import { Argument, type Command } from 'commander'
import { completeWords } from './complete-words.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

/** The exit code of `complete-words` where the shell completes the names of files. */
const FILES = 3

const TIMEOUT_MS = 3_000

/**
 * Shell scripts that call `cerberus complete-words`, so that completions match the installed version. In bash `=` and `:`
 * split words, so the last word may begin behind one.
 */
const scripts: Readonly<Record<Shell, string>> = {
  bash: `_cerberus() {
  local IFS=$'\\n' found
  found=$(cerberus complete-words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [ $? -eq ${FILES} ]; then COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); else COMPREPLY=($found); fi
  case "\${COMPREPLY[0]}" in *=) compopt -o nospace 2>/dev/null ;; esac
}
complete -F _cerberus cerberus
`,
  zsh: `#compdef cerberus
_cerberus() {
  local found
  found=$(cerberus complete-words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if [[ $? -eq ${FILES} ]]; then _files; return; fi
  local -a all members others
  all=(\${(f)found})
  members=(\${(M)all:#*=})
  others=(\${all:#*=})
  compadd -S '' -a members
  compadd -a others
}
compdef _cerberus cerberus
`,
  fish: `function __cerberus_words
  set -l words (commandline -opc) (commandline -ct)
  set -l found (cerberus complete-words -- $words[2..-1] 2>/dev/null)
  if test $status -eq ${FILES}
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
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

  program.command('complete-words [words...]', { hidden: true }).action(async (words: string[]) => {
    // A shell waits for this: without an answer in time there is no completion.
    setTimeout(() => process.exit(1), TIMEOUT_MS).unref()
    const found = await completeWords(program, words)
    if (found === 'files') process.exitCode = FILES
    else process.stdout.write(found.map((word) => `${word}\n`).join(''))
  })
}
