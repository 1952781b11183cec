import type { GrantInactiveReason } from '../model/grants/grant.ts'

/** What a client is told when what it holds has ended. It learns no more of a person than that they are gone. */
export function describeInactiveGrant(because: GrantInactiveReason): string {
  return {
    revoked: 'The authorization was revoked. Start the flow again.',
    signed_out: 'The person has signed out. Start the flow again.',
    user_blocked: 'The account is not available any more.',
    user_deleted: 'The account is not available any more.',
    client_revoked: 'The authorization was revoked together with all of this client.',
    organisation_closed: 'The organisation is not available any more.',
  }[because]
}
