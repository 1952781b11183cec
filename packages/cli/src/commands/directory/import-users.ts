import { importUsers } from 'cerberus-idp-admin-client'
import { type Command, Option } from 'commander'
import { exitCodes, Failure } from '../../failure.ts'
import { readFileText } from '../../input/data.ts'
import { type FirebaseParameters } from '../../import/firebase.ts'
import { formats, type ImportFormat, type ImportUser, readUsers } from '../../import/formats.ts'
import { log } from '../../output/log.ts'
import { print, printList } from '../../output/print.ts'
import { invocationOf } from '../invocation.ts'

interface ImportOptions extends FirebaseParameters {
  from: ImportFormat
  dryRun?: true
}

/** The limits of a request. */
const MAX_USERS = 200
const MAX_BYTES = 240_000
const MAX_VALUES = 4_500

/** `cerberus user import`. */
export function addUserImport(user: Command): void {
  user
    .command('import <file>')
    .description('import the users of a file, - for standard input; can be repeated')
    .addOption(new Option('--from <system>', 'where the file is from').choices(formats).default('cerberus'))
    .option('--dry-run', 'show what would happen to each user, and store nothing')
    .option('--signer-key <base64>', 'of Firebase: base64_signer_key of the project')
    .option('--salt-separator <base64>', 'of Firebase: base64_salt_separator')
    .option('--rounds <number>', 'of Firebase', '8')
    .option('--memory-cost <number>', 'of Firebase: mem_cost', '14')
    .action(async (file: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ImportOptions>(command)
      const session = open()
      const found = readUsers(readFileText(file), options.from, options)
      const counts = { created: 0, updated: 0, unchanged: 0, failed: 0 }
      const rows: { user: number; email: unknown; outcome: string; reason: string | undefined }[] = []
      for (const batch of batchesOf(found)) {
        const start = counts.created + counts.updated + counts.unchanged + counts.failed
        const { body } = await session.send(importUsers(batch, { dryRun: options.dryRun ?? false }))
        for (const [index, { outcome, reason }] of body.users.entries()) {
          counts[outcome] += 1
          rows.push({ user: start + index + 1, email: batch[index]?.['email'], outcome, reason })
        }
        log(`${start + batch.length} of ${found.length}`)
      }
      const shown = options.dryRun ? rows : rows.filter(({ outcome }) => outcome === 'failed')
      if (format === 'table') printList(shown, format, ['user', 'email', 'outcome', 'reason'], { wraps: true })
      else print({ dryRun: options.dryRun ?? false, counts, users: shown }, format)
      log(
        Object.entries(counts)
          .map(([outcome, count]) => `${count} ${outcome}`)
          .join(', '),
      )
      if (counts.failed > 0) process.exitCode = exitCodes.failedCheck
    })
}

/** The users in parts that each fit in a request. Throws for a user who fits in none. */
function batchesOf(users: readonly ImportUser[]): ImportUser[][] {
  const batches: ImportUser[][] = []
  let [bytes, values] = [0, 0]
  for (const [index, user] of users.entries()) {
    const size = Buffer.byteLength(JSON.stringify(user)) + 1
    const count = countValues(user) + 1
    if (size > MAX_BYTES || count > MAX_VALUES) throw new Failure('invalid', `User ${index + 1} is too large.`)
    const batch = batches.at(-1)
    if (batch && batch.length < MAX_USERS && bytes + size <= MAX_BYTES && values + count <= MAX_VALUES) {
      batch.push(user)
      ;[bytes, values] = [bytes + size, values + count]
    } else {
      batches.push([user])
      ;[bytes, values] = [size, count]
    }
  }
  return batches
}

/** The members of objects and entries of lists, at every depth. */
function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((total: number, inner) => total + 1 + countValues(inner), 0)
}
