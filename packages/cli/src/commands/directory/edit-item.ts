import {
  type ApiRequest,
  asDryRun,
  bodyMembers,
  type Change,
  getOpenApiDocument,
  ifMatch,
  isEqualJson,
  isObject,
  requireDryRun,
} from 'cerberus-idp-admin-client'
import { type AnyItem, type AnyResource, titleOf, type Values } from '../../directory/resource.ts'
import { Failure } from '../../failure.ts'
import { confirm } from '../../input/confirm.ts'
import { printDryRun } from '../../output/client-output.ts'
import { log } from '../../output/log.ts'
import type { Format } from '../../output/print.ts'
import { sendOrThrow } from '../../requests/send.ts'
import type { Session } from '../../sign-in/session.ts'
import { editYaml, requireTerminal } from '../edit-yaml.ts'
import { printItem } from './item-output.ts'

/** An item, its ETag, and the request that changes it. */
export interface Editing {
  resource: AnyResource
  item: AnyItem
  etag: string | null
  request(changes: Values): ApiRequest<AnyItem>
}

export interface EditOptions {
  dryRun?: true
  yes?: true
}

/** Opens the settings of an item in an editor and saves them, unless the item changed meanwhile. */
export async function editItem(
  session: Session,
  { resource, item, etag, request }: Editing,
  options: EditOptions,
  format: Format,
  editor: string | undefined,
): Promise<void> {
  const { change } = resource
  if (!change) throw new Failure('usage', `A ${resource.noun} cannot be changed.`)
  requireTerminal(`cerberus ${resource.noun} edit ${resource.namesOf(item)[0] ?? ''} --set MEMBER=VALUE`)
  const document = (await sendOrThrow(session.server, getOpenApiDocument())).body
  const names = [...bodyMembers(document, change.operationId).keys()]
  const settable = names.filter((name) => name in item && !change.except?.includes(name))
  const before = Object.fromEntries(settable.map((name) => [name, item[name]]))
  await editYaml(editor, resource.noun, before, async (edited) => {
    if (!isObject(edited)) throw new Failure('invalid', 'The settings must be a mapping.')
    const changes = differencesOf(before, edited)
    const body = Object.fromEntries(changes.map(({ member, to }) => [member, to]))
    const changing = etag === null ? request(body) : ifMatch(request(body), etag)
    const checked = change.hasDryRun ? requireDryRun(await session.send(asDryRun(changing))).changes : changes
    if (options.dryRun) return printDryRun({ dryRun: true, changes: checked, warnings: [] }, format)
    if (checked.length === 0) return log('Nothing was changed.')
    for (const { member, from, to } of checked) {
      log(`${member}: ${JSON.stringify(from ?? null)} → ${JSON.stringify(to ?? null)}`)
    }
    await confirm(`Save these changes of ${titleOf(resource, item)}?`, options.yes ?? false)
    printItem(resource, (await session.send(changing)).body, format)
  })
}

/** The members that differ; one that was removed becomes null. */
function differencesOf(before: AnyItem, after: AnyItem): Change[] {
  const members = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...members]
    .filter((member) => !isEqualJson(before[member] ?? null, after[member] ?? null))
    .map((member) => ({ member, from: before[member] ?? null, to: after[member] ?? null }))
}
