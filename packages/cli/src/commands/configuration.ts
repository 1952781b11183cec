import {
  bodyMembers,
  getOpenApiDocument,
  isChosenClientId,
  readAllClients,
  settableMembers,
  settingsOf,
} from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { createsSecret, executeActions, type Outcome, plannedActions } from '../configuration/apply.ts'
import {
  directoryActions,
  type DirectoryOutcome,
  executeDirectory,
  makesSecret,
} from '../configuration/directory/apply-directory.ts'
import { detectDirectoryDrift } from '../configuration/directory/drift-directory.ts'
import { exportDirectory } from '../configuration/directory/export-directory.ts'
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
      .option('--prune', 'remove what the files own and that is in no file')
      .option('--prune-limit <number>', 'the most removals; if there would be more, nothing is changed', '5')

  planCommand('plan', 'show what apply would change, checked by the server')
    .option('--detailed-exitcode', `exit with ${exitCodes.differs} if there are changes`)
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<PlanOptions>(command)
      const plan = await readPlan(open(), options, 'write', readPruning(options))
      printPlan(plan, format)
      if (options.detailedExitcode && countActions(plan) > 0) process.exitCode = exitCodes.differs
    })

  planCommand('apply', 'change the server to what the files say')
    .option('-y, --yes', 'apply without confirmation')
    .option('--secrets-out <file>', 'new file for the secrets of new clients and webhooks, readable by you alone')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ApplyOptions>(command)
      const session = open()
      const plan = await readPlan(session, options, 'write', readPruning(options))
      requireSecretsDestination(plan, options, format)
      if (format === 'table') printPlan(plan, format)
      else logPlanWarnings(plan)
      if (countActions(plan) > 0) await confirm(`Apply this to ${session.server}?`, options.yes ?? false)
      await apply(session, plan, options, format)
    })

  fileCommand('diff', 'show the differences, member by member; exit with 1 if there are any').action(
    async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<FileOptions>(command)
      const plan = await readPlan(open(), options, 'read', undefined)
      printDifferences(plan, format)
      if (plan.steps.length + plan.directory.length > 0) process.exitCode = exitCodes.failure
    },
  )

  fileCommand(
    'drift',
    `show changes made on the server, and by whom; exit with ${exitCodes.differs} if there are any`,
  ).action(async (_options: unknown, command: Command) => {
    const { options, open, format } = invocationOf<FileOptions>(command)
    const session = open()
    const plan = await readPlan(session, options, 'read', undefined)
    const api = withRetry(session)
    const drift = [...(await detectDrift(api, plan)), ...(await detectDirectoryDrift(api, plan.directory))]
    if (drift.length > 0 || format !== 'table') printList(drift, format, driftColumns, { wraps: true })
    if (drift.length > 0) process.exitCode = exitCodes.differs
    else log('The server matches the files.')
  })

  program
    .command('export')
    .description('write the clients of the organisation in the format of plan and apply')
    .option('--group <group>', 'only the clients of a group, which the file then owns')
    .option('--directory', 'also roles, teams, webhooks and the settings of the organisation')
    .action(async (_options: unknown, command: Command) => {
      const { options, open } = invocationOf<{ group?: string; directory?: true }>(command)
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
      const configuration = {
        ...(options.group !== undefined && { owns: { group: options.group } }),
        ...(options.directory && (await exportDirectory(withRetry(session), document))),
        clients,
      }
      const text =
        options.output === 'json' ? JSON.stringify(configuration, null, 2) : stringify(configuration, { lineWidth: 0 })
      process.stdout.write(`${escapeVariables(text).trimEnd()}\n`)
    })
}

const driftColumns: Columns<Drift> = ['client', 'drift', 'member', 'inFile', 'onServer', 'changedBy', 'changedAt']

async function readPlan(session: Session, options: FileOptions, purpose: Purpose, pruning: Pruning): Promise<Plan> {
  const sources = readSources(options.file)
  const document = (await sendOrThrow(session.server, getOpenApiDocument())).body
  const settable = {
    client: settableMembers(document),
    organisation: new Set(bodyMembers(document, 'updateOrganisation').keys()),
  }
  const configuration = readConfiguration(sources, options.var, settable)
  if (pruning !== undefined && configuration.groups.length + configuration.owned.length === 0) {
    throw new Failure('usage', '--prune requires something that a file owns: owns: {group: …} or {roles: true}')
  }
  return planConfiguration(session, configuration, purpose, pruning)
}

/** The number of steps that change the server. */
const countActions = (plan: Plan) => plannedActions(plan).length + directoryActions(plan.directory).length

/** Secrets are shown once, so nothing is applied without a destination for them. */
function requireSecretsDestination(plan: Plan, { secretsOut }: ApplyOptions, format: Format): void {
  if (secretsOut !== undefined || format !== 'table') return
  const clients = plannedActions(plan).filter(createsSecret).length
  const count = clients + plan.directory.filter(makesSecret).length
  if (count === 0) return
  const what = count > clients ? 'client or webhook' : 'client'
  const named = count === 1 ? `A new ${what} gets a secret` : `${count} new ${what.replace(' or', 's or')}s get secrets`
  throw new Failure('usage', `${named}: write them to a file by --secrets-out FILE, or print them by --output json.`)
}

async function apply(session: Session, plan: Plan, { secretsOut }: ApplyOptions, format: Format): Promise<void> {
  const [actions, others] = [plannedActions(plan), directoryActions(plan.directory)]
  const hasSecrets = actions.some(createsSecret) || others.some(makesSecret)
  const secrets = secretsOut !== undefined && hasSecrets ? createSecretsFile(secretsOut) : undefined
  const api = withRetry(session)
  try {
    const clients = await executeActions(api, actions, secrets)
    const directory = clients.failure ? undefined : await executeDirectory(api, others, secrets)
    const outcomes = [...clients.outcomes, ...(directory?.outcomes ?? [])]
    const failure = clients.failure ?? directory?.failure
    const done = outcomes.filter((one) => !['not done', 'failed', 'unclear'].includes(one.done))
    if (format !== 'table') print(outcomes, format)
    else if (failure) printOutcomes(clients.outcomes, directory?.outcomes ?? [])
    if (failure) {
      log(`Applied ${done.length} of ${actions.length + others.length} changes. Run apply again for the rest.`)
      throw failure
    }
    log(actions.length + others.length === 0 ? 'There is nothing to apply.' : `Applied: ${summaryOf(plan)}`)
  } finally {
    secrets?.close()
  }
}

function printOutcomes(clients: readonly Outcome[], others: readonly DirectoryOutcome[]): void {
  if (clients.length > 0) printList(clients, 'table', ['done', 'externalId', 'clientId', 'name'])
  if (others.length > 0) printList(others, 'table', ['done', 'kind', 'key', 'changes'])
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
