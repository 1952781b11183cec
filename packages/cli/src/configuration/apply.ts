import type { AdminClient, ChangedClient } from 'cerberus-idp-admin-client'
import { Failure, toFailure } from '../failure.ts'
import { log } from '../output/log.ts'
import { mapConcurrently } from '../requests/concurrency.ts'
import type { Plan, Step } from './plan.ts'
import type { SecretsFile } from './secrets-file.ts'

/** A step that changes the server. */
export type PlannedAction = Exclude<Step, { action: 'leave' }>

/** The result of an action. */
export interface Outcome {
  /** `unclear`: the request was sent, and there was no response. */
  done: 'registered' | 'changed' | 'removed' | 'failed' | 'unclear' | 'not done'
  externalId: unknown
  clientId: unknown
  name: unknown
  changes: string[]
  clientSecret?: string
}

/** The steps of a plan that change the server. */
export function plannedActions({ steps }: Plan): PlannedAction[] {
  return steps.filter((step): step is PlannedAction => step.action !== 'leave')
}

/** Whether the server will create a secret for a new client. */
export function createsSecret(step: Step): boolean {
  if (step.action !== 'register') return false
  const method = step.changes.find(({ member }) => member === 'tokenEndpointAuthMethod')?.to
  return typeof method === 'string' && method.startsWith('client_secret_')
}

/**
 * Executes the actions of a plan: registrations and changes first, then removals. After an error or a signal no further
 * action is started. `failure` is the reason why the execution is incomplete.
 */
export async function executeActions(
  client: AdminClient,
  actions: readonly PlannedAction[],
  secrets: SecretsFile | undefined,
): Promise<{ outcomes: Outcome[]; failure: Failure | undefined }> {
  const outcomes = new Map<PlannedAction, Outcome>(
    actions.map((action) => [action, { done: 'not done', ...namesOf(action) }]),
  )
  const interrupted = new Failure('failure', 'Interrupted.')
  let failure: Failure | undefined
  const stop = () => {
    failure ??= interrupted
    log('Waiting for the requests that are running …')
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const run = async (action: PlannedAction) => {
    if (failure) return
    outcomes.set(action, await execute(client, action, secrets).catch((error: unknown) => failed(action, error)))
  }
  const failed = (action: PlannedAction, error: unknown): Outcome => {
    const { reason, message, details } = toFailure(error)
    failure =
      failure && failure !== interrupted ? failure : new Failure(reason, `${titleOf(action)}: ${message}`, details)
    return { done: reason === 'unreachable' ? 'unclear' : 'failed', ...namesOf(action) }
  }
  await mapConcurrently(
    'Applying',
    actions.filter(({ action }) => action !== 'remove'),
    run,
  )
  await mapConcurrently(
    'Removing',
    actions.filter(({ action }) => action === 'remove'),
    run,
  )
  process.off('SIGINT', stop).off('SIGTERM', stop)
  return { outcomes: [...outcomes.values()], failure }
}

async function execute(client: AdminClient, action: PlannedAction, secrets: SecretsFile | undefined): Promise<Outcome> {
  if (action.action === 'register') return register(client, action, secrets)
  await client.send(action.request)
  return { done: action.action === 'change' ? 'changed' : 'removed', ...namesOf(action) }
}

async function register(
  client: AdminClient,
  action: Extract<PlannedAction, { action: 'register' }>,
  secrets: SecretsFile | undefined,
): Promise<Outcome> {
  const title = titleOf(action)
  const announced = secrets !== undefined && createsSecret(action)
  if (announced) secrets.announce(title)
  try {
    const { clientId, clientSecret, name }: ChangedClient = (await client.send(action.request)).body
    const outcome = { ...namesOf(action), done: 'registered', clientId, name } as const
    if (typeof clientSecret !== 'string') return outcome
    if (!secrets) return { ...outcome, clientSecret }
    try {
      secrets.add(title, { clientId, clientSecret })
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'error'
      throw new Failure(
        'failure',
        `The client is registered, but its secret could not be written (${reason}). Create another: cerberus client rotate-secret ${clientId}`,
      )
    }
    return outcome
  } catch (error) {
    // A rejected registration has created no secret. Without a response, it may have.
    const { reason } = toFailure(error)
    if (announced && reason !== 'unreachable' && reason !== 'failure') secrets.cancel()
    throw error
  }
}

function namesOf(action: PlannedAction): Omit<Outcome, 'done'> {
  if (action.action === 'remove') {
    const { externalId, clientId, name } = action.client
    return { externalId, clientId, name, changes: [] }
  }
  const { entry, changes } = action
  const { externalId, clientId, name }: Readonly<Record<string, unknown>> =
    action.action === 'change' ? action.client : entry.members
  return {
    externalId: externalId ?? entry.externalId ?? null,
    clientId: clientId ?? entry.clientId ?? null,
    name: name ?? null,
    changes: action.action === 'change' ? changes.map(({ member }) => member) : [],
  }
}

/** The name of a step's client in messages: its externalId, or else its clientId. */
export function titleOf(step: Step): string {
  if (step.action === 'register') return String(step.entry.externalId ?? step.entry.clientId)
  const { externalId, clientId } = step.client
  return typeof externalId === 'string' ? externalId : clientId
}
