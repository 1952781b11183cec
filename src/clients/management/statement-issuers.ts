import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import type { Clock } from '../../lib/time/clock.ts'
import { Conflict, InvalidInput, NotFound } from '../../lib/domain-error.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import type {
  SoftwareStatementIssuer,
  SoftwareStatementIssuerRepository,
} from '../../model/clients/software-statement-issuer.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { assertNoPrivilegeEscalation } from '../../permissions/privilege-escalation.ts'

export interface StatementIssuerServices {
  /** The issuer identifier of this server. */
  issuer: string
  softwareStatementIssuers: Pick<SoftwareStatementIssuerRepository, 'create' | 'list' | 'replace' | 'delete'>
  clock: Clock
}

/** The keys of an issuer, by value or by URL, and the scopes that its statements may grant. */
export type StatementIssuerSettings = Pick<SoftwareStatementIssuer, 'jwks' | 'jwksUri' | 'scopes'>

/** Trusts an issuer of software statements. Throws `InvalidInput`, `PermissionEscalation`, `Conflict`. */
export async function addStatementIssuer(
  { issuer: serverIssuer, softwareStatementIssuers, clock }: StatementIssuerServices,
  context: AdminContext,
  given: StatementIssuerSettings & { issuer: string },
): Promise<SoftwareStatementIssuer> {
  // The ID tokens that this server signs are for clients, and make no statement about them.
  if (given.issuer === serverIssuer) {
    throw new InvalidInput([{ path: ['issuer'], code: 'custom', message: 'must not be this server' }])
  }
  assertValidIssuer(context, given)
  const now = clock.now()
  const { organisationId } = context
  const issuer = { ...given, id: uuidv7(now), organisationId, createdAt: now, updatedAt: now }
  const event = createAdminAuditEvent(context, clock, 'registration.issuer_added', {
    resource: { type: 'software_statement_issuer', id: issuer.id },
    metadata: { id: issuer.id, issuer: issuer.issuer, scopes: issuer.scopes },
    changes: fieldChanges(undefined, given),
  })
  const created = await softwareStatementIssuers.create(issuer, event)
  if (!created) throw new Conflict('The organisation already trusts an issuer of this name.')
  return issuer
}

/** Replaces the keys and scopes of an issuer. Registered clients keep theirs. Throws as above, and `NotFound`. */
export async function replaceStatementIssuer(
  { softwareStatementIssuers, clock }: StatementIssuerServices,
  context: AdminContext,
  id: string,
  settings: StatementIssuerSettings,
): Promise<SoftwareStatementIssuer> {
  assertValidIssuer(context, settings)
  const { organisationId } = context
  const before = (await softwareStatementIssuers.list(organisationId)).find((issuer) => issuer.id === id)
  assertNoPrivilegeEscalation(context, before?.scopes ?? [])
  const event = createAdminAuditEvent(context, clock, 'registration.issuer_changed', {
    resource: { type: 'software_statement_issuer', id },
    metadata: { id, scopes: settings.scopes },
    changes: fieldChanges(before, settings),
  })
  const change = { ...settings, updatedAt: event.occurredAt }
  const replaced = await softwareStatementIssuers.replace({ id, organisationId }, change, event)
  if (!replaced) throw issuerNotFound()
  return replaced
}

/** Stops trusting an issuer. Clients that were registered with its statements stay. Throws `NotFound`. */
export async function removeStatementIssuer(
  { softwareStatementIssuers, clock }: StatementIssuerServices,
  context: AdminContext,
  id: string,
): Promise<void> {
  const { organisationId } = context
  const event = createAdminAuditEvent(context, clock, 'registration.issuer_removed', {
    resource: { type: 'software_statement_issuer', id },
    metadata: { id },
  })
  if (!(await softwareStatementIssuers.delete({ id, organisationId }, event))) throw issuerNotFound()
}

function assertValidIssuer(context: AdminContext, { jwks, jwksUri, scopes }: StatementIssuerSettings): void {
  if ((jwks === null) === (jwksUri === null)) {
    throw new InvalidInput([
      { path: ['jwks'], code: 'custom', message: 'is required unless jwksUri is sent, and must not be sent beside it' },
    ])
  }
  assertNoPrivilegeEscalation(context, scopes)
}

function issuerNotFound(): NotFound {
  return new NotFound('There is no such issuer.')
}
