import {
  asDryRun,
  getClient,
  getOpenApiDocument,
  ifMatch,
  replaceClient,
  requireDryRun,
  settingsOf,
} from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import { confirm } from '../../input/confirm.ts'
import { printChangedClient, printDryRun } from '../../output/client-output.ts'
import { log } from '../../output/log.ts'
import { sendOrThrow } from '../../requests/send.ts'
import { editYaml, requireTerminal } from '../edit-yaml.ts'
import { invocationOf } from '../invocation.ts'
import { addViewOption, viewOf, type ViewOptions } from './client-view.ts'
import { clientTitle } from './identify-client.ts'

/** `cerberus client edit`: opens the settings as YAML in an editor and saves them, unless the client changed meanwhile. */
export function addClientEdit(client: Command): void {
  addViewOption(client.command('edit <id>'))
    .description('edit a client in your editor (VISUAL or EDITOR)')
    .option('--dry-run', 'show the changes without applying them')
    .option('-y, --yes', 'save without confirmation')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format, environment } = invocationOf<ViewOptions & { dryRun?: true; yes?: true }>(command)
      const session = open()
      requireTerminal(withoutEditor(id))
      const { body: current, headers } = await session.send(getClient(id))
      const document = await sendOrThrow(session.server, getOpenApiDocument())
      await editYaml(environment.editor, 'client', settingsOf(current, document.body), save)

      async function save(settings: unknown): Promise<void> {
        const request = ifMatch(replaceClient(id, settings), headers.get('etag') ?? '*')
        const dryRun = requireDryRun(await session.send(asDryRun(request)))
        if (options.dryRun) return printDryRun(dryRun, format)
        if (dryRun.changes.length === 0) return log('Nothing was changed.')
        for (const { member, from, to } of dryRun.changes) {
          log(`${member}: ${JSON.stringify(from ?? null)} → ${JSON.stringify(to ?? null)}`)
        }
        await confirm(`Save these changes of ${clientTitle(current)}?`, options.yes ?? false)
        const members = dryRun.changes.map(({ member }) => [member, true])
        const view = viewOf(session, options, Object.fromEntries(members))
        await printChangedClient(await session.send(request), format, view)
      }
    })
}

/** The commands that do the same in a script. */
const withoutEditor = (id: string) =>
  `cerberus client patch ${id} --set MEMBER=VALUE, or cerberus client export ${id} > FILE and cerberus client import --data FILE`
