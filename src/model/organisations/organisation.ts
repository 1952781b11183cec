// `model` has one file for each stored thing: its type, its lifecycle as a union, and the contract that storage keeps.
// A contract says what is read or changed in one step; how is storage's business.

/** A tenant. */
export interface Organisation {
  id: string
  slug: string
  name: string
  status: OrganisationStatus
  /** Seconds from sign-in to the end of a browser session. */
  sessionLifetime: number
  /** Seconds without a request after which a browser session ends. */
  sessionIdleTimeout: number
  /** Whether each issued token is recorded as an audit event. */
  auditTokens: boolean
}

export type OrganisationStatus = 'trial' | 'active' | 'suspended' | 'cancelled'

/** In any other status no one can sign in and no token is issued. */
export const activeOrganisationStatuses = ['trial', 'active'] as const satisfies readonly OrganisationStatus[]

/** Whether users may sign in to an organisation in this state and clients get tokens. */
export function isOrganisationActive(status: OrganisationStatus): boolean {
  return activeOrganisationStatuses.some((active) => active === status)
}

export interface OrganisationRepository {
  /** The id of the first organisation, which operates the server. Undefined before it exists. */
  findOperatorId(): Promise<string | undefined>
  /** Sets the lifetimes of the browser sessions of all organisations, in seconds. Sessions that exist keep their end. */
  setSessionLifetimes(lifetimes: { idle: number; max: number }): Promise<void>
}
