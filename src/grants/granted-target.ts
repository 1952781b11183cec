import {
  findGrantedResources,
  type NamedResources,
  type ResourceOptions,
} from '../clients/resources/named-resources.ts'
import type { Clock } from '../lib/time/clock.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { Grant, Subject } from '../model/grants/grant.ts'
import type { OrganisationAccessRepository } from '../model/permissions/organisation-access.ts'
import { withAccessForResources } from '../tokens/released-claims/resource-claims.ts'
import { tokenTarget, type TokenTarget } from '../tokens/token-target.ts'

export interface GrantedTargetOptions extends ResourceOptions {
  clock: Clock
  organisationAccess: OrganisationAccessRepository
}

export interface RedeemedGrant {
  grant: Grant
  subject: Subject
  /** Those of the access token, if it is for all resources of the grant. */
  scopes: readonly string[]
  /** The resources that the token request names. */
  named: NamedResources
}

/**
 * What the access token of a redeemed grant is for (RFC 8707 §2.2): the resources that the token request names, or else those
 * of the grant. `subject` has what their claims need. Throws `invalid_target`.
 */
export async function grantedTarget(
  { grant, subject, scopes, named }: RedeemedGrant,
  client: RegisteredClient,
  options: GrantedTargetOptions,
): Promise<{ target: TokenTarget | undefined; subject: Subject }> {
  const resources = named ?? (await findGrantedResources(grant.resources, client, options))
  const asked = { resources: resources ?? [], wereNamed: named !== undefined, grant }
  return {
    target: tokenTarget(scopes, { resources, granted: grant.resources, issuer: options.issuer }),
    subject: await withAccessForResources(subject, asked, options),
  }
}
