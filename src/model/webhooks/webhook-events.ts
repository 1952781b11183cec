// `model/webhooks` holds webhook endpoints, their deliveries, and the names under which events are published.
// An event that is published is an audit event: this file says which, and by which name.

import type { AuditEventType } from '../audit/audit-event-types.ts'

/**
 * For each type of audit event, the names under which it is published; empty: it is not published. An endpoint gets an event
 * once, by the first of these names that it subscribes to.
 */
export const publishedEvents = {
  'user.login.success': ['login.success', 'session.created', 'user.login'],
  'user.login.failed': ['login.failed'],
  'user.logout': ['session.revoked', 'user.logout'],
  'user.session_ended': ['session.revoked'],
  'user.sessions_ended': ['session.revoked'],
  'user.other_sessions_ended': ['session.revoked'],
  'oauth2.logout_notification.failed': ['logout_notification.failed'],
  'user.created': ['user.created'],
  'user.updated': ['user.updated'],
  'user.blocked': ['user.blocked'],
  'user.unblocked': ['user.unblocked'],
  'user.suspended': ['membership.suspended'],
  'user.reactivated': ['membership.reactivated'],
  'user.deleted': ['user.deleted'],
  'user.restored': ['user.restored'],
  'user.erased': ['user.erased'],
  'user.password_set': ['user.password_changed'],
  'user.password_reset': ['user.password_changed'],
  'user.password_removed': ['user.password_changed'],
  'user.grants_revoked': ['grant.revoked'],
  'user.consents_revoked': ['consent.revoked'],
  'user.data_exported': ['user.data_exported'],
  'user.directory_exported': ['user.directory_exported'],
  'user.email_verification.requested': [],
  'user.email_verified': ['user.email_verified'],
  'user.password_reset.requested': [],
  'user.email_change.requested': [],
  'user.email_change.failed': [],
  'user.email_changed': ['user.updated'],
  'user.email_change.undone': ['user.updated'],
  'user.account_secured': ['user.account_secured'],
  'user.password_changed': ['user.password_changed'],
  'user.password_change.failed': [],
  'user.role_assigned': ['role.assigned'],
  'user.role_removed': ['role.removed', 'role.unassigned'],
  'user_attribute.created': ['user_attribute.created'],
  'user_attribute.updated': ['user_attribute.updated'],
  'user_attribute.deleted': ['user_attribute.deleted'],
  'mfa.enabled': ['mfa.enabled'],
  'mfa.disabled': ['mfa.disabled'],
  'mfa.reset': ['mfa.disabled'],
  'mfa.recovery_codes_replaced': [],
  'passkey.added': ['passkey.added'],
  'passkey.renamed': [],
  'passkey.removed': ['passkey.removed'],
  'passkey.clone_detected': ['passkey.clone_detected'],
  'user.step_up.success': [],
  'user.step_up.failed': [],
  'oauth2.consent.granted': ['consent.granted'],
  'oauth2.consent.denied': ['consent.denied'],
  'oauth2.consent.revoked': ['consent.revoked'],
  'oauth2.grant_revoked': ['grant.revoked'],
  'oauth2.token_revoked': ['token.revoked'],
  'oauth2.code_replayed': ['token.replayed'],
  'oauth2.refresh_token_reused': ['token.replayed'],
  // Of these there are as many as requests for tokens. The trigger that queues deliveries leaves them out.
  'oauth2.token_issued': [],
  'oauth2.token_refreshed': [],
  'client.created': ['client.created'],
  'client.registered': ['client.created'],
  'client.updated': ['client.updated'],
  'client.disabled': ['client.disabled'],
  'client.enabled': ['client.enabled'],
  'client.expires_soon': ['client.expires_soon'],
  'client.expired': ['client.expired'],
  'client.removed': ['client.deleted'],
  'client.consents_revoked': ['consent.revoked'],
  'client.grants_revoked': ['grant.revoked'],
  'client.tested': [],
  'client.revoked': ['client.revoked'],
  'client.deleted': ['client.deleted'],
  'client.secret_added': ['client.secret_changed'],
  'client.secret_deleted': ['client.secret_changed'],
  'client.secret_regenerated': ['client.secret_changed'],
  'registration.policy_changed': [],
  'registration.token_created': [],
  'registration.token_deleted': [],
  'registration.issuer_added': [],
  'registration.issuer_changed': [],
  'registration.issuer_removed': [],
  'role.created': ['role.created'],
  'role.updated': ['role.updated'],
  'role.deleted': ['role.deleted'],
  'permission.granted': ['permission.granted'],
  'permission.revoked': ['permission.revoked'],
  'team.created': ['team.created'],
  'team.updated': ['team.updated'],
  'team.deleted': ['team.deleted'],
  'team.member_added': ['team.member_added'],
  'team.member_removed': ['team.member_removed'],
  'team.role_assigned': ['team.role_assigned'],
  'team.role_removed': ['team.role_removed'],
  'invitation.created': ['invitation.created', 'invitation.sent'],
  'invitation.renewed': ['invitation.renewed', 'invitation.sent'],
  'invitation.revoked': ['invitation.revoked'],
  'invitation.accepted': ['invitation.accepted'],
  'api_key.created': ['api_key.created'],
  'api_key.rotated': ['api_key.rotated'],
  'api_key.revoked': ['api_key.revoked'],
  'api_key.expires_soon': ['api_key.expires_soon'],
  'api_key.leaked': ['api_key.leaked'],
  'service_account.created': ['service_account.created'],
  'service_account.updated': ['service_account.updated'],
  'service_account.disabled': ['service_account.disabled'],
  'service_account.enabled': ['service_account.enabled'],
  'service_account.deleted': ['service_account.deleted'],
  'service_account.role_assigned': ['service_account.role_assigned'],
  'service_account.role_removed': ['service_account.role_removed'],
  'membership.joined': ['membership.joined'],
  'membership.ended': ['membership.ended'],
  'resource.created': ['resource.created'],
  'resource.updated': ['resource.updated'],
  'resource.deleted': ['resource.deleted'],
  'domain.created': ['domain.created'],
  'domain.verified': ['domain.verified'],
  'domain.updated': ['domain.updated'],
  'domain.record_missing': ['domain.record_missing'],
  'domain.record_found': ['domain.record_found'],
  'domain.lost': ['domain.lost'],
  'domain.deleted': ['domain.deleted'],
  'mail.tested': [],
  'mail.requeued': [],
  'webhook.created': ['webhook.created'],
  'webhook.updated': ['webhook.updated'],
  'webhook.deleted': ['webhook.deleted'],
  'webhook.secret_rotated': ['webhook.secret_rotated'],
  'webhook.disabled': ['webhook.disabled'],
  // A test goes to the endpoint that is tested, and to no other.
  'webhook.tested': [],
  'webhook.redelivered': [],
  'signing_keys.rotated': ['signing_keys.rotated'],
  'organisation.ownership_transferred': ['organisation.ownership_transferred'],
  'organisation.created': ['organisation.created'],
  'organisation.updated': ['organisation.updated'],
  'organisation.suspended': ['organisation.suspended'],
  'organisation.activated': ['organisation.activated'],
  'organisation.onboarding.failed': [],
  'organisation.deleted': ['organisation.deleted'],
  'organisation.restored': ['organisation.restored'],
  'organisation.purged': ['organisation.purged'],
  'onboarding.token_created': [],
  'onboarding.token_deleted': [],
  // Reading what was published would publish more.
  'audit.read': [],
  'audit.exported': [],
} as const satisfies Record<AuditEventType, readonly string[]>

/** The event of a test, which no endpoint subscribes to. */
export const TEST_EVENT = 'webhook.test'

/** The names of all events that an endpoint can subscribe to. */
export const eventNames: readonly string[] = [...new Set<string>(Object.values(publishedEvents).flat())].toSorted()

/** Whether `pattern` is `*`, or the name of an event, or one such as `user.*` that includes some. */
export function isEventPattern(pattern: string): boolean {
  return eventNames.some((name) => matches(pattern, name))
}

/** The types of audit events that the patterns select, each with the name under which it is published. */
export function subscribedTypes(patterns: readonly string[]): { type: string; event: string }[] {
  return Object.entries<readonly string[]>(publishedEvents).flatMap(([type, names]) => {
    const event = names.find((name) => patterns.some((pattern) => matches(pattern, name)))
    return event === undefined ? [] : [{ type, event }]
  })
}

const matches = (pattern: string, name: string) =>
  pattern === '*' || pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1)))
