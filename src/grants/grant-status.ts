import type { GrantInactiveReason } from '../model/grants/grant.ts'

/** The error description for an inactive grant. It reveals no more about the user than that the account is gone. */
export function describeInactiveGrant(reason: GrantInactiveReason): string {
  return {
    revoked: 'The authorization was revoked. Start the flow again.',
    signed_out: 'The user has signed out. Start the flow again.',
    user_blocked: 'The account is no longer available.',
    user_deleted: 'The account is no longer available.',
    membership_inactive: 'The account is no longer available.',
    client_revoked: 'All authorizations of this client were revoked.',
    organisation_closed: 'The organisation is no longer available.',
  }[reason]
}
