import { Command } from 'commander'
import { Failure } from '../failure.ts'
import { runServerCommand } from '../system/external-programs.ts'

/** `cerberus owner`: works where the server is installed, not over HTTP, because nothing else is left to sign in with. */
export function ownerCommand(): Command {
  const owner = new Command('owner').description('the owner of a server on this machine')

  owner
    .command('reset')
    .description('give the owner of the server on this machine a new password')
    .option('--email <address>', 'the owner, if there are several')
    .action(({ email }: { email?: string }) => {
      const status = runServerCommand(['owner-reset', ...(email === undefined ? [] : ['--email', email])])
      if (status === undefined) {
        throw new Failure('usage', 'This works only where the server is installed.', [
          'In the folder of the server: npm run owner:reset',
          'In its container: node dist/server/main.js owner-reset',
        ])
      }
      if (status !== 0) throw new Failure('failure', 'The password was not changed.')
    })

  return owner
}
