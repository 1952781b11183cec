import { fieldChanges } from '../../audit/field-changes.ts'
import { withOptimisticRetry, type UpdateConditions } from '../../lib/concurrency/optimistic-update.ts'
import { randomToken, uuidv7 } from '../../lib/crypto/random.ts'
import { Conflict, InvalidInput } from '../../lib/domain-error.ts'
import { toAsciiDomain } from '../../lib/text/domain-name.ts'
import { MAX_DOMAINS, type DomainChange, type OrganisationDomain } from '../../model/domains/organisation-domain.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { assertHoldsPermissions } from '../../permissions/privilege-escalation.ts'
import { UnknownRoles } from '../errors.ts'
import { claimProblem } from './claimable-domain.ts'
import { domainEvent, findDomain, type DomainManagement } from './find-domain.ts'

/** What a change would do. `from` is absent for a new domain, `to` for one that would be deleted. */
export interface DomainDryRun {
  dryRun: true
  changes: { member: string; from?: unknown; to?: unknown }[]
  warnings: never[]
}

const dryRunOf = (changes: DomainDryRun['changes']): DomainDryRun => ({ dryRun: true, changes, warnings: [] })

/**
 * Adds a domain, which is not verified. Throws `InvalidInput` for one that cannot be claimed, and `Conflict` for a domain that
 * the organisation has, or too many.
 */
export async function addDomain(
  services: DomainManagement,
  context: AdminContext,
  name: string,
  { dryRun }: Pick<UpdateConditions, 'dryRun'>,
): Promise<OrganisationDomain | DomainDryRun> {
  const { organisationId, userId } = context
  const domain = readDomain(name)
  if (dryRun) return dryRunOf([{ member: 'domain', to: domain }])
  const id = uuidv7(services.clock.now())
  const created = { id, organisationId, domain, token: randomToken(), createdBy: userId ?? null }
  const event = domainEvent(services, context, 'domain.created', created, fieldChanges(undefined, { domain }))
  const outcome = await services.domains.create(created, event)
  if (outcome === 'exists') throw new Conflict('The organisation has this domain already.')
  if (outcome === 'too_many') throw new Conflict(`An organisation can have at most ${MAX_DOMAINS} domains.`)
  return findDomain(services, context, created.id)
}

/**
 * Changes whom a domain makes members. Throws `DomainNotFound`, `PreconditionFailed`, `UnknownRoles`, and
 * `PermissionEscalation` for a role with permissions that the caller lacks.
 */
export function updateDomain(
  services: DomainManagement,
  context: AdminContext,
  id: string,
  change: DomainChange,
  conditions: UpdateConditions,
): Promise<OrganisationDomain | DomainDryRun> {
  const find = () => findDomain(services, context, id)
  return withOptimisticRetry<OrganisationDomain, OrganisationDomain | DomainDryRun>(
    find,
    conditions,
    async (domain) => {
      const changes = (['membership', 'roleId', 'fromAnyOrganisation'] as const).flatMap((member) => {
        const to = change[member]
        return to === undefined || to === domain[member] ? [] : [{ member, from: domain[member], to }]
      })
      const after: DomainChange = Object.fromEntries(changes.map(({ member, to }) => [member, to]))
      if (changes.length > 0) await assertMayGiveRole(services, context, { ...domain, ...after } as OrganisationDomain)
      if (conditions.dryRun) return dryRunOf(changes)
      if (changes.length === 0) return domain
      const event = domainEvent(services, context, 'domain.updated', domain, fieldChanges(domain, after))
      const outcome = await services.domains.update(domain, after, event)
      if (outcome === 'unknown_role') throw new UnknownRoles(['roleId'])
      return outcome === 'stale' ? undefined : findDomain(services, context, id)
    },
  )
}

/** New members get a role: that of the domain, or the default role of the organisation. The caller must hold it. */
async function assertMayGiveRole(
  { userDirectory }: DomainManagement,
  context: AdminContext,
  { membership, roleId }: Pick<OrganisationDomain, 'membership' | 'roleId'>,
): Promise<void> {
  const { organisationId } = context
  if (roleId !== null) {
    const [found] = await userDirectory.findRoles(organisationId, [roleId])
    if (!found) throw new UnknownRoles(['roleId'])
    assertHoldsPermissions(context, found.permissions, 'The role has')
  } else if (membership !== 'none') {
    const role = await userDirectory.findDefaultRole(organisationId)
    assertHoldsPermissions(context, role?.permissions ?? [], 'The default role has')
  }
}

/** Deletes a domain. Its members stay members. Throws `DomainNotFound` and `PreconditionFailed`. */
export function deleteDomain(
  services: DomainManagement,
  context: AdminContext,
  id: string,
  conditions: UpdateConditions,
): Promise<DomainDryRun | 'deleted'> {
  const find = () => findDomain(services, context, id)
  return withOptimisticRetry<OrganisationDomain, DomainDryRun | 'deleted'>(find, conditions, async (domain) => {
    if (conditions.dryRun) return dryRunOf([{ member: 'id', from: domain.id }])
    const { domain: name, verifiedAt } = domain
    const deleted = fieldChanges({ domain: name, verifiedAt: verifiedAt?.toISOString() ?? null }, undefined)
    const event = domainEvent(services, context, 'domain.deleted', domain, deleted)
    const outcome = await services.domains.delete(domain, event)
    return outcome === 'stale' ? undefined : outcome
  })
}

/** The domain in the form of the DNS. Throws `InvalidInput`. */
function readDomain(text: string): string {
  const domain = toAsciiDomain(text)
  const problem = domain === undefined ? 'must be a domain name such as example.com' : claimProblem(domain)
  if (domain === undefined || problem !== undefined) {
    throw new InvalidInput([{ path: ['domain'], code: 'custom', message: problem ?? '' }])
  }
  return domain
}
