import { apiKeyResource } from './api-keys/resource.ts'
import { invitationResource } from './invitations/resource.ts'
import { guestMembershipResource } from './memberships/resource.ts'
import { mailResource } from './mails/resource.ts'
import { auditLogResource } from './audit-logs/resource.ts'
import { authorizationFailureResource } from './authorization-failures/resource.ts'
import { domainResource } from './domains/resource.ts'
import { eventResource } from './events/resource.ts'
import { clientResource } from './clients/resource.ts'
import { initialAccessTokenResource } from './initial-access-tokens/resource.ts'
import type { AdminResource } from './operation.ts'
import { onboardingTokenResource } from './onboarding-tokens/resource.ts'
import { organisationResource } from './organisation/resource.ts'
import { permissionResource } from './permissions/resource.ts'
import { registrationPolicyResource } from './registration-policy/resource.ts'
import { roleResource } from './roles/resource.ts'
import { signingKeyResource } from './signing-keys/resource.ts'
import { statementIssuerResource } from './software-statement-issuers/resource.ts'
import { systemOrganisationResource } from './system-organisations/resource.ts'
import { protectedResourceResource } from './protected-resources/resource.ts'
import { serviceAccountResource } from './service-accounts/resource.ts'
import { teamResource } from './teams/resource.ts'
import { userAttributeResource } from './user-attributes/resource.ts'
import { webhookResource } from './webhooks/resource.ts'
import { userResource } from './users/resource.ts'

/** The resources of the management API. A new one is a folder, and a line here. */
const resources = [
  organisationResource,
  systemOrganisationResource,
  onboardingTokenResource,
  userResource,
  userAttributeResource,
  teamResource,
  roleResource,
  permissionResource,
  invitationResource,
  mailResource,
  serviceAccountResource,
  domainResource,
  guestMembershipResource,
  apiKeyResource,
  clientResource,
  protectedResourceResource,
  authorizationFailureResource,
  registrationPolicyResource,
  initialAccessTokenResource,
  statementIssuerResource,
  signingKeyResource,
  auditLogResource,
  webhookResource,
  eventResource,
] as const

type Intersection<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer All) => void
  ? All
  : never

/** What the resources need together: each names its own services. */
export type AdminServices = Intersection<Parameters<(typeof resources)[number]>[0]>

/** All resources, ready to be mounted. */
export function createResources(services: AdminServices): AdminResource[] {
  return resources.map((resource) => resource(services))
}
