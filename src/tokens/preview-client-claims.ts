import { findClient, type ClientFinder } from '../clients/management/find-client.ts'
import { ClientNotFound } from '../clients/management/errors.ts'
import { findResourcesByName, type NamedResources, type ResourceOptions } from '../clients/resources/named-resources.ts'
import type { SubjectResolver } from '../clients/subject-identifier.ts'
import { Denied, InvalidInput } from '../lib/domain-error.ts'
import type { Clock } from '../lib/time/clock.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import { hasPermission, type AdminContext } from '../model/permissions/permission.ts'
import type { OrganisationAccessRepository } from '../model/permissions/organisation-access.ts'
import { isAssignmentEffective, type RoleAssignmentRepository } from '../model/permissions/role-assignment.ts'
import type { UserRepository } from '../model/users/user.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parseScope } from '../oauth/scope.ts'
import { findUser, type UserFinder } from '../users/find-user.ts'
import { previewClaims, type ClaimsPreview } from './released-claims/preview-claims.ts'

export interface ClaimsPreviewer extends ClientFinder, UserFinder, ResourceOptions {
  clock: Clock
  resolveSubject: SubjectResolver
  findProfile: UserRepository['findProfile']
  organisationAccess: OrganisationAccessRepository
  roleAssignments: Pick<RoleAssignmentRepository, 'listForUser'>
}

/**
 * What a client would get for a user, without issuing it. `scope`: by default all scopes of the client, and of `resource`,
 * which the access token is for. Throws `Denied`
 * without `users:read`, and `InvalidInput` for a scope that the client does not have, or a user who gets no tokens.
 */
export async function previewClientClaims(
  services: ClaimsPreviewer,
  context: AdminContext,
  clientReference: string,
  { userId, scope, resource }: { userId: string; scope: string | undefined; resource: string | undefined },
): Promise<ClaimsPreview> {
  if (!hasPermission(context.permissions, 'users:read'))
    throw new Denied('To see the claims of a user, the permission users:read is needed.')
  const settings = await findClient(services, context, clientReference)
  // The settings are as stored now; the cache has the organisation.
  const cached = await services.clientCache.find(settings.clientId)
  if (!cached) throw new ClientNotFound()
  const client = { ...cached, ...settings }
  const resources = await findPreviewed(services, client, resource)
  const available = [...settings.scopes, ...(resources ?? []).flatMap((one) => one.scopes.map(({ name }) => name))]
  const scopes = scope === undefined ? available : parseScope(scope)
  const unregistered = scopes?.filter((name) => !available.includes(name)) ?? []
  if (!scopes || unregistered.length > 0) {
    const message = scopes ? `has scopes that the client does not have: ${unregistered.join(' ')}` : 'is malformed'
    throw invalid('scope', message)
  }
  const found = await findUser(services, context, userId)
  const now = services.clock.now()
  const profile = await services.findProfile(found, now)
  if (!profile) throw invalid('userId', 'is of a user who is suspended or blocked, and so gets no tokens')
  const [access, assignments] = await Promise.all([
    services.organisationAccess.find(found, now),
    services.roleAssignments.listForUser(found),
  ])
  const inEffect = assignments.filter((assignment) => isAssignmentEffective(assignment, now))
  return previewClaims({ client, user: profile.user, access, assignments: inEffect }, scopes, {
    ...services,
    now,
    resources,
  })
}

async function findPreviewed(
  services: ResourceOptions,
  client: RegisteredClient,
  resource: string | undefined,
): Promise<NamedResources> {
  try {
    return await findResourcesByName(resource === undefined ? [] : [resource], client, services)
  } catch (error) {
    if (error instanceof OAuthError) throw invalid('resource', 'must be a resource that the client may request')
    throw error
  }
}

const invalid = (member: string, message: string) => new InvalidInput([{ path: [member], code: 'custom', message }])
