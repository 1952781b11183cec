import type { Clock } from '../../lib/time/clock.ts'
import type { ClaimPlace } from '../../model/clients/client-claim.ts'
import type { Grant, Subject } from '../../model/grants/grant.ts'
import type { OrganisationAccessRepository } from '../../model/permissions/organisation-access.ts'
import type { ProtectedResource } from '../../model/resources/protected-resource.ts'
import { needsAccess } from './access-reads.ts'
import { claimRulesOf, type RuleClient } from './claim-rules.ts'
import type { ClaimClient } from './claim-values.ts'

/**
 * Whose rules decide about the claims of a token for these resources: the resources instead of the client. Its other members
 * are those of the client.
 */
export function claimClientOf<Client extends Omit<ClaimClient, keyof RuleClient | 'maxClaimBytes'>>(
  resources: readonly ProtectedResource[],
  client: Client,
): Client & ClaimClient {
  return {
    ...client,
    ...resourceRules(resources),
    maxClaimBytes: Math.min(...resources.map(({ maxClaimBytes }) => maxClaimBytes)),
  }
}

/** The claims of resources, without the defaults of clients. */
export function resourceRules(resources: readonly ProtectedResource[]): RuleClient {
  return {
    claims: resources.flatMap(({ claims }) => claims),
    includeClaimsInIdToken: false,
    isFirstParty: false,
    isResource: true,
  }
}

/** Whether a token for these resources, or its introspection, has claims that need the access of the user. */
export function needsAccessForResources(resources: readonly ProtectedResource[], place: ClaimPlace): boolean {
  return claimRulesOf(resourceRules(resources)).some((rule) => rule.in.includes(place) && needsAccess(rule))
}

/**
 * The user of a redeemed grant with what the claims of its resources need. The statement that redeemed it has read that for
 * resources that the request named. For others it is read here, if a claim needs it.
 */
export async function withAccessForResources(
  subject: Subject,
  { resources, wereNamed, grant }: { resources: readonly ProtectedResource[]; wereNamed: boolean; grant: Grant },
  { clock, organisationAccess }: { clock: Clock; organisationAccess: OrganisationAccessRepository },
): Promise<Subject> {
  if (wereNamed || resources.length === 0 || !needsAccessForResources(resources, 'access_token')) return subject
  const user = { id: grant.userId, organisationId: grant.organisationId }
  return { ...subject, ...(await organisationAccess.find(user, clock.now())) }
}
