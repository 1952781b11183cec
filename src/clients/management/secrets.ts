import { secretChange } from '../../audit/field-changes.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import { Conflict, NotFound } from '../../lib/domain-error.ts'
import { MAX_CLIENT_SECRETS, type ClientSecretInfo } from '../../model/clients/client-secret.ts'
import { allowedAuthMethods, usesClientSecretJwt } from '../../model/clients/authentication-methods.ts'
import type { Client } from '../../model/clients/client.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { isClientIdUrl } from '../../oauth/client-id-url.ts'
import { assertHoldsPermissionsOf } from '../../permissions/privilege-escalation.ts'
import { usesSecret } from '../authentication/methods/index.ts'
import { clientEvent } from './client-event.ts'
import type { ClientWithSecret } from './create-client.ts'
import { InvalidSettings } from './errors.ts'
import { findClient, requireClient, type ClientFinder, type ClientManagement } from './find-client.ts'

const changes = { changes: [secretChange('clientSecret')] }

type SecretManager = ClientFinder & Pick<ClientManagement, 'clock' | 'secrets'>

export interface NewSecret {
  label: string | null
  expiresAt: Date | null
  /** Store the secret so that it verifies signatures, before the client changes to client_secret_jwt. */
  forSigning: boolean
}

/** Makes a new secret. The others expire after `overlapSeconds`. Throws `Conflict` for a client without secrets. */
export async function rotateSecret(
  services: SecretManager,
  context: AdminContext,
  reference: string,
  overlapSeconds: number,
): Promise<ClientWithSecret> {
  const client = await findSecretHolder(services, context, reference)
  const event = clientEvent(services, context, 'client.secret_regenerated', client, { overlapSeconds }, changes)
  const now = event.occurredAt
  const { shown, stored } = services.secrets.generate(usesClientSecretJwt(client), now)
  const rotated = await services.clients.rotateSecret(client, stored, addSeconds(now, overlapSeconds), now, event)
  return { client: requireClient(rotated), secret: shown }
}

/** Adds a secret; the others stay valid. Throws `Conflict` where the client has too many. */
export async function addSecret(
  services: SecretManager,
  context: AdminContext,
  reference: string,
  { label, expiresAt, forSigning }: NewSecret,
): Promise<{ client: Client; secret: ClientSecretInfo; shown: string }> {
  const { clients, secrets, clock } = services
  const client = await findSecretHolder(services, context, reference, forSigning)
  const now = clock.now()
  if (expiresAt !== null && expiresAt <= now) {
    throw new InvalidSettings([{ path: ['expiresAt'], code: 'custom', message: 'must be in the future' }])
  }
  const { shown, stored } = secrets.generate(forSigning || usesClientSecretJwt(client), now)
  const event = clientEvent(
    services,
    context,
    'client.secret_added',
    client,
    {
      secretId: stored.id,
      label,
      expiresAt,
      forSigning,
    },
    changes,
  )
  const added = await clients.addSecret(client, { ...stored, label, expiresAt }, now, event)
  if (added === 'full') {
    throw new Conflict(`The client has ${MAX_CLIENT_SECRETS} valid secrets, the maximum: delete one first.`)
  }
  const secret = { id: stored.id, label, expiresAt, createdAt: now, lastUsedAt: null }
  return { client: requireClient(added), secret, shown }
}

/** The valid secrets of a client, the oldest first. */
export async function listSecrets(
  services: SecretManager,
  context: AdminContext,
  reference: string,
): Promise<ClientSecretInfo[]> {
  return services.clients.listSecrets(await findClient(services, context, reference), services.clock.now())
}

/** Deletes one secret, the client's last one included. It stops working immediately. Throws `NotFound`. */
export async function deleteSecret(
  services: SecretManager,
  context: AdminContext,
  reference: string,
  secretId: string,
): Promise<void> {
  const client = await findClient(services, context, reference)
  const event = clientEvent(services, context, 'client.secret_deleted', client, { secretId })
  const deleted = await services.clients.deleteSecret(client, secretId, event)
  if (!deleted) throw new NotFound('The client has no such secret.')
}

/** The client, if its authentication method has secrets, or may have one that signs. */
async function findSecretHolder(
  services: SecretManager,
  context: AdminContext,
  reference: string,
  forSigning = false,
): Promise<Client> {
  const client = await findClient(services, context, reference)
  const canPrepareSigning = forSigning && client.clientType === 'confidential' && !isClientIdUrl(client.clientId)
  if (!usesSecret(client) && !canPrepareSigning) {
    throw new Conflict(`A client that authenticates by ${allowedAuthMethods(client).join(' and ')} has no secret.`)
  }
  assertHoldsPermissionsOf(context, client)
  return client
}
