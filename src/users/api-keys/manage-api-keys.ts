import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import { addSeconds, type Clock } from '../../lib/time/clock.ts'
import { Conflict, Denied, InvalidInput, NotFound } from '../../lib/domain-error.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import { apiKeyStatus, type ApiKey, type ApiKeyRepository, type NewApiKey } from '../../model/api-keys/api-key.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { isPermission } from '../../permissions/catalogue.ts'
import { assertHoldsPermissions } from '../../permissions/privilege-escalation.ts'
import type { ServiceAccountRepository } from '../../model/service-accounts/service-account.ts'
import { generateApiKey } from './api-key-format.ts'

export interface ApiKeyManagement {
  apiKeys: ApiKeyRepository
  serviceAccounts: Pick<ServiceAccountRepository, 'find'>
  clock: Clock
}

/** A key with its value, which exists only in the response that creates it. */
export interface IssuedApiKey {
  apiKey: ApiKey
  key: string
}

export class ApiKeyNotFound extends NotFound {
  override readonly name = 'ApiKeyNotFound'

  constructor() {
    super('There is no such API key.')
  }
}

/** Throws `ApiKeyNotFound`. */
export async function findApiKey({ apiKeys }: ApiKeyManagement, context: AdminContext, id: string): Promise<ApiKey> {
  const apiKey = await apiKeys.find({ id, organisationId: context.organisationId })
  if (!apiKey) throw new ApiKeyNotFound()
  return apiKey
}

/** The settings of a key to create. */
interface WantedApiKey extends Pick<ApiKey, 'name' | 'scopes' | 'allowedAddresses'> {
  lifetimeSeconds: number
  /** Undefined: the key belongs to the caller. */
  serviceAccountId: string | undefined
}

/**
 * Creates a key of the caller, or of a service account that the caller may change. Throws `InvalidInput` for scopes that are
 * no permissions and for an unknown service account, `PermissionEscalation` for scopes that the caller lacks, and `Denied`
 * if a client acts for itself.
 */
export async function createApiKey(
  services: ApiKeyManagement,
  context: AdminContext,
  wanted: WantedApiKey,
): Promise<IssuedApiKey> {
  const { apiKeys, clock } = services
  const { organisationId } = context
  const scopes = readScopes(wanted.scopes)
  assertHoldsPermissions(context, scopes, 'The scopes include')
  const owner = await findNewOwner(services, context, wanted.serviceAccountId)
  const { name, allowedAddresses, lifetimeSeconds } = wanted
  const { created, key } = newApiKey(
    clock,
    { organisationId, ...owner, name, scopes, allowedAddresses },
    lifetimeSeconds,
  )
  const event = createAdminAuditEvent(context, clock, 'api_key.created', {
    resource: { type: 'api_key', id: created.id },
    metadata: { name, prefix: created.prefix, ...ownerFact(created) },
    changes: fieldChanges(undefined, { name, scopes, allowedAddresses, expiresAt: created.expiresAt.toISOString() }),
  })
  await apiKeys.create(created, event)
  return { apiKey: asUnused(created), key }
}

/**
 * Replaces a key of the caller, or of a service account that the caller may change, by one with the same settings and lifetime; the old one works for `overlapSeconds` more.
 * Throws `ApiKeyNotFound`, `Denied` for a key of another user, `PermissionEscalation`, and `Conflict` for a key that has
 * ended or has a successor.
 */
export async function rotateApiKey(
  services: ApiKeyManagement,
  context: AdminContext,
  id: string,
  overlapSeconds: number,
): Promise<IssuedApiKey> {
  const { apiKeys, clock } = services
  const old = await findApiKey(services, context, id)
  if (!isOwner(context, old)) {
    if (old.serviceAccountId === null) throw new Denied('Only the user of an API key can rotate it. You can revoke it.')
    assertHoldsPermissions(context, [CHANGE_ACCOUNT], 'Keys of a service account need')
  }
  // The new key would give a caller with fewer permissions, such as another key, all of these.
  assertHoldsPermissions(context, old.scopes, 'The scopes include')
  const lifetimeSeconds = Math.round((old.expiresAt.getTime() - old.createdAt.getTime()) / 1000)
  const { created, key } = newApiKey(clock, old, lifetimeSeconds)
  const endsAt = addSeconds(clock.now(), overlapSeconds)
  const event = createAdminAuditEvent(context, clock, 'api_key.rotated', {
    resource: { type: 'api_key', id: created.id },
    metadata: { name: created.name, prefix: created.prefix, replaces: old.id, ...ownerFact(old) },
    changes: fieldChanges(
      { prefix: old.prefix, expiresAt: old.expiresAt.toISOString() },
      { prefix: created.prefix, expiresAt: created.expiresAt.toISOString() },
    ),
  })
  if (!(await apiKeys.rotate(old, created, endsAt, event))) throw new Conflict('The API key has ended or was rotated.')
  return { apiKey: asUnused(created), key }
}

/** Revokes a key at once. Throws `ApiKeyNotFound`, and `Conflict` for a key that is revoked. */
export async function revokeApiKey(services: ApiKeyManagement, context: AdminContext, id: string): Promise<void> {
  const { apiKeys, clock } = services
  const apiKey = await findApiKey(services, context, id)
  const event = createAdminAuditEvent(context, clock, 'api_key.revoked', {
    resource: { type: 'api_key', id },
    metadata: { name: apiKey.name, prefix: apiKey.prefix, ...ownerFact(apiKey) },
    changes: fieldChanges({ status: apiKeyStatus(apiKey, clock.now()) }, { status: 'revoked' }),
  })
  if (!(await apiKeys.revoke(apiKey, 'revoked', event))) throw new Conflict('The API key is revoked already.')
}

const CHANGE_ACCOUNT = 'service_accounts:update'

type Owner = Pick<ApiKey, 'userId' | 'serviceAccountId'>

/** Of a service account's key: the account, for audit events. */
const ownerFact = ({ serviceAccountId }: Owner) => (serviceAccountId === null ? {} : { serviceAccountId })

const isOwner = ({ userId, serviceAccountId }: AdminContext, owner: Owner) =>
  owner.userId === (userId ?? null) && owner.serviceAccountId === (serviceAccountId ?? null)

async function findNewOwner(
  { serviceAccounts, clock }: ApiKeyManagement,
  context: AdminContext,
  wanted: string | undefined,
): Promise<Owner> {
  const { userId, organisationId } = context
  const id = wanted ?? context.serviceAccountId
  if (id === undefined) {
    if (userId !== undefined) return { userId, serviceAccountId: null }
    throw new Denied('An API key belongs to a user or a service account: create it as one, or name a service account.')
  }
  if (id !== context.serviceAccountId)
    assertHoldsPermissions(context, [CHANGE_ACCOUNT], 'Keys of a service account need')
  if (!(await serviceAccounts.find({ id, organisationId }, clock.now()))) {
    const message = 'must be the id of a service account of the organisation'
    throw new InvalidInput([{ path: ['serviceAccountId'], code: 'custom', message }])
  }
  return { userId: null, serviceAccountId: id }
}

/** Permissions, also where the action stands first: `read:users`. */
function readScopes(given: readonly string[]): string[] {
  const scopes = given.map((scope) => {
    const [one = '', other = ''] = scope.split(':')
    return isPermission(scope) || !isPermission(`${other}:${one}`) ? scope : `${other}:${one}`
  })
  const issues = scopes.flatMap((scope, index) =>
    isPermission(scope) ? [] : [{ path: ['scopes', index], code: 'custom', message: 'must be a permission' }],
  )
  if (issues.length > 0) throw new InvalidInput(issues)
  return [...new Set(scopes)]
}

function newApiKey(
  clock: Clock,
  {
    organisationId,
    userId,
    serviceAccountId,
    name,
    scopes,
    allowedAddresses,
  }: Pick<ApiKey, 'organisationId' | 'userId' | 'serviceAccountId' | 'name' | 'scopes' | 'allowedAddresses'>,
  lifetimeSeconds: number,
): { created: NewApiKey; key: string } {
  const createdAt = clock.now()
  const { key, prefix, hash } = generateApiKey()
  const expiresAt = addSeconds(createdAt, lifetimeSeconds)
  const id = uuidv7(createdAt)
  const settings = { organisationId, userId, serviceAccountId, name, scopes, allowedAddresses }
  return { created: { id, ...settings, prefix, keyHash: hash, expiresAt, createdAt }, key }
}

function asUnused({ keyHash: _, ...key }: NewApiKey): ApiKey {
  return { ...key, lastUsedAt: null, lastUsedAddress: null, revokedAt: null, revokedReason: null }
}
