/** How a user belongs to an organisation. Roles and teams belong to the membership. */
export const membershipStates = ['active', 'suspended'] as const
export type MembershipState = (typeof membershipStates)[number]

/** A user in an organisation. Each user has a membership in their home organisation, and may have others. */
export interface Membership {
  state: MembershipState
  /** How the user joined: `local` is by an administrator or the server; `domain`, by a verified domain; `invitation`. */
  source: string
  suspendedAt: Date | null
  suspendedReason: string | null
  joinedAt: Date
}

/** Whether a member may sign in to the organisation and use what it issued to them. Undefined: not a member. */
export function isMembershipActive(membership: Pick<Membership, 'state'> | undefined): boolean {
  return membership?.state === 'active'
}
