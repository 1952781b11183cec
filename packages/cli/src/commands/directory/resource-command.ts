// `directory` makes the commands about users, roles, teams and what belongs to them from their descriptions.

import { type ApiRequest, asDryRun, isObject } from 'cerberus-idp-admin-client'
import { Command } from 'commander'
import { findItem } from '../../directory/find-item.ts'
import { type AnyItem, type AnyResource, type Values } from '../../directory/resource.ts'
import { Failure } from '../../failure.ts'
import { addMember, DATA_HELP, readData } from '../../input/data.ts'
import { printDryRun } from '../../output/client-output.ts'
import { log } from '../../output/log.ts'
import { addPageOptions, type PageOptions, printPagedList, readPagedList } from '../../output/paged-list.ts'
import type { Format } from '../../output/print.ts'
import type { Session } from '../../sign-in/session.ts'
import { invocationOf } from '../invocation.ts'
import { addAct, addOwnAct, DRY_RUN_HELP } from './act-command.ts'
import { type Editing, editItem, type EditOptions } from './edit-item.ts'
import { printItem } from './item-output.ts'
import { addParameters, readValues } from './parameters.ts'
import { addRelatedList } from './related-list.ts'

interface ChangeOptions extends EditOptions {
  data?: string
  set?: Record<string, unknown>
  full?: true
}

const SET_HELP = 'set a member to JSON, YAML or text; repeatable'

/** `cerberus user`, `cerberus role` and the like. `<user>` is the id of an item, or its name. */
export function resourceCommand(resource: AnyResource): Command {
  const { noun, help, own } = resource
  const family = new Command(noun).alias(`${noun}s`).description(help)
  const verb = (words: string, description: string, example: string) =>
    family
      .command(words)
      .description(description)
      .addHelpText('after', `\nExample:\n  cerberus ${noun} ${words.split(' ')[0] ?? ''} ${example}`.trimEnd())
  const named = own ? `[${noun}]` : `<${noun}>`

  addList(verb('list', `list ${resource.plural}`, resource.listExample), resource)

  const [getExample = ''] = (resource.change ?? resource.acts?.[0])?.example.split(' --') ?? []
  if (resource.get) {
    verb(`get ${named}`, `show one, by its id or its name`, own ? '' : (getExample.split(' ')[0] ?? ''))
      .alias('show')
      .option('--full', 'show all members, also empty ones')
      .action(async (name: string | undefined, _options: unknown, command: Command) => {
        const { options, open, format } = invocationOf<{ full?: true }>(command)
        printItem(resource, (await readItem(open(), resource, name)).item, format, { full: options.full ?? false })
      })
  }

  const { create, change } = resource
  if (create) {
    const creation = addParameters(verb(create.verb ?? 'create', create.help, create.example), create.parameters)
    if (create.hasDryRun) creation.option('--dry-run', DRY_RUN_HELP)
    creation
      .option('-d, --data <data>', `further members, ${DATA_HELP}`)
      .option('--set <member=value>', SET_HELP, addMember)
      .action(async (...words: unknown[]) => {
        const command = words.at(-1) as Command
        const { options, open, format } = invocationOf<ChangeOptions>(command)
        const session = open()
        const values = await readValues(session, command, create.parameters)
        const body = { ...membersOf(options), ...values }
        const request = create.request(create.body?.(body) ?? body)
        if (options.dryRun) return printDryRun((await session.send(asDryRun(request))).body, format)
        printItem(resource, (await session.send(request)).body, format)
      })
  }
  if (change) {
    const edit = addParameters(verb(`edit ${named}`, change.help, change.example), change.parameters)
    edit
      .option('-d, --data <data>', `the changed members, ${DATA_HELP}`)
      .option('--set <member=value>', SET_HELP, addMember)
      .option('--dry-run', DRY_RUN_HELP)
      .option('-y, --yes', 'save what the editor changed without confirmation')
      .action(async (name: string | undefined, _options: unknown, command: Command) => {
        const { options, open, format, environment } = invocationOf<ChangeOptions>(command)
        const session = open()
        const editing = await readItem(session, resource, name)
        const changes = { ...membersOf(options), ...(await readValues(session, command, change.parameters)) }
        if (Object.keys(changes).length === 0) {
          return editItem(session, editing, options, format, environment.editor)
        }
        await applyChanges(session, editing, changes, options, format)
      })
  }
  for (const related of resource.related ?? []) {
    addRelatedList(verb(`${related.verb} <${noun}>`, related.help, related.example), resource, related)
  }
  for (const act of resource.acts ?? []) {
    const words = act.toOwn ? act.verb : `${act.verb} <${noun}>`
    addAct(verb(words, act.help, act.example), resource, act)
  }
  for (const act of resource.ownActs ?? []) addOwnAct(verb(act.verb, act.help, act.example), act)
  return family
}

function addList(command: Command, resource: AnyResource): void {
  addParameters(command, resource.filters)
  if (!resource.isWhole) addPageOptions(command)
  command.action(async (_options: unknown, list: Command) => {
    const { options, open, format } = invocationOf<PageOptions>(list)
    const session = open()
    const filters = (await readValues(session, list, resource.filters)) as Record<string, string>
    const found = await readPagedList(session, (page) => resource.list({ ...filters, ...page }), options)
    printPagedList(found, format, resource.columns, resource.plural)
  })
}

/** The item with this name, or without one the own item, and how it is changed. */
async function readItem(session: Session, resource: AnyResource, name: string | undefined): Promise<Editing> {
  const { own } = resource
  if (name === undefined && own) {
    const { body: item, headers } = await session.send(own.get())
    return { resource, item, etag: headers.get('etag'), request: (changes) => own.change?.(changes) ?? own.get() }
  }
  const found = await findItem(session, resource, name ?? '')
  const id = resource.idOf(found)
  const { body: item, headers } = await session.send(getItem(resource, id))
  const request = (changes: Values) => resource.change?.request(id, changes) ?? getItem(resource, id)
  return { resource, item, etag: headers.get('etag'), request }
}

/** Only resources whose items can be read have the commands that read them. */
function getItem({ get, noun }: AnyResource, id: string): ApiRequest<AnyItem> {
  if (!get) throw new Failure('usage', `A ${noun} cannot be read alone.`)
  return get(id)
}

function membersOf({ data, set }: ChangeOptions): Record<string, unknown> {
  const members = data === undefined ? {} : readData(data)
  if (!isObject(members)) throw new Failure('invalid', 'The data must be an object.')
  return { ...members, ...set }
}

async function applyChanges(
  session: Session,
  { resource, item, request }: Editing,
  changes: Values,
  { dryRun }: EditOptions,
  format: Format,
): Promise<void> {
  if (!dryRun) return printItem(resource, (await session.send(request(changes))).body, format)
  if (resource.change?.hasDryRun) {
    return printDryRun((await session.send(asDryRun(request(changes)))).body, format)
  }
  const compared = Object.entries(changes).map(([member, to]) => ({ member, from: item[member] ?? null, to }))
  printDryRun({ dryRun: true, changes: compared, warnings: [] }, format)
  log('The server did not check these changes: it has no dry run for them.')
}
