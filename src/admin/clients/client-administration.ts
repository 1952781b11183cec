// `admin/clients` owns the routes and operations on the clients of an organisation.
// Sub-folders hold what belongs to one client: secrets, grants, consents, tests, lifecycle and updates.
// Which settings are valid is decided by `clients/settings`.

import { createAuditEvent, type AuditEventType } from '../../audit/catalogue.ts'
import { entityTag, preconditionFailed, type Precondition } from '../../http/caching/preconditions.ts'
import { forbidden, validationError, notFound, Problem } from '../../http/errors/problem.ts'
import { type Clock } from '../../lib/clock.ts'
import { uuidv7 } from '../../lib/random.ts'
import {
  clientSecretJwt,
  usesClientSecretJwt,
  type Client,
  type ClientCache,
  type ClientSettings,
} from '../../model/clients/client.ts'
import type { ClientQuery, ClientReference, ClientRepository } from '../../model/clients/client-repository.ts'
import type { GrantRepository } from '../../model/grants/grant.ts'
import { actingClientMetadata, hasPermission } from '../../model/permissions/permission.ts'
import { isClientIdUrl } from '../../oauth/client-id-url.ts'
import { CLIENT_ID_PATTERN, generateClientId } from '../../clients/client-id.ts'
import type { ClientSecrets } from '../../clients/authentication/client-secret.ts'
import { usesSecret } from '../../clients/authentication/methods/index.ts'
import { sectorProblem } from '../../clients/subject-identifier.ts'
import { applyDefaults, settableProperties, type NewClient } from '../../clients/settings/schema.ts'
import { expiryIssues } from '../../clients/settings/expiry.ts'
import { documentIssues } from '../../clients/registration/cimd-document.ts'
import type { AdminRequestContext } from '../context.ts'
import type { RequestConditions } from '../preconditions.ts'
import { clientNotFound, externalIdConflict, requireClient } from './client-problems.ts'
import { dryRunResult, type DryRunResult } from './dry-run.ts'
import type { ClientUpdate } from './update/client-update.ts'

export interface ClientAdministrationOptions {
  clients: ClientRepository
  grants: Pick<GrantRepository, 'listForClient' | 'revokeForClient'>
  /** Finds the row of a `client_id`. */
  clientCache: Pick<ClientCache, 'find'>
  secrets: ClientSecrets
  clock: Clock
  /** Whether a scope would be read as a right on the administration API. */
  isPermission: (scope: string) => boolean
  fetchText: (url: string) => Promise<string>
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
  const { clients, clientCache, secrets, clock, isPermission } = options

  async function resolve(
    { administrator: { organisationId } }: AdminRequestContext,
    reference: string,
  ): Promise<ClientReference> {
    if (UUID_PATTERN.test(reference)) return { organisationId, id: reference.toLowerCase() }
    const isClientId = CLIENT_ID_PATTERN.test(reference) || isClientIdUrl(reference)
    const client = isClientId ? await clientCache.find(reference) : undefined
    if (client?.organisationId !== organisationId) throw clientNotFound()
    return { organisationId, id: client.id }
  }

  async function get(context: AdminRequestContext, reference: string): Promise<Client> {
    return requireClient(await clients.get(await resolve(context, reference)))
  }

  /**
   * What `act` makes of the client as it is. Where somebody else was faster, it is done again on what they made of it, if
   * the precondition still holds.
   */
  async function withOptimisticRetry<Outcome>(
    context: AdminRequestContext,
    reference: string,
    precondition: Precondition,
    act: (client: Client) => Promise<Outcome | undefined>,
  ): Promise<Outcome> {
    for (let attempt = 0; attempt < MAX_UPDATE_ATTEMPTS; attempt += 1) {
      const client = await get(context, reference)
      if (!precondition(entityTag(client.version))) throw preconditionFailed()
      const outcome = await act(client)
      if (outcome !== undefined) return outcome
    }
    throw new Problem(409, 'conflict', 'Others are changing this client at the same time. Try again.')
  }

  /** Who decides what a client is, or holds its secret, could use it: so they must hold what it holds. */
  function assertNoPrivilegeEscalation({ administrator }: AdminRequestContext, scopes: readonly string[]): void {
    const missingPermissions = scopes.filter(
      (scope) => isPermission(scope) && !hasPermission(administrator.permissions, scope),
    )
    if (missingPermissions.length > 0) {
      throw forbidden(`The client's scopes include permissions that you lack: ${missingPermissions.join(', ')}.`)
    }
  }

  /** A sector is what its document says (OpenID Connect Core §8.1). */
  async function assertValidSector(settings: ClientSettings): Promise<void> {
    const message = await sectorProblem(settings, options.fetchText)
    if (message !== undefined) throw validationError([{ path: ['sectorIdentifierUri'], code: 'custom', message }])
  }

  /** Of secrets that were only ever compared there is a hash, which verifies no signature. */
  async function assertSigningSecret(client: Client, settings: ClientSettings) {
    if (!usesClientSecretJwt(settings) || usesClientSecretJwt(client)) return
    if (await clients.hasSigningSecret(client, clock.now())) return
    const message = `${clientSecretJwt} needs a secret that can verify signatures: add one first, by POST …/secrets with forSigning`
    const index = settings.additionalTokenEndpointAuthMethods.indexOf(clientSecretJwt)
    const path = index < 0 ? ['tokenEndpointAuthMethod'] : ['additionalTokenEndpointAuthMethods', index]
    throw validationError([{ path, code: 'custom', message }])
  }

  /** Before anything is written, so that a rehearsal says it, too. Of two at once the database refuses one. */
  async function assertUniqueExternalId(
    context: AdminRequestContext,
    externalId: string | null | undefined,
  ): Promise<void> {
    if (typeof externalId !== 'string') return
    const { organisationId } = context.administrator
    const { total } = await clients.list({ organisationId, externalId, sort: NEWEST_FIRST_SORT, limit: 1, offset: 0 })
    if (total > 0) throw externalIdConflict()
  }

  function eventOf(
    { administrator, origin }: AdminRequestContext,
    type: AuditEventType,
    id: string,
    metadata: Record<string, unknown>,
  ) {
    return createAuditEvent(clock, type, {
      organisationId: administrator.organisationId,
      requestMetadata: origin,
      userId: administrator.userId,
      clientId: id,
      resource: { type: 'client', id },
      metadata: { ...metadata, ...actingClientMetadata(administrator) },
    })
  }

  /** Stores a client that makes sense, with a secret where it needs one. `told` is what the event says of it. */
  async function store(
    context: AdminRequestContext,
    settings: ClientSettings,
    auditDetails: Readonly<Record<string, unknown>>,
  ): Promise<ClientWithSecret> {
    const now = clock.now()
    const id = uuidv7(now)
    const clientId = generateClientId()
    const secret = usesSecret(settings) ? secrets.generate(usesClientSecretJwt(settings), now) : undefined
    const client = await clients.create(
      {
        ...settings,
        id,
        clientId,
        organisationId: context.administrator.organisationId,
        createdAt: now,
        updatedAt: now,
      },
      secret?.stored,
      eventOf(context, 'client.created', id, { clientId, ...auditDetails }),
    )
    if (client === 'external_id_taken') throw externalIdConflict()
    return { client, secret: secret?.shown }
  }

  return {
    get,
    eventOf,
    refuseBorrowedRights: assertNoPrivilegeEscalation,

    list: ({ administrator }: AdminRequestContext, query: Omit<ClientQuery, 'organisationId'>) =>
      clients.list({ ...query, organisationId: administrator.organisationId }),

    async register(
      context: AdminRequestContext,
      given: NewClient,
      dryRun: boolean,
    ): Promise<ClientWithSecret | DryRunResult> {
      const settings = applyDefaults(given)
      const expiryProblems = expiryIssues(settings, settings, clock.now())
      if (expiryProblems.length > 0) throw validationError(expiryProblems)
      assertNoPrivilegeEscalation(context, settings.scopes)
      await assertValidSector(settings)
      await assertUniqueExternalId(context, settings.externalId)
      if (dryRun) return dryRunResult(undefined, settings)
      return store(context, settings, { fields: Object.keys(given) })
    },

    /** A client like another, with an id and a secret of its own, active and without an end. */
    async clone(
      context: AdminRequestContext,
      reference: string,
      name: string | undefined,
      dryRun: boolean,
    ): Promise<ClientWithSecret | DryRunResult> {
      const client = await get(context, reference)
      const copiedSettings = Object.fromEntries(
        Object.entries(client).filter(([member]) => settableProperties.includes(member)),
      )
      const settings = {
        ...(copiedSettings as unknown as ClientSettings),
        name: name ?? `${client.name.slice(0, 190)} (copy)`,
        externalId: null,
        isActive: true,
        expiresAt: null,
      }
      assertNoPrivilegeEscalation(context, settings.scopes)
      if (dryRun) return dryRunResult(undefined, settings)
      return store(context, settings, { clonedFrom: client.clientId })
    },

    /** A change that would make the client contradict itself is a 400 problem; one that changes nothing is no event. */
    change: (
      context: AdminRequestContext,
      reference: string,
      revision: ClientUpdate,
      { precondition, dryRun }: RequestConditions,
    ): Promise<Client | DryRunResult> =>
      withOptimisticRetry<Client | DryRunResult>(context, reference, precondition, async (client) => {
        const { changed, issues } = revision(client)
        const settings = { ...client, ...changed }
        const expiryProblems = expiryIssues(settings, changed, clock.now())
        const allIssues = [...issues, ...expiryProblems, ...documentIssues(client, changed)]
        if (allIssues.length > 0) throw validationError(allIssues)
        assertNoPrivilegeEscalation(context, settings.scopes)
        const fields = Object.keys(changed)
        if (fields.includes('sectorIdentifierUri') || fields.includes('redirectUris')) await assertValidSector(settings)
        await assertSigningSecret(client, settings)
        await assertUniqueExternalId(context, changed.externalId)
        if (dryRun) return dryRunResult(client, settings)
        if (fields.length === 0) return client
        const togglesActiveOnly = fields.length === 1 && changed.isActive !== undefined
        const type = togglesActiveOnly ? (changed.isActive ? 'client.enabled' : 'client.disabled') : 'client.updated'
        const event = eventOf(context, type, client.id, { clientId: client.clientId, fields })
        const stored = await clients.update(client, changed, event.occurredAt, event)
        if (stored === 'external_id_taken') throw externalIdConflict()
        return stored
      }),

    /** Voids all that was issued to it so far; it stays active. */
    async revokeGrants(context: AdminRequestContext, reference: string): Promise<void> {
      const client = await get(context, reference)
      const event = eventOf(context, 'client.grants_revoked', client.id, { clientId: client.clientId })
      requireClient(await clients.revokeGrants(client, event.occurredAt, event))
    },

    /** Revokes one grant of its own. */
    async revokeGrant(context: AdminRequestContext, reference: string, grantId: string): Promise<void> {
      const client = await get(context, reference)
      const event = {
        ...eventOf(context, 'oauth2.grant_revoked', client.id, { clientId: client.clientId, by: 'administrator' }),
        resource: { type: 'grant', id: grantId },
      }
      const revoked = await options.grants.revokeForClient(client, grantId, event.occurredAt, event)
      if (!revoked) throw notFound('The client has no such grant.')
    },

    listGrants: async (context: AdminRequestContext, reference: string, page: { limit: number; offset: number }) =>
      options.grants.listForClient(await get(context, reference), clock.now(), page),

    async revoke(context: AdminRequestContext, reference: string): Promise<void> {
      const client = await get(context, reference)
      const event = eventOf(context, 'client.revoked', client.id, { clientId: client.clientId })
      requireClient(await clients.revoke(client, event.occurredAt, event))
    },

    remove: (
      context: AdminRequestContext,
      reference: string,
      { precondition, dryRun }: RequestConditions,
    ): Promise<DryRunResult | true> =>
      withOptimisticRetry<DryRunResult | true>(context, reference, precondition, async (client) => {
        if (dryRun) return dryRunResult(client, undefined)
        const event = eventOf(context, 'client.deleted', client.id, { clientId: client.clientId })
        return (await clients.delete(client, client.version, event.occurredAt, event)) || undefined
      }),
  }
}

/** How often a change is tried that others get in the way of. */
const MAX_UPDATE_ATTEMPTS = 5

const NEWEST_FIRST_SORT = { by: 'createdAt', descending: true } as const

const UUID_PATTERN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
