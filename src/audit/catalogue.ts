// `events` is the one catalogue of what is worth knowing later: each security event by name, with what it says. Storing
// one is part of the act that it tells of, so repositories do that; reading them comes with the audit API.

import type { Clock } from '../lib/clock.ts'
import { uuidv7 } from '../lib/random.ts'
import type { RequestMetadata, AuditEvent } from '../model/audit/audit-event.ts'

/** Every type of event, with its category and action. A type that did not succeed says so in its name. */
const catalogue = {
  'user.login.success': { category: 'auth', action: 'login' },
  'user.login.failed': { category: 'auth', action: 'login' },
  'user.logout': { category: 'auth', action: 'logout' },
  'user.session_ended': { category: 'auth', action: 'delete' },
  'oauth2.logout_notification.failed': { category: 'auth', action: 'logout' },
  'user.updated': { category: 'user', action: 'update' },
  'oauth2.consent.granted': { category: 'auth', action: 'create' },
  'oauth2.consent.denied': { category: 'auth', action: 'create' },
  'oauth2.consent.revoked': { category: 'auth', action: 'delete' },
  'oauth2.grant_revoked': { category: 'auth', action: 'delete' },
  'oauth2.token_revoked': { category: 'auth', action: 'delete' },
  'oauth2.code_replayed': { category: 'auth', action: 'delete' },
  'oauth2.refresh_token_reused': { category: 'auth', action: 'delete' },
  'oauth2.token_issued': { category: 'auth', action: 'create' },
  'oauth2.token_refreshed': { category: 'auth', action: 'create' },
  'client.created': { category: 'client', action: 'create' },
  'client.registered': { category: 'client', action: 'create' },
  'client.updated': { category: 'client', action: 'update' },
  'client.disabled': { category: 'client', action: 'update' },
  'client.enabled': { category: 'client', action: 'update' },
  'client.expires_soon': { category: 'client', action: 'update' },
  'client.expired': { category: 'client', action: 'update' },
  'client.removed': { category: 'client', action: 'delete' },
  'client.consents_revoked': { category: 'client', action: 'delete' },
  'client.grants_revoked': { category: 'client', action: 'delete' },
  'client.tested': { category: 'client', action: 'read' },
  'client.revoked': { category: 'client', action: 'update' },
  'client.deleted': { category: 'client', action: 'delete' },
  'client.secret_added': { category: 'client', action: 'update' },
  'client.secret_deleted': { category: 'client', action: 'update' },
  'client.secret_regenerated': { category: 'client', action: 'update' },
  'registration.policy_changed': { category: 'client', action: 'update' },
  'registration.token_created': { category: 'client', action: 'create' },
  'registration.token_deleted': { category: 'client', action: 'delete' },
  'registration.issuer_added': { category: 'client', action: 'create' },
  'registration.issuer_changed': { category: 'client', action: 'update' },
  'registration.issuer_removed': { category: 'client', action: 'delete' },
  'signing_keys.rotated': { category: 'system', action: 'update' },
  'organisation.created': { category: 'system', action: 'create' },
} as const satisfies Record<string, Pick<AuditEvent, 'category' | 'action'>>

export type AuditEventType = keyof typeof catalogue

export interface AuditEventFacts {
  organisationId: string | undefined
  requestMetadata: RequestMetadata
  userId?: string | undefined
  clientId?: string | undefined
  resource?: { type: string; id: string }
  metadata?: Readonly<Record<string, unknown>>
}

/** An event of this type that happens now. */
export function createAuditEvent(clock: Clock, type: AuditEventType, facts: AuditEventFacts): AuditEvent {
  const occurredAt = clock.now()
  return {
    id: uuidv7(occurredAt),
    occurredAt,
    type,
    ...catalogue[type],
    success: !type.endsWith('.failed') && !type.endsWith('.denied'),
    organisationId: facts.organisationId,
    userId: facts.userId,
    clientId: facts.clientId,
    resource: facts.resource,
    requestMetadata: facts.requestMetadata,
    metadata: facts.metadata ?? {},
  }
}

/** Where events that the server itself brings about come from. */
export const internalRequestMetadata: RequestMetadata = { ipAddress: '', userAgent: undefined, requestId: '' }
