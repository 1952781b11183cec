import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { clientPath, json, readClient, rehearsalOf, showChanged, showRehearsal } from '../client-requests.ts'
import { settingsOf } from '../client-settings.ts'
import { confirm } from '../confirm.ts'
import { parse } from '../data.ts'
import { Failure } from '../failure.ts'
import { invocationOf } from '../invocation.ts'
import { readDescription } from '../operations.ts'
import { show, tell } from '../output.ts'
import { editFile } from '../programs.ts'

/** `cerberus client edit`: the settings as YAML in an editor, what would change, and the change, if nobody was faster. */
export function addClientEdit(client: Command): void {
  client
    .command('edit <id>')
    .description('change a client in your editor (VISUAL or EDITOR)')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('-y, --yes', 'do not ask before it is changed')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format, environment } = invocationOf<{ dryRun?: true; yes?: true }>(command)
      const session = open()
      const { client: current, etag } = await readClient(session, id)
      const settings = settingsOf(current, await readDescription(session.server))
      const before = stringify(settings, { lineWidth: 0 })
      const directory = mkdtempSync(join(tmpdir(), 'cerberus-'))
      const file = join(directory, 'client.yaml')
      writeFileSync(file, before, { mode: 0o600 })
      const after = edited(environment.editor ?? 'vi', file)
      try {
        if (after === before) tell('Nothing was changed.')
        else await replace(parse(after, file))
        rmSync(directory, { recursive: true })
      } catch (error) {
        // What somebody has typed is theirs, also where it was wrong.
        tell(`Your text is kept in ${file}.`)
        throw error
      }

      async function replace(wanted: unknown): Promise<void> {
        const body = json(wanted)
        const headers = { ...body.headers, 'if-match': etag }
        const request = { ...body, method: 'PUT', headers }
        const rehearsal = rehearsalOf(await session.call({ ...request, path: clientPath(id, '?dryRun=true') }))
        if (options.dryRun) return showRehearsal(rehearsal, format)
        if (rehearsal.changes.length === 0) return tell('Nothing was changed.')
        for (const { member, from, to } of rehearsal.changes) {
          tell(`${member}: ${JSON.stringify(from ?? null)} → ${JSON.stringify(to ?? null)}`)
        }
        await confirm(`Change ${id} so?`, options.yes ?? false)
        const answer = await session.call({ ...request, path: clientPath(id) })
        if (format === 'table') showChanged(answer, format)
        else show(answer.body, format)
      }
    })
}

function edited(editor: string, file: string): string {
  if (!editFile(editor, file)) throw new Failure('failure', `The editor (${editor}) ended badly. Nothing was done.`)
  return readFileSync(file, 'utf8')
}
