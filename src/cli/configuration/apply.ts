import type { ShownClient } from '../client-requests.ts'
import { Failure } from '../failure.ts'
import { tell } from '../output.ts'
import type { Session } from '../session.ts'
import type { Plan, Step } from './plan.ts'
import type { SecretsFile } from './secrets-file.ts'
import { askPatiently, eachOf } from './turns.ts'

/** A step that writes. */
export type Deed = Exclude<Step, { action: 'leave' }>

/** What came of a step. */
export interface Outcome {
  /** `unclear`: the server was asked and nothing was heard of it. */
  done: 'registered' | 'changed' | 'removed' | 'failed' | 'unclear' | 'not done'
  externalId: unknown
  clientId: unknown
  name: unknown
  changes: string[]
  clientSecret?: string
}

/** The steps of a plan that write. */
export function deedsOf({ steps }: Plan): Deed[] {
  return steps.filter((step): step is Deed => step.action !== 'leave')
}

/** Whether the server would make a secret for a client that is registered so. */
export function bringsSecret(step: Step): boolean {
  if (step.action !== 'register') return false
  const method = step.changes.find(({ member }) => member === 'tokenEndpointAuthMethod')?.to
  return typeof method === 'string' && method.startsWith('client_secret_')
}

/**
 * Carries out a plan: first what is registered and changed, then what is removed, and nothing more once something has
 * failed or somebody has said to stop. `failure` is why it did not come to its end.
 */
export async function carryOut(
  session: Session,
  deeds: readonly Deed[],
  secrets: SecretsFile | undefined,
): Promise<{ outcomes: Outcome[]; failure: Failure | undefined }> {
  const outcomes = new Map<Deed, Outcome>(deeds.map((deed) => [deed, { done: 'not done', ...nameOf(deed) }]))
  const stopped = new Failure('failure', 'It was stopped.')
  let failure: Failure | undefined
  const stop = () => {
    failure ??= stopped
    tell('What is under way comes to its end …')
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const act = async (deed: Deed) => {
    if (failure) return
    outcomes.set(deed, await outcomeOf(session, deed, secrets).catch((error: unknown) => failing(deed, error)))
  }
  const failing = (deed: Deed, error: unknown): Outcome => {
    const known = error instanceof Failure ? error : new Failure('failure', (error as Error).message)
    failure =
      failure && failure !== stopped
        ? failure
        : new Failure(known.ending, `${titleOf(deed)}: ${known.message}`, known.particulars)
    return { done: known.ending === 'unreachable' ? 'unclear' : 'failed', ...nameOf(deed) }
  }
  await eachOf(
    'Applying',
    deeds.filter(({ action }) => action !== 'remove'),
    act,
  )
  await eachOf(
    'Removing',
    deeds.filter(({ action }) => action === 'remove'),
    act,
  )
  process.off('SIGINT', stop).off('SIGTERM', stop)
  return { outcomes: [...outcomes.values()], failure }
}

async function outcomeOf(session: Session, deed: Deed, secrets: SecretsFile | undefined): Promise<Outcome> {
  if (deed.action === 'register') return register(session, deed, secrets)
  await askPatiently(session, deed.request)
  return { done: deed.action === 'change' ? 'changed' : 'removed', ...nameOf(deed) }
}

async function register(
  session: Session,
  deed: Extract<Deed, { action: 'register' }>,
  secrets: SecretsFile | undefined,
): Promise<Outcome> {
  const title = titleOf(deed)
  const announced = secrets !== undefined && bringsSecret(deed)
  if (announced) secrets.announce(title)
  try {
    const { clientId, clientSecret, name } = (await askPatiently(session, deed.request)).body as ShownClient
    const outcome = { ...nameOf(deed), done: 'registered', clientId, name } as const
    if (typeof clientSecret !== 'string') return outcome
    if (!secrets) return { ...outcome, clientSecret }
    try {
      secrets.add(title, String(clientId), clientSecret)
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'it failed'
      throw new Failure(
        'failure',
        `It is registered, and its secret could not be written (${reason}): make another by cerberus client rotate-secret ${String(clientId)}`,
      )
    }
    return outcome
  } catch (error) {
    // Whoever was refused was given nothing.
    if (announced && error instanceof Failure && error.ending !== 'unreachable' && error.ending !== 'failure')
      secrets.takeBack()
    throw error
  }
}

function nameOf(deed: Deed): Omit<Outcome, 'done'> {
  if (deed.action === 'remove') {
    const { externalId, clientId, name } = deed.client
    return { externalId, clientId, name, changes: [] }
  }
  const { entry, changes } = deed
  const { externalId, clientId, name } = { ...(deed.action === 'change' ? deed.client : entry.members) }
  return {
    externalId: externalId ?? entry.externalId ?? null,
    clientId: clientId ?? null,
    name: name ?? null,
    changes: deed.action === 'change' ? changes.map(({ member }) => member) : [],
  }
}

/** What a step is told by. */
export function titleOf(step: Step): string {
  if (step.action === 'register') return String(step.entry.externalId)
  const { externalId, clientId } = step.client
  return typeof externalId === 'string' ? externalId : String(clientId)
}
