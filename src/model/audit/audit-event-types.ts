import type { AuditEvent } from './audit-event.ts'

/** Every type of audit event, with its category and action. The name of a failure ends in `.failed` or `.denied`. */
export const auditEventTypes = {
  'user.login.success': { category: 'auth', action: 'login' },
  'user.login.failed': { category: 'auth', action: 'login' },
  'user.logout': { category: 'auth', action: 'logout' },
  'user.session_ended': { category: 'auth', action: 'delete' },
  'oauth2.logout_notification.failed': { category: 'auth', action: 'logout' },
  'user.created': { category: 'user', action: 'create' },
  'user.password_reset': { category: 'user', action: 'update' },
  'user.updated': { category: 'user', action: 'update' },
  'user.blocked': { category: 'user', action: 'update' },
  'user.unblocked': { category: 'user', action: 'update' },
  'user.deleted': { category: 'user', action: 'delete' },
  'user.restored': { category: 'user', action: 'update' },
  'user.erased': { category: 'user', action: 'delete' },
  'user.password_set': { category: 'user', action: 'update' },
  'user.sessions_ended': { category: 'user', action: 'delete' },
  'user.role_assigned': { category: 'user', action: 'update' },
  'user.role_removed': { category: 'user', action: 'update' },
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

export type AuditEventType = keyof typeof auditEventTypes

/** Whether events of this type report a success. */
export function isSuccess(type: AuditEventType): boolean {
  return !type.endsWith('.failed') && !type.endsWith('.denied')
}
