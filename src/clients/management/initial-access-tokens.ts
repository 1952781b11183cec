import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import { addSeconds, type Clock } from '../../lib/time/clock.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import { NotFound } from '../../lib/domain-error.ts'
import { randomToken, uuidv7 } from '../../lib/crypto/random.ts'
import type { ClientRegistrationRepository, InitialAccessToken } from '../../model/clients/client-registration.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { assertNoPrivilegeEscalation } from '../../permissions/privilege-escalation.ts'

export interface InitialAccessTokenServices {
  clientRegistrations: Pick<
    ClientRegistrationRepository,
    'createInitialAccessToken' | 'listInitialAccessTokens' | 'deleteInitialAccessToken'
  >
  clock: Clock
}

/** A token to create: it registers `uses` clients within `expiresIn` seconds, with at most these scopes. */
export interface NewInitialAccessToken {
  name: string
  uses: number
  expiresIn: number
  scopes: string[]
}

/** Creates an initial access token (RFC 7591 §3). The database keeps its hash only. Throws `PermissionEscalation`. */
export async function createInitialAccessToken(
  { clientRegistrations, clock }: InitialAccessTokenServices,
  context: AdminContext,
  { name, uses, expiresIn, scopes }: NewInitialAccessToken,
): Promise<{ token: InitialAccessToken; plaintext: string }> {
  assertNoPrivilegeEscalation(context, scopes)
  const now = clock.now()
  const plaintext = `iat_${randomToken()}`
  const token: InitialAccessToken = {
    id: uuidv7(now),
    organisationId: context.organisationId,
    name,
    userId: context.userId ?? null,
    actingClientId: context.actingClientId ?? null,
    usesLeft: uses,
    scopes,
    expiresAt: addSeconds(now, expiresIn),
    lastUsedAt: null,
    createdAt: now,
  }
  const event = createAdminAuditEvent(context, clock, 'registration.token_created', {
    resource: { type: 'initial_access_token', id: token.id },
    metadata: { id: token.id, name, uses, scopes },
    changes: fieldChanges(undefined, { name, usesLeft: uses, scopes, expiresAt: token.expiresAt }),
  })
  await clientRegistrations.createInitialAccessToken(token, sha256(plaintext), event)
  return { token, plaintext }
}

/** Deletes an initial access token. Clients that were registered with it stay. Throws `NotFound`. */
export async function deleteInitialAccessToken(
  { clientRegistrations, clock }: InitialAccessTokenServices,
  context: AdminContext,
  id: string,
): Promise<void> {
  const event = createAdminAuditEvent(context, clock, 'registration.token_deleted', {
    resource: { type: 'initial_access_token', id },
    metadata: { id },
  })
  const { organisationId } = context
  const deleted = await clientRegistrations.deleteInitialAccessToken({ id, organisationId }, event)
  if (!deleted) throw new NotFound('There is no such initial access token.')
}
