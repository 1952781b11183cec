import { importInvitations } from 'cerberus-idp-admin-client'
import { type Command, Option } from 'commander'
import { exitCodes, Failure } from '../../failure.ts'
import { readCsv } from '../../import/csv.ts'
import { parseRecords } from '../../import/formats.ts'
import { readFileText } from '../../input/data.ts'
import { log } from '../../output/log.ts'
import { print, printList } from '../../output/print.ts'
import { invocationOf } from '../invocation.ts'

interface ImportOptions {
  from: 'csv' | 'cerberus'
  deliver?: 'mail' | 'link'
  language?: string
  dryRun?: true
}

/** The limit of a request. */
const MAX_INVITATIONS = 200

/** `cerberus invitation import`. */
export function addInvitationImport(invitation: Command): void {
  invitation
    .command('import <file>')
    .description('invite the people of a file, - for standard input; can be repeated')
    .addOption(
      new Option('--from <format>', 'csv, or JSON as the API takes it').choices(['csv', 'cerberus']).default('csv'),
    )
    .addOption(new Option('--deliver <how>', 'mail the links, or show them').choices(['mail', 'link']))
    .addOption(new Option('--language <language>', 'of the mails').choices(['en', 'de']))
    .option('--dry-run', 'show what would happen to each line, and invite no one')
    .action(async (file: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ImportOptions>(command)
      const { from, dryRun = false, deliver, language } = options
      const session = open()
      const lines = from === 'csv' ? readCsv(readFileText(file)) : parseRecords(readFileText(file))
      if (lines.length === 0) throw new Failure('invalid', 'The file has no invitations.')
      const counts = { created: 0, unchanged: 0, failed: 0 }
      const rows: { line: number; email: unknown; outcome: string; link?: string; reason?: string }[] = []
      for (let start = 0; start < lines.length; start += MAX_INVITATIONS) {
        const batch = lines.slice(start, start + MAX_INVITATIONS)
        const delivery = { ...(deliver && { deliver }), ...(language !== undefined && { language }) }
        const { body } = await session.send(importInvitations(batch, { dryRun, ...delivery }))
        for (const [index, { id: _, ...result }] of body.invitations.entries()) {
          counts[result.outcome] += 1
          rows.push({ line: start + index + 1, email: batch[index]?.['email'], ...result })
        }
        log(`${start + batch.length} of ${lines.length}`)
      }
      if (format === 'table') printList(rows, format, ['line', 'email', 'outcome', 'link', 'reason'], { wraps: true })
      else print({ dryRun, counts, invitations: rows }, format)
      log(
        Object.entries(counts)
          .map(([outcome, count]) => `${count} ${outcome}`)
          .join(', '),
      )
      if (counts.failed > 0) process.exitCode = exitCodes.failedCheck
    })
}
