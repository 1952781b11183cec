import type { Grant } from '../grants/grant.ts'

/** A device that waits for a user who has a browser elsewhere (RFC 8628). */
export interface DeviceAuthorization {
  id: string
  organisationId: string
  /** The client's row id. */
  clientId: string
  scopes: string[]
  /** The identifiers of the resources that were requested; empty: none. */
  resources: string[]
  /** The address of the device. */
  ipAddress: string
  createdAt: Date
  expiresAt: Date
}

export interface NewDeviceAuthorization extends DeviceAuthorization {
  deviceCodeHash: Uint8Array
  userCodeHash: Uint8Array
  /** Seconds between two polls. */
  pollInterval: number
}

/** The result of a poll. Only `approved` has a code to redeem. */
export type PollOutcome = 'unknown' | 'pending' | 'slow_down' | 'denied' | 'expired' | 'approved'

type DeviceAuthorizationReference = Pick<DeviceAuthorization, 'id' | 'organisationId'>

export interface DeviceAuthorizationRepository {
  /** Stores it; false if its user code is in use. */
  create(authorization: NewDeviceAuthorization): Promise<boolean>
  /** The pending authorization with this user code, if no session is bound to it, and the `client_id` of its client. */
  findByUserCode(
    userCodeHash: Uint8Array,
    now: Date,
  ): Promise<(Omit<DeviceAuthorization, 'clientId'> & { client: { id: string; clientId: string } }) | undefined>
  /** The authorization with this id, in any state. */
  find(authorization: DeviceAuthorizationReference): Promise<DeviceAuthorization | undefined>
  /** Binds the decision to this session; false if another session is bound or the authorization is no longer pending. */
  bindToSession(authorization: DeviceAuthorizationReference, sessionId: string, now: Date): Promise<boolean>
  /**
   * Stores the grant and, as an authorization code, the device code. False if the pending request does not exist any more,
   * if another session is bound, or if the authorization is no longer pending.
   */
  approve(
    authorization: DeviceAuthorizationReference,
    approval: { grant: Grant; sessionId: string; pendingRequestId: string },
  ): Promise<boolean>
  /** Denies it if it is bound to this session or to none. */
  deny(authorization: DeviceAuthorizationReference, sessionId: string | undefined, now: Date): Promise<void>
  /** Records the poll; each poll before the end of the interval makes the interval five seconds longer. */
  poll(device: {
    deviceCodeHash: Uint8Array
    clientId: string
    organisationId: string
    now: Date
  }): Promise<PollOutcome>
}
