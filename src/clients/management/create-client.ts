import { Denied } from '../../lib/domain-error.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import { usesClientSecretJwt } from '../../model/clients/authentication-methods.ts'
import type { Client, ClientSettings } from '../../model/clients/client.ts'
import type { TokenLifetimes } from '../../model/organisations/organisation-settings.ts'
import { hasPermission, type AdminContext } from '../../model/permissions/permission.ts'
import { assertNoPrivilegeEscalation } from '../../permissions/privilege-escalation.ts'
import { usesSecret } from '../authentication/methods/index.ts'
import { generateClientId } from '../client-id.ts'
import { expiryIssues } from '../settings/expiry.ts'
import { withInheritedLifetimes } from '../settings/lifetimes.ts'
import { signingAlgorithmsOf } from '../settings/signing-algorithms.ts'
import { applyDefaults, settableProperties, type NewClientWithId } from '../settings/schema.ts'
import { clientChanges, clientEvent } from './client-event.ts'
import { dryRunResult, type ClientDryRun } from './dry-run.ts'
import { assertNoIssues, ClientIdConflict, ExternalIdConflict } from './errors.ts'
import { findClient, type ClientFinder, type ClientManagement } from './find-client.ts'
import { assertUniqueExternalId, assertValidSector } from './settings-checks.ts'

type ClientCreator = Pick<ClientManagement, 'clients' | 'secrets' | 'clock' | 'createKeys'>

/** A client with the secret that was just made for it; undefined for a client without a secret. */
export interface ClientWithSecret {
  client: Client
  secret: string | undefined
}

/** The permission to choose the `client_id` of a new client. */
const CHOOSE_ID = 'clients:choose_id'

/**
 * Registers a client. `clientId` is generated if it is left out. Throws `InvalidSettings`, `PermissionEscalation`,
 * `ExternalIdConflict`, `ClientIdConflict`, and `Denied` if the caller may not choose a `client_id`.
 */
export async function createClient(
  services: ClientCreator & Pick<ClientManagement, 'fetchText'>,
  context: AdminContext,
  { clientId, ...given }: NewClientWithId,
  { dryRun }: { dryRun: boolean },
): Promise<ClientWithSecret | ClientDryRun> {
  const lifetimes = await services.clients.findTokenLifetimes(context.organisationId)
  const settings = applyDefaults(given, lifetimes)
  assertNoIssues(expiryIssues(settings, settings, services.clock.now()))
  assertNoPrivilegeEscalation(context, settings.scopes)
  if (clientId !== undefined && !hasPermission(context.permissions, CHOOSE_ID)) {
    throw new Denied(`To choose the clientId, the permission ${CHOOSE_ID} is needed. Without one, it is generated.`)
  }
  await assertValidSector(services, settings)
  await assertUniqueExternalId(services, context, settings.externalId)
  if (clientId !== undefined && (await services.clients.isClientIdTaken(clientId))) throw new ClientIdConflict()
  if (dryRun) {
    const result = dryRunResult(undefined, settings)
    return clientId === undefined
      ? result
      : { ...result, changes: [{ member: 'clientId', to: clientId }, ...result.changes] }
  }
  return storeClient(services, context, { ...settings, clientId }, lifetimes, { fields: Object.keys(given) })
}

/**
 * Registers a client with the settings of another one: active, without an expiry and without an `externalId`, with its
 * own `client_id` and secret. `name` defaults to the other's name with "(copy)".
 */
export async function cloneClient(
  services: ClientCreator & ClientFinder,
  context: AdminContext,
  reference: string,
  { name, dryRun }: { name: string | undefined; dryRun: boolean },
): Promise<ClientWithSecret | ClientDryRun> {
  const client = await findClient(services, context, reference)
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
  const lifetimes = await services.clients.findTokenLifetimes(context.organisationId)
  const copy = { ...settings, clientId: undefined }
  return storeClient(services, context, copy, lifetimes, { clonedFrom: client.clientId })
}

/** Stores a client with valid settings, a generated `client_id` if it has none, and a secret where its method needs one. */
async function storeClient(
  services: ClientCreator,
  context: AdminContext,
  { clientId, ...settings }: ClientSettings & { clientId: string | undefined },
  lifetimes: TokenLifetimes,
  auditDetails: Readonly<Record<string, unknown>>,
): Promise<ClientWithSecret> {
  const { clients, secrets, clock } = services
  const now = clock.now()
  const identity = { id: uuidv7(now), clientId: clientId ?? generateClientId() }
  const secret = usesSecret(settings) ? secrets.generate(usesClientSecretJwt(settings), now) : undefined
  const stored = withInheritedLifetimes(settings, settings.profile, lifetimes)
  await services.createKeys(signingAlgorithmsOf(settings))
  const client = await clients.create(
    { ...stored, ...identity, organisationId: context.organisationId, createdAt: now, updatedAt: now },
    secret?.stored,
    clientEvent(services, context, 'client.created', identity, auditDetails, {
      changes: clientChanges(undefined, settings),
    }),
  )
  if (client === 'external_id_taken') throw new ExternalIdConflict()
  if (client === 'client_id_taken') throw new ClientIdConflict()
  return { client, secret: secret?.shown }
}
