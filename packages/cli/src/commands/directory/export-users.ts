import { exportUsers } from 'cerberus-idp-admin-client'
import { type Command, Option } from 'commander'
import { printText } from '../../output/print.ts'
import { invocationOf } from '../invocation.ts'

interface ExportOptions {
  format: 'ndjson' | 'csv'
  passwordHashes?: true
}

/** `cerberus user export`. */
export function addUserExport(user: Command): void {
  user
    .command('export')
    .description('write all users to standard output, in the form that user import reads')
    .addOption(new Option('--format <format>', 'ndjson or csv').choices(['ndjson', 'csv']).default('ndjson'))
    .option('--password-hashes', 'with the password hashes; sign in again before')
    .action(async (_options: unknown, command: Command) => {
      const { options, open } = invocationOf<ExportOptions>(command)
      const { format, passwordHashes } = options
      const request = exportUsers({ format, ...(passwordHashes && { passwordHashes: 'true' as const }) })
      for await (const chunk of open().download(request)) await printText(chunk)
    })
}
