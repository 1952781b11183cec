import {
  type AdminClient,
  type ApiRequest,
  assignServiceAccountRole,
  assignTeamRole,
  ifMatch,
  isObject,
  removeServiceAccountRole,
  removeTeamRole,
} from 'cerberus-idp-admin-client'
import { Failure, toFailure } from '../../failure.ts'
import type { SecretsFile } from '../secrets-file.ts'
import { titleOfEntry } from './entries.ts'
import type { DirectoryStep } from './plan-directory.ts'
import { readEtag, readRoleIds } from './server-items.ts'

/** The result of a step. */
export interface DirectoryOutcome {
  /** `unclear`: a request was sent, and there was no response. */
  done: 'created' | 'changed' | 'removed' | 'failed' | 'unclear' | 'not done'
  kind: string
  key: string
  changes: string[]
  secret?: string
}

/** The steps that change the server: the removals last. */
export function directoryActions(steps: readonly DirectoryStep[]): DirectoryStep[] {
  const removals = steps.filter(({ action }) => action === 'remove')
  return [...steps.filter(({ action }) => action === 'create' || action === 'change'), ...removals]
}

/** Whether the server will create a secret: for a new webhook. */
export const makesSecret = ({ action, kind }: DirectoryStep): boolean => action === 'create' && kind === 'webhooks'

const verbs = { create: 'created', change: 'changed', remove: 'removed', leave: 'not done' } as const

/**
 * Executes the steps one after another, because teams need roles. A step whose item changed since the plan is rejected.
 * After an error no further step is started; `failure` is its reason.
 */
export async function executeDirectory(
  api: AdminClient,
  steps: readonly DirectoryStep[],
  secrets: SecretsFile | undefined,
): Promise<{ outcomes: DirectoryOutcome[]; failure: Failure | undefined }> {
  const outcomes: DirectoryOutcome[] = []
  let failure: Failure | undefined
  for (const step of steps) {
    const { kind, key, changes } = step
    const outcome = { kind, key, changes: changes.map(({ member }) => member) }
    if (failure) {
      outcomes.push({ done: 'not done', ...outcome })
      continue
    }
    try {
      const secret = await execute(api, step)
      if (secret !== undefined && secrets) secrets.add(titleOfEntry(step), { url: key, secret })
      const shown = secret !== undefined && !secrets ? { secret } : {}
      outcomes.push({ done: verbs[step.action], ...outcome, ...shown })
    } catch (error) {
      const { reason, message, details } = toFailure(error)
      failure = new Failure(reason, `${titleOfEntry(step)}: ${message}`, details)
      outcomes.push({ done: reason === 'unreachable' ? 'unclear' : 'failed', ...outcome })
    }
  }
  return { outcomes, failure }
}

/** Returns the secret of a new webhook. */
async function execute(api: AdminClient, step: DirectoryStep): Promise<string | undefined> {
  const { kind, item, etag, requests, roles } = step
  if (item && etag !== undefined && (await readEtag(api, kind, item.id)) !== etag) {
    throw new Failure('conflict', 'It has changed since the plan was made.')
  }
  let [id, secret] = [item?.id, undefined as string | undefined]
  for (const [index, request] of requests.entries()) {
    // Each request changes the ETag.
    const { body } = await api.send<unknown>(index === 0 ? withEtag(request, etag) : request)
    if (!isObject(body)) continue
    if (step.action === 'create' && typeof body['id'] === 'string') id = body['id']
    if (typeof body['secret'] === 'string') secret = body['secret']
  }
  if (id !== undefined && roles.added.length + roles.removed.length > 0) await changeRoles(api, kind, id, roles)
  return secret
}

const withEtag = (request: ApiRequest, etag: string | undefined) =>
  etag === undefined ? request : ifMatch(request, etag)

async function changeRoles(
  api: AdminClient,
  kind: DirectoryStep['kind'],
  id: string,
  { added, removed }: DirectoryStep['roles'],
): Promise<void> {
  const ids = await readRoleIds(api)
  const [assign, remove] =
    kind === 'serviceAccounts'
      ? ([assignServiceAccountRole, removeServiceAccountRole] as const)
      : ([assignTeamRole, removeTeamRole] as const)
  for (const slug of added) await api.send(assign(id, { roleId: ids.get(slug) ?? slug }))
  for (const slug of removed) await api.send(remove(id, ids.get(slug) ?? slug))
}
