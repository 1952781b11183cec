import { Problem, validationError, notFound } from '../../../http/errors/problem.ts'
import { addSeconds, type Clock } from '../../../lib/clock.ts'
import {
  MAX_CLIENT_SECRETS,
  allowedAuthMethods,
  usesClientSecretJwt,
  type Client,
  type ClientSecretInfo,
} from '../../../model/clients/client.ts'
import type { ClientRepository } from '../../../model/clients/client-repository.ts'
import { isClientIdUrl } from '../../../oauth/client-id-url.ts'
import type { AdminRequestContext } from '../../context.ts'
import { requireClient } from '../client-problems.ts'
import { type ClientAdministration, type ClientWithSecret } from '../client-administration.ts'
import type { ClientSecrets } from '../../../clients/authentication/client-secret.ts'
import { usesSecret } from '../../../clients/authentication/methods/index.ts'

export interface SecretAdministrationOptions {
  administration: Pick<ClientAdministration, 'get' | 'eventOf' | 'refuseBorrowedRights'>
  clients: Pick<ClientRepository, 'rotateSecret' | 'addSecret' | 'listSecrets' | 'deleteSecret'>
  secrets: ClientSecrets
  clock: Clock
}

export interface NewSecret {
  label: string | null
  expiresAt: Date | null
  /** Kept so that the client could sign with it, though it may not have the method by which it does. */
  forSigning: boolean
}

/** What administrators do to the secrets of clients. A client that has none by its method is a 409 problem. */
export function createSecretAdministration({ administration, clients, secrets, clock }: SecretAdministrationOptions) {
  const { get, eventOf, refuseBorrowedRights: assertNoPrivilegeEscalation } = administration

  async function requireSecretHolder(
    context: AdminRequestContext,
    reference: string,
    forSigning = false,
  ): Promise<Client> {
    const client = await get(context, reference)
    const canPrepareSigning = forSigning && client.clientType === 'confidential' && !isClientIdUrl(client.clientId)
    if (!usesSecret(client) && !canPrepareSigning) {
      const methods = allowedAuthMethods(client).join(' and ')
      throw new Problem(409, 'conflict', `A client that authenticates by ${methods} has no secret.`)
    }
    assertNoPrivilegeEscalation(context, client.scopes)
    return client
  }

  return {
    /** Makes a new secret; those before it are good for `overlapSeconds` more. */
    async rotate(context: AdminRequestContext, reference: string, overlapSeconds: number): Promise<ClientWithSecret> {
      const client = await requireSecretHolder(context, reference)
      const event = eventOf(context, 'client.secret_regenerated', client.id, {
        clientId: client.clientId,
        overlapSeconds,
      })
      const now = event.occurredAt
      const { shown, stored } = secrets.generate(usesClientSecretJwt(client), now)
      const rotated = await clients.rotateSecret(client, stored, addSeconds(now, overlapSeconds), now, event)
      return { client: requireClient(rotated), secret: shown }
    },

    /** Makes a secret beside those that there are; 409 where there are too many. */
    async add(
      context: AdminRequestContext,
      reference: string,
      { label, expiresAt, forSigning }: NewSecret,
    ): Promise<{ client: Client; secret: ClientSecretInfo; shown: string }> {
      const client = await requireSecretHolder(context, reference, forSigning)
      const now = clock.now()
      if (expiresAt !== null && expiresAt <= now) {
        throw validationError([{ path: ['expiresAt'], code: 'custom', message: 'must be in the future' }])
      }
      const { shown, stored } = secrets.generate(forSigning || usesClientSecretJwt(client), now)
      const event = eventOf(context, 'client.secret_added', client.id, {
        clientId: client.clientId,
        secretId: stored.id,
        label,
        expiresAt,
        forSigning,
      })
      const added = await clients.addSecret(client, { ...stored, label, expiresAt }, now, event)
      if (added === 'full') {
        throw new Problem(
          409,
          'conflict',
          `The client has ${MAX_CLIENT_SECRETS} secrets that are good: delete one first.`,
        )
      }
      return {
        client: requireClient(added),
        secret: { id: stored.id, label, expiresAt, createdAt: now, lastUsedAt: null },
        shown,
      }
    },

    async list(context: AdminRequestContext, reference: string): Promise<ClientSecretInfo[]> {
      return clients.listSecrets(await get(context, reference), clock.now())
    },

    /** Ends one secret at once; that of a client's last one, too. */
    async remove(context: AdminRequestContext, reference: string, secretId: string): Promise<void> {
      const client = await get(context, reference)
      const event = eventOf(context, 'client.secret_deleted', client.id, { clientId: client.clientId, secretId })
      if (!(await clients.deleteSecret(client, secretId, event))) throw notFound('The client has no such secret.')
    },
  }
}

export type SecretAdministration = ReturnType<typeof createSecretAdministration>
