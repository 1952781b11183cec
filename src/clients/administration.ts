import { securityEvent, type EventType } from '../events/catalogue.ts'
import { entityTag, preconditionFailed, type Precondition } from '../http/conditional.ts'
import { forbidden, invalid, notFound, Problem } from '../http/problem-dialect.ts'
import { type Clock } from '../lib/clock.ts'
import { uuidv7 } from '../lib/random.ts'
import {
  signingSecretMethod,
  signsWithSecret,
  type Client,
  type ClientDirectory,
  type ClientSettings,
} from '../model/client.ts'
import type { ClientQuery, ClientReference, ClientRepository } from '../model/client-repository.ts'
import type { GrantRepository } from '../model/grant.ts'
import { actingClient, allows, type Administrator } from '../model/permission.ts'
import type { EventOrigin } from '../model/security-event.ts'
import { isClientIdUrl } from '../oauth/client-id-url.ts'
import { CLIENT_ID, newClientId } from './client-id.ts'
import type { ClientSecrets } from './client-secret.ts'
import { usesSecret } from './methods/index.ts'
import { sectorProblem } from './subject.ts'
import { completeSettings, settableMembers, type NewClient } from './metadata.ts'
import { expiryIssues } from './expiry.ts'
import { documentIssues } from './metadata-document.ts'
import { rehearsal, type Rehearsal } from './rehearsal.ts'
import type { Revision } from './revision.ts'

export interface ClientAdministrationOptions {
  clients: ClientRepository
  grants: Pick<GrantRepository, 'listOfClient' | 'revokeOfClient'>
  /** Finds the row of a `client_id`. */
  clientDirectory: Pick<ClientDirectory, 'find'>
  secrets: ClientSecrets
  clock: Clock
  /** Whether a scope would be read as a right on the administration API. */
  isPermission: (scope: string) => boolean
  fetchDocument: (url: string) => Promise<string>
}

/** Who acts, and from where. */
export interface Actor {
  administrator: Administrator
  origin: EventOrigin
}

/** On which state a request is to act, and whether it is to act at all. */
export interface RequestConditions {
  holds: Precondition
  dryRun: boolean
}

/** A client with the secret that was just made for it, undefined for a public client. */
export interface ClientWithSecret {
  client: Client
  secret: string | undefined
}

export type ClientAdministration = ReturnType<typeof createClientAdministration>

/**
 * What administrators do to the clients of their organisation. `reference` is a row's id or a `client_id`; one that
 * names no client of the organisation is a 404 problem, whatever it looks like.
 */
export function createClientAdministration(options: ClientAdministrationOptions) {
  const { clients, clientDirectory, secrets, clock, isPermission } = options

  async function resolve({ administrator: { organisationId } }: Actor, reference: string): Promise<ClientReference> {
    if (UUID.test(reference)) return { organisationId, id: reference.toLowerCase() }
    const named = CLIENT_ID.test(reference) || isClientIdUrl(reference)
    const client = named ? await clientDirectory.find(reference) : undefined
    if (client?.organisationId !== organisationId) throw noSuchClient()
    return { organisationId, id: client.id }
  }

  async function get(actor: Actor, reference: string): Promise<Client> {
    return found(await clients.get(await resolve(actor, reference)))
  }

  /**
   * What `act` makes of the client as it is. Where somebody else was faster, it is done again on what they made of it, if
   * the precondition still holds.
   */
  async function settled<Outcome>(
    actor: Actor,
    reference: string,
    holds: Precondition,
    act: (client: Client) => Promise<Outcome | undefined>,
  ): Promise<Outcome> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const client = await get(actor, reference)
      if (!holds(entityTag(client.version))) throw preconditionFailed()
      const outcome = await act(client)
      if (outcome !== undefined) return outcome
    }
    throw new Problem(409, 'conflict', 'Others are changing this client at the same time. Try again.')
  }

  /** Who decides what a client is, or holds its secret, could use it: so they must hold what it holds. */
  function refuseBorrowedRights({ administrator }: Actor, scopes: readonly string[]): void {
    const beyond = scopes.filter((scope) => isPermission(scope) && !allows(administrator.permissions, scope))
    if (beyond.length > 0) {
      throw forbidden(`The client's scopes include permissions that you lack: ${beyond.join(', ')}.`)
    }
  }

  /** A sector is what its document says (OpenID Connect Core §8.1). */
  async function refuseSector(settings: ClientSettings): Promise<void> {
    const message = await sectorProblem(settings, options.fetchDocument)
    if (message !== undefined) throw invalid([{ path: ['sectorIdentifierUri'], code: 'custom', message }])
  }

  /** Of secrets that were only ever compared there is a hash, which verifies no signature. */
  async function refuseUnsignable(client: Client, settings: ClientSettings) {
    if (!signsWithSecret(settings) || signsWithSecret(client)) return
    if (await clients.hasSigningSecret(client, clock.now())) return
    const message = `${signingSecretMethod} needs a secret that can verify signatures: add one first, by POST …/secrets with forSigning`
    const index = settings.additionalTokenEndpointAuthMethods.indexOf(signingSecretMethod)
    const path = index < 0 ? ['tokenEndpointAuthMethod'] : ['additionalTokenEndpointAuthMethods', index]
    throw invalid([{ path, code: 'custom', message }])
  }

  /** Before anything is written, so that a rehearsal says it, too. Of two at once the database refuses one. */
  async function refuseTaken(actor: Actor, externalId: string | null | undefined): Promise<void> {
    if (typeof externalId !== 'string') return
    const { organisationId } = actor.administrator
    const { total } = await clients.list({ organisationId, externalId, sort: NEWEST_FIRST, limit: 1, offset: 0 })
    if (total > 0) throw taken()
  }

  function eventOf({ administrator, origin }: Actor, type: EventType, id: string, metadata: Record<string, unknown>) {
    return securityEvent(clock, type, {
      organisationId: administrator.organisationId,
      origin,
      userId: administrator.userId,
      clientId: id,
      resource: { type: 'client', id },
      metadata: { ...metadata, ...actingClient(administrator) },
    })
  }

  /** Stores a client that makes sense, with a secret where it needs one. `told` is what the event says of it. */
  async function store(
    actor: Actor,
    settings: ClientSettings,
    told: Readonly<Record<string, unknown>>,
  ): Promise<ClientWithSecret> {
    const now = clock.now()
    const id = uuidv7(now)
    const clientId = newClientId()
    const secret = usesSecret(settings) ? secrets.make(signsWithSecret(settings), now) : undefined
    const client = await clients.create(
      {
        ...settings,
        id,
        clientId,
        organisationId: actor.administrator.organisationId,
        createdAt: now,
        updatedAt: now,
      },
      secret?.stored,
      eventOf(actor, 'client.created', id, { clientId, ...told }),
    )
    if (client === 'taken') throw taken()
    return { client, secret: secret?.shown }
  }

  return {
    get,
    eventOf,
    refuseBorrowedRights,

    list: ({ administrator }: Actor, query: Omit<ClientQuery, 'organisationId'>) =>
      clients.list({ ...query, organisationId: administrator.organisationId }),

    async register(actor: Actor, given: NewClient, dryRun: boolean): Promise<ClientWithSecret | Rehearsal> {
      const settings = completeSettings(given)
      const late = expiryIssues(settings, settings, clock.now())
      if (late.length > 0) throw invalid(late)
      refuseBorrowedRights(actor, settings.scopes)
      await refuseSector(settings)
      await refuseTaken(actor, settings.externalId)
      if (dryRun) return rehearsal(undefined, settings)
      return store(actor, settings, { fields: Object.keys(given) })
    },

    /** A client like another, with an id and a secret of its own, active and without an end. */
    async clone(
      actor: Actor,
      reference: string,
      name: string | undefined,
      dryRun: boolean,
    ): Promise<ClientWithSecret | Rehearsal> {
      const client = await get(actor, reference)
      const like = Object.fromEntries(Object.entries(client).filter(([member]) => settableMembers.includes(member)))
      const settings = {
        ...(like as unknown as ClientSettings),
        name: name ?? `${client.name.slice(0, 190)} (copy)`,
        externalId: null,
        isActive: true,
        expiresAt: null,
      }
      refuseBorrowedRights(actor, settings.scopes)
      if (dryRun) return rehearsal(undefined, settings)
      return store(actor, settings, { clonedFrom: client.clientId })
    },

    /** A change that would make the client contradict itself is a 400 problem; one that changes nothing is no event. */
    change: (
      actor: Actor,
      reference: string,
      revision: Revision,
      { holds, dryRun }: RequestConditions,
    ): Promise<Client | Rehearsal> =>
      settled<Client | Rehearsal>(actor, reference, holds, async (client) => {
        const { changed, issues } = revision(client)
        const settings = { ...client, ...changed }
        const late = expiryIssues(settings, changed, clock.now())
        const wrong = [...issues, ...late, ...documentIssues(client, changed)]
        if (wrong.length > 0) throw invalid(wrong)
        refuseBorrowedRights(actor, settings.scopes)
        const fields = Object.keys(changed)
        if (fields.includes('sectorIdentifierUri') || fields.includes('redirectUris')) await refuseSector(settings)
        await refuseUnsignable(client, settings)
        await refuseTaken(actor, changed.externalId)
        if (dryRun) return rehearsal(client, settings)
        if (fields.length === 0) return client
        const switched = fields.length === 1 && changed.isActive !== undefined
        const type = switched ? (changed.isActive ? 'client.enabled' : 'client.disabled') : 'client.updated'
        const event = eventOf(actor, type, client.id, { clientId: client.clientId, fields })
        const stored = await clients.change(client, changed, event.occurredAt, event)
        if (stored === 'taken') throw taken()
        return stored
      }),

    /** Voids all that was issued to it so far; it stays active. */
    async revokeGrants(actor: Actor, reference: string): Promise<void> {
      const client = await get(actor, reference)
      const event = eventOf(actor, 'client.grants_revoked', client.id, { clientId: client.clientId })
      found(await clients.revokeGrants(client, event.occurredAt, event))
    },

    /** Revokes one grant of its own. */
    async revokeGrant(actor: Actor, reference: string, grantId: string): Promise<void> {
      const client = await get(actor, reference)
      const event = {
        ...eventOf(actor, 'oauth2.grant_revoked', client.id, { clientId: client.clientId, by: 'administrator' }),
        resource: { type: 'grant', id: grantId },
      }
      const revoked = await options.grants.revokeOfClient(client, grantId, event.occurredAt, event)
      if (!revoked) throw notFound('The client has no such grant.')
    },

    listGrants: async (actor: Actor, reference: string, page: { limit: number; offset: number }) =>
      options.grants.listOfClient(await get(actor, reference), clock.now(), page),

    async revoke(actor: Actor, reference: string): Promise<void> {
      const client = await get(actor, reference)
      const event = eventOf(actor, 'client.revoked', client.id, { clientId: client.clientId })
      found(await clients.revoke(client, event.occurredAt, event))
    },

    remove: (actor: Actor, reference: string, { holds, dryRun }: RequestConditions): Promise<Rehearsal | true> =>
      settled<Rehearsal | true>(actor, reference, holds, async (client) => {
        if (dryRun) return rehearsal(client, undefined)
        const event = eventOf(actor, 'client.deleted', client.id, { clientId: client.clientId })
        return (await clients.delete(client, client.version, event.occurredAt, event)) || undefined
      }),
  }
}

/** How often a change is tried that others get in the way of. */
const MOST_ATTEMPTS = 5

const NEWEST_FIRST = { by: 'createdAt', descending: true } as const

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The client, or the problem that there is none. */
export function found(client: Client | undefined): Client {
  if (!client) throw noSuchClient()
  return client
}

function taken(): Problem {
  return new Problem(409, 'conflict', 'Another client of the organisation has this externalId.')
}

function noSuchClient(): Problem {
  return notFound('There is no such client.')
}
