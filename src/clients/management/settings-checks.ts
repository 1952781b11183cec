import { clientSecretJwt, usesClientSecretJwt } from '../../model/clients/authentication-methods.ts'
import type { Client, ClientSettings } from '../../model/clients/client.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { sectorProblem } from '../subject-identifier.ts'
import { ExternalIdConflict, InvalidSettings } from './errors.ts'
import type { ClientManagement } from './find-client.ts'

// Checks of settings that need the database or another server. All come before the write, so that a dry run has them, too.

const NEWEST_FIRST = { by: 'createdAt', descending: true } as const

/** The document of the sector identifier lists all redirect URIs (OpenID Connect Core §8.1). Throws `InvalidSettings`. */
export async function assertValidSector(
  { fetchText }: Pick<ClientManagement, 'fetchText'>,
  settings: ClientSettings,
): Promise<void> {
  const message = await sectorProblem(settings, fetchText)
  if (message !== undefined) throw new InvalidSettings([{ path: ['sectorIdentifierUri'], code: 'custom', message }])
}

/**
 * A client that changes to client_secret_jwt has a secret that can verify signatures: of other secrets the database has
 * a hash only. Throws `InvalidSettings`.
 */
export async function assertSigningSecret(
  { clients, clock }: Pick<ClientManagement, 'clients' | 'clock'>,
  client: Client,
  settings: ClientSettings,
): Promise<void> {
  if (!usesClientSecretJwt(settings) || usesClientSecretJwt(client)) return
  if (await clients.hasSigningSecret(client, clock.now())) return
  const message = `${clientSecretJwt} needs a secret that can verify signatures: add one first, by POST …/secrets with forSigning`
  const index = settings.additionalTokenEndpointAuthMethods.indexOf(clientSecretJwt)
  const path = index < 0 ? ['tokenEndpointAuthMethod'] : ['additionalTokenEndpointAuthMethods', index]
  throw new InvalidSettings([{ path, code: 'custom', message }])
}

/** Throws `ExternalIdConflict`. Of two concurrent writes the database rejects one. */
export async function assertUniqueExternalId(
  { clients }: Pick<ClientManagement, 'clients'>,
  { organisationId }: AdminContext,
  externalId: string | null | undefined,
): Promise<void> {
  if (typeof externalId !== 'string') return
  const { total } = await clients.list({ organisationId, externalId, sort: NEWEST_FIRST, limit: 1, offset: 0 })
  if (total > 0) throw new ExternalIdConflict()
}
