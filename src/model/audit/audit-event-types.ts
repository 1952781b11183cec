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
  'user.suspended': { category: 'user', action: 'update' },
  'user.reactivated': { category: 'user', action: 'update' },
  'user.deleted': { category: 'user', action: 'delete' },
  'user.restored': { category: 'user', action: 'update' },
  'user.erased': { category: 'user', action: 'delete' },
  'user.password_set': { category: 'user', action: 'update' },
  'user.sessions_ended': { category: 'user', action: 'delete' },
  'user.role_assigned': { category: 'user', action: 'update' },
  'user.role_removed': { category: 'user', action: 'update' },
  'user.password_changed': { category: 'user', action: 'update' },
  'user.password_change.failed': { category: 'user', action: 'update' },
  'user.other_sessions_ended': { category: 'auth', action: 'delete' },
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
  'role.created': { category: 'permission', action: 'create' },
  'role.updated': { category: 'permission', action: 'update' },
  'role.deleted': { category: 'permission', action: 'delete' },
  'permission.granted': { category: 'permission', action: 'update' },
  'permission.revoked': { category: 'permission', action: 'update' },
  'team.created': { category: 'user', action: 'create' },
  'team.updated': { category: 'user', action: 'update' },
  'team.deleted': { category: 'user', action: 'delete' },
  'team.member_added': { category: 'user', action: 'update' },
  'team.member_removed': { category: 'user', action: 'update' },
  'team.role_assigned': { category: 'permission', action: 'update' },
  'team.role_removed': { category: 'permission', action: 'update' },
  'invitation.created': { category: 'user', action: 'create' },
  'invitation.renewed': { category: 'user', action: 'update' },
  'invitation.revoked': { category: 'user', action: 'delete' },
  'invitation.accepted': { category: 'user', action: 'create' },
  'api_key.created': { category: 'user', action: 'create' },
  'api_key.rotated': { category: 'user', action: 'create' },
  'api_key.revoked': { category: 'user', action: 'update' },
  'api_key.leaked': { category: 'user', action: 'update' },
  'signing_keys.rotated': { category: 'system', action: 'update' },
  'organisation.ownership_transferred': { category: 'permission', action: 'update' },
  'organisation.created': { category: 'system', action: 'create' },
  'organisation.updated': { category: 'system', action: 'update' },
  'audit.read': { category: 'system', action: 'read' },
  'audit.exported': { category: 'system', action: 'read' },
  'organisation.suspended': { category: 'system', action: 'update' },
  'organisation.activated': { category: 'system', action: 'update' },
  'organisation.onboarding.failed': { category: 'system', action: 'create' },
  'onboarding.token_created': { category: 'system', action: 'create' },
  'onboarding.token_deleted': { category: 'system', action: 'delete' },
  'organisation.deleted': { category: 'system', action: 'delete' },
  'organisation.restored': { category: 'system', action: 'update' },
  'organisation.purged': { category: 'system', action: 'delete' },
} as const satisfies Record<string, Pick<AuditEvent, 'category' | 'action'>>

export type AuditEventType = keyof typeof auditEventTypes

/** Whether events of this type report a success. */
export function isSuccess(type: AuditEventType): boolean {
  return !type.endsWith('.failed') && !type.endsWith('.denied')
}

/** The types whose events have this category, action and success. Undefined matches all. */
export function auditEventTypesWith(
  category: string | undefined,
  action: string | undefined,
  success: boolean | undefined,
): AuditEventType[] {
  return (Object.keys(auditEventTypes) as AuditEventType[]).filter(
    (type) =>
      (category === undefined || auditEventTypes[type].category === category) &&
      (action === undefined || auditEventTypes[type].action === action) &&
      (success === undefined || isSuccess(type) === success),
  )
}
