import {
  getOpenApiDocument,
  isChosenClientId,
  readAllClients,
  settableMembers,
  settingsOf,
} from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { createsSecret, executeActions, type PlannedAction, plannedActions } from '../configuration/apply.ts'
import { escapeVariables, readConfiguration } from '../configuration/document.ts'
import { detectDrift, type Drift } from '../configuration/drift.ts'
import { type Plan, planConfiguration, type Pruning, type Purpose } from '../configuration/plan.ts'
import { logPlanWarnings, printDifferences, printPlan, summaryOf } from '../configuration/print-plan.ts'
import { createSecretsFile } from '../configuration/secrets-file.ts'
import { readSources } from '../configuration/sources.ts'
import { exitCodes, Failure } from '../failure.ts'
import { confirm } from '../input/confirm.ts'
import { readPair } from '../input/data.ts'
import { log } from '../output/log.ts'
import { type Format, print, printList } from '../output/print.ts'
import type { Columns } from '../output/table.ts'
import { withRetry } from '../requests/retry.ts'
import { sendOrThrow } from '../requests/send.ts'
import type { Session } from '../sign-in/session.ts'
import { invocationOf } from './invocation.ts'

interface FileOptions {
  file: string[]
  var: Record<string, string>
}

interface PlanOptions extends FileOptions {
  prune?: true
  pruneLimit: string
  detailedExitcode?: true
}

interface ApplyOptions extends PlanOptions {
  yes?: true
  secretsOut?: string
}

/** `cerberus plan`, `apply`, `diff`, `drift` and `export`: configuration as code. */
export function addConfiguration(program: Command): void {
  const fileCommand = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .requiredOption('-f, --file <path>', 'a file, a folder, or - for standard input; repeatable', addPath)
      .option('--var <name=value>', 'the value of ${name} in the files; repeatable', addVariable, {})
  const planCommand = (name: string, description: string) =>
    fileCommand(name, description)
      .option('--prune', 'remove clients of the groups that the files own and that are in no file')
      .option('--prune-limit <number>', 'the most removals; if there would be more, nothing is changed', '5')

  planCommand('plan', 'show what apply would change, checked by the server')
    .option('--detailed-exitcode', `exit with ${exitCodes.differs} if there are changes`)
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<PlanOptions>(command)
      const plan = await readPlan(open(), options, 'write', readPruning(options))
      printPlan(plan, format)
      if (options.detailedExitcode && plannedActions(plan).length > 0) process.exitCode = exitCodes.differs
    })

  planCommand('apply', 'change the clients of the server to those of the files')
    .option('-y, --yes', 'apply without confirmation')
    .option('--secrets-out <file>', 'new file for the secrets of new clients, readable by you alone')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ApplyOptions>(command)
      const session = open()
      const plan = await readPlan(session, options, 'write', readPruning(options))
      const actions = plannedActions(plan)
      requireSecretsDestination(actions, options, format)
      if (format === 'table') printPlan(plan, format)
      else logPlanWarnings(plan)
      if (actions.length > 0) await confirm(`Apply this to ${session.server}?`, options.yes ?? false)
      await apply(session, plan, options, format)
    })

  fileCommand('diff', 'show the differences, member by member; exit with 1 if there are any').action(
    async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<FileOptions>(command)
      const plan = await readPlan(open(), options, 'read', undefined)
      printDifferences(plan, format)
      if (plan.steps.length > 0) process.exitCode = exitCodes.failure
    },
  )

  fileCommand(
    'drift',
    `show changes made on the server, and by whom; exit with ${exitCodes.differs} if there are any`,
  ).action(async (_options: unknown, command: Command) => {
    const { options, open, format } = invocationOf<FileOptions>(command)
    const session = open()
    const drift = await detectDrift(withRetry(session), await readPlan(session, options, 'read', undefined))
    if (drift.length > 0 || format !== 'table') printList(drift, format, driftColumns, { wraps: true })
    if (drift.length > 0) process.exitCode = exitCodes.differs
    else log('The server matches the files.')
  })

  program
    .command('export')
    .description('write the clients of the organisation in the format of plan and apply')
    .option('--group <group>', 'only the clients of a group, which the file then owns')
    .action(async (_options: unknown, command: Command) => {
      const { options, open } = invocationOf<{ group?: string }>(command)
      const session = open()
      const document = (await sendOrThrow(session.server, getOpenApiDocument())).body
      const found = await readAllClients(withRetry(session), { group: options.group })
      const clients = found.map((client) => {
        const { externalId, ...settings } = settingsOf(client, document)
        const { clientId } = client
        return {
          ...(typeof externalId === 'string' && { externalId }),
          // A chosen one is the same on every server.
          ...((typeof externalId !== 'string' || isChosenClientId(clientId)) && { clientId }),
          ...settings,
        }
      })
      const configuration = { ...(options.group !== undefined && { owns: { group: options.group } }), clients }
      const text =
        options.output === 'json' ? JSON.stringify(configuration, null, 2) : stringify(configuration, { lineWidth: 0 })
      process.stdout.write(`${escapeVariables(text).trimEnd()}\n`)
    })
}

const driftColumns: Columns<Drift> = ['client', 'drift', 'member', 'inFile', 'onServer', 'changedBy', 'changedAt']

async function readPlan(session: Session, options: FileOptions, purpose: Purpose, pruning: Pruning): Promise<Plan> {
  const sources = readSources(options.file)
  const settable = settableMembers((await sendOrThrow(session.server, getOpenApiDocument())).body)
  const configuration = readConfiguration(sources, options.var, settable)
  if (pruning !== undefined && configuration.groups.length === 0) {
    throw new Failure('usage', '--prune requires a group that a file owns: owns: {group: …}')
  }
  return planConfiguration(session, configuration, purpose, pruning)
}

/** Secrets are shown once, so nothing is applied without a destination for them. */
function requireSecretsDestination(
  actions: readonly PlannedAction[],
  { secretsOut }: ApplyOptions,
  format: Format,
): void {
  if (secretsOut !== undefined || format !== 'table') return
  const count = actions.filter(createsSecret).length
  if (count === 0) return
  const clients = count === 1 ? 'A new client gets a secret' : `${count} new clients get secrets`
  throw new Failure('usage', `${clients}: write them to a file by --secrets-out FILE, or print them by --output json.`)
}

async function apply(session: Session, plan: Plan, { secretsOut }: ApplyOptions, format: Format): Promise<void> {
  const actions = plannedActions(plan)
  const secrets = secretsOut !== undefined && actions.some(createsSecret) ? createSecretsFile(secretsOut) : undefined
  const execution = executeActions(withRetry(session), actions, secrets).finally(() => secrets?.close())
  const { outcomes, failure } = await execution
  const incomplete = outcomes.filter(({ done }) => done === 'not done' || done === 'failed' || done === 'unclear')
  if (format !== 'table') print(outcomes, format)
  else if (failure) printList(outcomes, format, ['done', 'externalId', 'clientId', 'name'])
  if (failure) {
    log(`Applied ${outcomes.length - incomplete.length} of ${outcomes.length} changes. Run apply again for the rest.`)
    throw failure
  }
  log(actions.length === 0 ? 'There is nothing to apply.' : `Applied: ${summaryOf(plan)}`)
}

function readPruning({ prune, pruneLimit }: PlanOptions): Pruning {
  if (!/^\d{1,6}$/.test(pruneLimit)) throw new Failure('usage', '--prune-limit must be a number of clients.')
  return prune ? Number(pruneLimit) : undefined
}

function addPath(path: string, before: string[] = []): string[] {
  return [...before, path]
}

function addVariable(argument: string, before: Record<string, string>): Record<string, string> {
  const [name, value] = readPair(argument, '--var requires name=value')
  return { ...before, [name]: value }
}
