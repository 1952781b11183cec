import { Problem, invalid, notFound } from '../http/problem-dialect.ts'
import { addSeconds, type Clock } from '../lib/clock.ts'
import { MOST_SECRETS, methodsOf, signsWithSecret, type Client, type ClientSecretInfo } from '../model/client.ts'
import type { ClientRepository } from '../model/client-repository.ts'
import { isClientIdUrl } from '../oauth/client-id-url.ts'
import { found, type Actor, type ClientAdministration, type ClientWithSecret } from './administration.ts'
import type { ClientSecrets } from './client-secret.ts'
import { usesSecret } from './methods/index.ts'

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
  const { get, eventOf, refuseBorrowedRights } = administration

  async function holderOf(actor: Actor, reference: string, forSigning = false): Promise<Client> {
    const client = await get(actor, reference)
    const prepares = forSigning && client.clientType === 'confidential' && !isClientIdUrl(client.clientId)
    if (!usesSecret(client) && !prepares) {
      const methods = methodsOf(client).join(' and ')
      throw new Problem(409, 'conflict', `A client that authenticates by ${methods} has no secret.`)
    }
    refuseBorrowedRights(actor, client.scopes)
    return client
  }

  return {
    /** Makes a new secret; those before it are good for `overlapSeconds` more. */
    async rotate(actor: Actor, reference: string, overlapSeconds: number): Promise<ClientWithSecret> {
      const client = await holderOf(actor, reference)
      const event = eventOf(actor, 'client.secret_regenerated', client.id, {
        clientId: client.clientId,
        overlapSeconds,
      })
      const now = event.occurredAt
      const { shown, stored } = secrets.make(signsWithSecret(client), now)
      const rotated = await clients.rotateSecret(client, stored, addSeconds(now, overlapSeconds), now, event)
      return { client: found(rotated), secret: shown }
    },

    /** Makes a secret beside those that there are; 409 where there are too many. */
    async add(
      actor: Actor,
      reference: string,
      { label, expiresAt, forSigning }: NewSecret,
    ): Promise<{ client: Client; secret: ClientSecretInfo; shown: string }> {
      const client = await holderOf(actor, reference, forSigning)
      const now = clock.now()
      if (expiresAt !== null && expiresAt <= now) {
        throw invalid([{ path: ['expiresAt'], code: 'custom', message: 'must be in the future' }])
      }
      const { shown, stored } = secrets.make(forSigning || signsWithSecret(client), now)
      const event = eventOf(actor, 'client.secret_added', client.id, {
        clientId: client.clientId,
        secretId: stored.id,
        label,
        expiresAt,
        forSigning,
      })
      const added = await clients.addSecret(client, { ...stored, label, expiresAt }, now, event)
      if (added === 'full') {
        throw new Problem(409, 'conflict', `The client has ${MOST_SECRETS} secrets that are good: delete one first.`)
      }
      return {
        client: found(added),
        secret: { id: stored.id, label, expiresAt, createdAt: now, lastUsedAt: null },
        shown,
      }
    },

    async list(actor: Actor, reference: string): Promise<ClientSecretInfo[]> {
      return clients.listSecrets(await get(actor, reference), clock.now())
    },

    /** Ends one secret at once; that of a client's last one, too. */
    async remove(actor: Actor, reference: string, secretId: string): Promise<void> {
      const client = await get(actor, reference)
      const event = eventOf(actor, 'client.secret_deleted', client.id, { clientId: client.clientId, secretId })
      if (!(await clients.deleteSecret(client, secretId, event))) throw notFound('The client has no such secret.')
    },
  }
}

export type SecretAdministration = ReturnType<typeof createSecretAdministration>
