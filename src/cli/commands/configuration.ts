import type { Command } from 'commander'
import { stringify } from 'yaml'
import { readAllClients } from '../client-pages.ts'
import { settableMembers, settingsOf } from '../client-settings.ts'
import { bringsSecret, carryOut, deedsOf, type Deed } from '../configuration/apply.ts'
import { readConfiguration, withoutVariables } from '../configuration/document.ts'
import { driftOf } from '../configuration/drift.ts'
import { planConfiguration, type Plan, type Pruning, type Purpose } from '../configuration/plan.ts'
import { createSecretsFile } from '../configuration/secrets-file.ts'
import { showDifferences, showPlan, summaryOf, tellWarnings } from '../configuration/show-plan.ts'
import { readSources } from '../configuration/sources.ts'
import { askPatiently } from '../configuration/turns.ts'
import { confirm } from '../confirm.ts'
import { readPair } from '../data.ts'
import { exitCodes, Failure } from '../failure.ts'
import { invocationOf } from '../invocation.ts'
import { readDescription } from '../operations.ts'
import { show, tell, type Format } from '../output.ts'
import type { Session } from '../session.ts'

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

/** `cerberus plan`, `apply`, `diff`, `drift` and `export`: clients as files have them, and as a server has them. */
export function addConfiguration(program: Command): void {
  const reading = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .requiredOption('-f, --file <path>', 'a file, a folder, or - for standard input; may be repeated', append)
      .option('--var <name=value>', 'what ${name} stands for in the files; may be repeated', setVariable, {})
  const planning = (name: string, description: string) =>
    reading(name, description)
      .option('--prune', 'remove clients of the groups that the files own and that are in none of them')
      .option('--prune-limit <number>', 'how many may be removed; if more would be, nothing is done', '5')

  planning('plan', 'say what apply would do, as the server judges it')
    .option('--detailed-exitcode', `end with ${exitCodes.differs} where there is something to do`)
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<PlanOptions>(command)
      const plan = await planned(open(), options, 'write', pruningOf(options))
      showPlan(plan, format)
      if (options.detailedExitcode && deedsOf(plan).length > 0) process.exitCode = exitCodes.differs
    })

  planning('apply', 'make the clients of the server as the files have them')
    .option('-y, --yes', 'do not ask')
    .option('--secrets-out <file>', 'where the secrets of new clients go: a file that is made, for you alone')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ApplyOptions>(command)
      const session = open()
      const plan = await planned(session, options, 'write', pruningOf(options))
      const deeds = deedsOf(plan)
      refuseLosingSecrets(deeds, options, format)
      if (format === 'table') showPlan(plan, format)
      else tellWarnings(plan)
      if (deeds.length > 0) await confirm(`Apply this to ${session.server}?`, options.yes ?? false)
      await apply(session, plan, options, format)
    })

  reading('diff', 'show what differs, member by member; ends with 1 where anything does').action(
    async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<FileOptions>(command)
      const plan = await planned(open(), options, 'read', undefined)
      showDifferences(plan, format)
      if (plan.steps.length > 0) process.exitCode = exitCodes.failure
    },
  )

  reading(
    'drift',
    `tell what was changed on the server, by whom; ends with ${exitCodes.differs} where anything was`,
  ).action(async (_options: unknown, command: Command) => {
    const { options, open, format } = invocationOf<FileOptions>(command)
    const session = open()
    const drift = await driftOf(session, await planned(session, options, 'read', undefined))
    if (drift.length > 0 || format !== 'table') show(drift, format, driftColumns)
    if (drift.length > 0) process.exitCode = exitCodes.differs
    else tell('The server has what the files say.')
  })

  program
    .command('export')
    .description('write the clients of the organisation as plan and apply read them')
    .option('--group <group>', 'only those of a group, which the file then owns')
    .action(async (_options: unknown, command: Command) => {
      const { options, open } = invocationOf<{ group?: string }>(command)
      const session = open()
      const description = await readDescription(session.server)
      const found = await readAllClients((request) => askPatiently(session, request), { group: options.group })
      const clients = found.map((client) => {
        const { externalId, ...settings } = settingsOf(client, description)
        const id = typeof externalId === 'string' ? { externalId } : { clientId: client['clientId'] }
        return { ...id, ...settings }
      })
      const configuration = { ...(options.group !== undefined && { owns: { group: options.group } }), clients }
      const text =
        options.output === 'json' ? JSON.stringify(configuration, null, 2) : stringify(configuration, { lineWidth: 0 })
      process.stdout.write(`${withoutVariables(text).trimEnd()}\n`)
    })
}

const driftColumns = ['client', 'drift', 'member', 'inFile', 'onServer', 'changedBy', 'changedAt']

async function planned(session: Session, options: FileOptions, purpose: Purpose, pruning: Pruning): Promise<Plan> {
  const sources = readSources(options.file)
  const settable = settableMembers(await readDescription(session.server))
  const configuration = readConfiguration(sources, options.var, settable)
  if (pruning !== undefined && configuration.groups.length === 0) {
    throw new Failure('usage', 'What is to be removed with --prune is of a group that a file owns: owns: {group: …}')
  }
  return planConfiguration(session, configuration, purpose, pruning)
}

/** Secrets are shown once: without a place for them nothing is begun. */
function refuseLosingSecrets(deeds: readonly Deed[], { secretsOut }: ApplyOptions, format: Format): void {
  if (secretsOut !== undefined || format !== 'table') return
  const confidential = deeds.filter(bringsSecret).length
  if (confidential === 0) return
  const clients = confidential === 1 ? 'A new client has a secret' : `${confidential} new clients have secrets`
  throw new Failure('usage', `${clients}: say where to, by --secrets-out FILE, or by --output json to standard output.`)
}

async function apply(session: Session, plan: Plan, { secretsOut }: ApplyOptions, format: Format): Promise<void> {
  const deeds = deedsOf(plan)
  const secrets = secretsOut !== undefined && deeds.some(bringsSecret) ? createSecretsFile(secretsOut) : undefined
  const { outcomes, failure } = await carryOut(session, deeds, secrets).finally(() => secrets?.close())
  const left = outcomes.filter(({ done }) => done === 'not done' || done === 'failed' || done === 'unclear')
  if (format !== 'table') show(outcomes, format)
  else if (failure) show(outcomes, format, ['done', 'externalId', 'clientId', 'name'])
  if (failure) {
    tell(`${outcomes.length - left.length} of ${outcomes.length} were done. Apply it again to do the rest.`)
    throw failure
  }
  tell(deeds.length === 0 ? 'There is nothing to do.' : `Applied: ${summaryOf(plan)}`)
}

function pruningOf({ prune, pruneLimit }: PlanOptions): Pruning {
  if (!/^\d{1,6}$/.test(pruneLimit)) throw new Failure('usage', '--prune-limit is a number of clients.')
  return prune ? Number(pruneLimit) : undefined
}

function append(path: string, before: string[] = []): string[] {
  return [...before, path]
}

function setVariable(given: string, before: Record<string, string>): Record<string, string> {
  const [name, value] = readPair(given, '--var takes name=value')
  return { ...before, [name]: value }
}
