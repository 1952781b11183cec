import { type ApiRequest, asDryRun, type DryRun } from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import { endingOf } from '../../directory/ending.ts'
import { findItem } from '../../directory/find-item.ts'
import {
  type Act,
  type AnyItem,
  type AnyResource,
  type OwnAct,
  type Parameter,
  titleOf,
  type Values,
} from '../../directory/resource.ts'
import { exitCodes, Failure } from '../../failure.ts'
import { confirm } from '../../input/confirm.ts'
import { printDryRun } from '../../output/client-output.ts'
import { log } from '../../output/log.ts'
import { type Format, print } from '../../output/print.ts'
import type { Session } from '../../sign-in/session.ts'
import { invocationOf } from '../invocation.ts'
import type { EditOptions } from './edit-item.ts'
import { printItem } from './item-output.ts'
import { addParameters, readValues } from './parameters.ts'

/** The option of commands that can try something. */
export const DRY_RUN_HELP = 'show the changes without applying them'

/** Makes a command do something to an item. */
export function addAct(command: Command, resource: AnyResource, act: Act<AnyItem>): void {
  const parameters: readonly Parameter[] = act.parameters ?? []
  addParameters(command, parameters)
  if (act.hasDryRun) command.option('--dry-run', DRY_RUN_HELP)
  if (act.question) command.option('-y, --yes', 'do it without confirmation')
  command.action(async (...words: unknown[]) => {
    const { options, open, format } = invocationOf<EditOptions>(command)
    const session = open()
    const values = await readValues(session, command, parameters)
    const problem = act.problem?.({ ...values, dryRun: options.dryRun })
    if (problem !== undefined) throw new Failure('usage', problem)
    const item = act.toOwn
      ? await readOwn(session, resource)
      : await findItem(session, resource, String(words[0]), act.lookup)
    const title = titleOf(resource, item)
    const prepared = act.prepare ? (await session.send(act.prepare(item))).body : {}
    if (options.dryRun && act.prepare) return print(prepared, format)
    const request = act.request(item, values, prepared)
    if (options.dryRun) return printTrial((await session.send(asDryRun(request))).body, act, title, values, format)
    if (act.question) {
      const question = act.question(title, values, prepared)
      await confirm(async () => `${question}${await endingOf(session, act, item)}`, options.yes ?? false)
    }
    printResult(resource, act, title, values, await send(session, request), format)
  })
}

/** Makes a command do something that concerns no item. */
export function addOwnAct(command: Command, act: OwnAct): void {
  const parameters = act.parameters ?? []
  addParameters(command, parameters)
  if (act.question) command.option('-y, --yes', 'do it without confirmation')
  command.action(async () => {
    const { options, open, format } = invocationOf<{ yes?: true }>(command)
    const session = open()
    const values = await readValues(session, command, parameters)
    if (act.question) await confirm(act.question(values), options.yes ?? false)
    const body = await send(session, act.request(values))
    if (format !== 'table' || !act.done) print(body, format)
    if (act.done) log(act.done(body, values))
  })
}

async function readOwn(session: Session, { own, noun }: AnyResource): Promise<AnyItem> {
  if (!own) throw new Failure('usage', `Name the ${noun}.`)
  return (await session.send(own.get())).body
}

const send = async (session: Session, request: ApiRequest): Promise<unknown> => (await session.send(request)).body

/** Most dry runs list changes; that of a redelivery has a number. */
function printTrial(body: DryRun, act: Act<AnyItem>, title: string, values: Values, format: Format): void {
  if ('changes' in body || format !== 'table') return printDryRun(body, format)
  log(act.done?.(title, values, body) ?? '')
}

function printResult(
  resource: AnyResource,
  act: Act<AnyItem>,
  title: string,
  values: Values,
  body: unknown,
  format: Format,
): void {
  if (act.result) printItem(resource, act.result(body) as AnyItem, format)
  else if (act.report && format === 'table') print(act.report(body), format)
  else if (format !== 'table') print(body, format)
  if (act.done) log(act.done(title, values, body))
  if (act.fails?.(body)) process.exitCode = exitCodes.failedCheck
}
