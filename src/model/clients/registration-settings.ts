import type { ClientIdMetadataSettings } from './client-id-metadata-settings.ts'
import type { ProfileName } from './client.ts'

export const registrationPolicies = ['closed', 'token', 'open'] as const
/** Who may register clients in an organisation: no one, holders of an initial access token, or anyone (RFC 7591 §3). */
export type RegistrationPolicy = (typeof registrationPolicies)[number]

/** How an organisation treats clients that register themselves. */
export interface RegistrationSettings extends ClientIdMetadataSettings {
  policy: RegistrationPolicy
  /** The profile that they get. */
  profile: ProfileName
  /** Whether they need a software statement. */
  softwareStatementRequired: boolean
  /** The scopes that clients with a metadata document may have at most. */
  clientIdMetadataScopes: readonly string[]
}

/** The settings of one organisation, with its id. */
export type OrganisationRegistrationSettings = RegistrationSettings & { organisationId: string }
