import { isDeepStrictEqual } from 'node:util'
import { fieldChanges } from '../../audit/field-changes.ts'
import { withOptimisticRetry, type UpdateConditions } from '../../lib/concurrency/optimistic-update.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import { Conflict, InvalidInput } from '../../lib/domain-error.ts'
import type { Clock } from '../../lib/time/clock.ts'
import { parseUrl } from '../../lib/url.ts'
import type { OrganisationRepository } from '../../model/organisations/organisation-repository.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import {
  defaultResourceSettings,
  MAX_RESOURCES,
  type ProtectedResource,
  type ResourceRepository,
  type ResourceSettings,
} from '../../model/resources/protected-resource.ts'
import { findResource, resourceEvent } from './find-resource.ts'

export interface ResourceManagement {
  issuer: string
  clock: Clock
  resources: ResourceRepository
  organisations: Pick<OrganisationRepository, 'findOperatorId'>
  /** Creates the keys of algorithms with which nothing was signed so far. */
  createKeys: (algorithms: readonly string[]) => Promise<void>
}

/** What a change would do. `from` is absent for a new resource, `to` for one that would be deleted. */
export interface ResourceDryRun {
  dryRun: true
  changes: { member: string; from?: unknown; to?: unknown }[]
  warnings: never[]
}

const dryRunOf = (changes: ResourceDryRun['changes']): ResourceDryRun => ({ dryRun: true, changes, warnings: [] })

/** Undefined keeps the value. */
export type ResourceChange = { [Member in keyof ResourceSettings]?: ResourceSettings[Member] | undefined }

/**
 * Creates a resource. Throws `InvalidInput` for an identifier on the host of this server that is not free, and `Conflict` for
 * one that the organisation has, or too many resources.
 */
export async function createResource(
  services: ResourceManagement,
  context: AdminContext,
  { identifier, ...given }: ResourceChange & { identifier: string; name: string },
  { dryRun }: Pick<UpdateConditions, 'dryRun'>,
): Promise<ProtectedResource | ResourceDryRun> {
  const { organisationId } = context
  await assertFreeIdentifier(services, context, identifier)
  const defined = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const settings = { ...defaultResourceSettings, ...(defined as Pick<ResourceSettings, 'name'>) }
  const id = uuidv7(services.clock.now())
  const members = { identifier, ...settings }
  if (dryRun) return dryRunOf(Object.entries(members).map(([member, to]) => ({ member, to })))
  await services.createKeys([settings.accessTokenSigningAlg])
  const event = resourceEvent(
    services,
    context,
    'resource.created',
    { id, identifier },
    fieldChanges(undefined, members),
  )
  const outcome = await services.resources.create({ ...members, id, organisationId }, event)
  if (outcome === 'identifier_taken') throw new Conflict('The organisation has a resource with this identifier.')
  if (outcome === 'too_many') throw new Conflict(`An organisation can have at most ${MAX_RESOURCES} resources.`)
  return findResource(services, context, id)
}

/** Changes settings. Throws `ResourceNotFound` and `PreconditionFailed`. */
export function updateResource(
  services: ResourceManagement,
  context: AdminContext,
  id: string,
  change: ResourceChange,
  conditions: UpdateConditions,
): Promise<ProtectedResource | ResourceDryRun> {
  const find = () => findResource(services, context, id)
  return withOptimisticRetry<ProtectedResource, ProtectedResource | ResourceDryRun>(
    find,
    conditions,
    async (resource) => {
      const changes = Object.entries(change).flatMap(([member, to]) => {
        const from = resource[member as keyof ResourceSettings]
        return to === undefined || isDeepStrictEqual(from, to) ? [] : [{ member, from, to }]
      })
      if (conditions.dryRun) return dryRunOf(changes)
      if (changes.length === 0) return resource
      const after: Partial<ResourceSettings> = Object.fromEntries(changes.map(({ member, to }) => [member, to]))
      if (after.accessTokenSigningAlg) await services.createKeys([after.accessTokenSigningAlg])
      const event = resourceEvent(services, context, 'resource.updated', resource, fieldChanges(resource, after))
      const outcome = await services.resources.update(resource, after, event)
      return outcome === 'stale' ? undefined : findResource(services, context, id)
    },
  )
}

/** Deletes a resource. Throws `ResourceNotFound` and `PreconditionFailed`. */
export function deleteResource(
  services: ResourceManagement,
  context: AdminContext,
  id: string,
  conditions: UpdateConditions,
): Promise<ResourceDryRun | 'deleted'> {
  const find = () => findResource(services, context, id)
  return withOptimisticRetry<ProtectedResource, ResourceDryRun | 'deleted'>(find, conditions, async (resource) => {
    if (conditions.dryRun) return dryRunOf([{ member: 'id', from: resource.id }])
    const {
      id: _id,
      organisationId: _organisation,
      createdAt: _at,
      updatedAt: _until,
      version: _version,
      ...members
    } = resource
    const event = resourceEvent(services, context, 'resource.deleted', resource, fieldChanges(members, undefined))
    const outcome = await services.resources.delete(resource, event)
    return outcome === 'stale' ? undefined : outcome
  })
}

/**
 * The host of this server belongs to the operator's organisation, and its own API is no resource that can be registered: a
 * token for it would give access to the account of the user.
 */
async function assertFreeIdentifier(
  { issuer, organisations }: ResourceManagement,
  { organisationId }: AdminContext,
  identifier: string,
): Promise<void> {
  const [url, own] = [parseUrl(identifier), new URL(issuer)]
  if (url?.host !== own.host) return
  const isOwnApi = url.pathname === '/' || /^\/(?:v1|oauth2|auth)(?:\/|$)/.test(url.pathname)
  const problem = isOwnApi
    ? 'is an address of this server itself'
    : (await organisations.findOperatorId()) === organisationId
      ? undefined
      : 'must not be on the host of this server'
  if (problem !== undefined) throw new InvalidInput([{ path: ['identifier'], code: 'custom', message: problem }])
}
