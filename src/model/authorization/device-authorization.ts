import type { Grant } from '../grants/grant.ts'

/** A device that waits for a person who has a browser elsewhere (RFC 8628). */
export interface DeviceAuthorization {
  id: string
  organisationId: string
  /** The client's row id. */
  clientId: string
  scopes: string[]
  /** Where the device asked from. */
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

/** What a device is told that asks whether the person has decided. Only `approved` has a code to redeem. */
export type PollOutcome = 'unknown' | 'pending' | 'slow_down' | 'denied' | 'expired' | 'approved'

type DeviceAuthorizationReference = Pick<DeviceAuthorization, 'id' | 'organisationId'>

export interface DeviceAuthorizationRepository {
  /** Stores it; false where its user code is taken. */
  create(authorization: NewDeviceAuthorization): Promise<boolean>
  /** The one with this user code, if it waits and nobody was asked yet, and the `client_id` of its client. */
  findByUserCode(
    userCodeHash: Uint8Array,
    now: Date,
  ): Promise<(Omit<DeviceAuthorization, 'clientId'> & { client: { id: string; clientId: string } }) | undefined>
  /** The one with this id, whatever became of it. */
  find(authorization: DeviceAuthorizationReference): Promise<DeviceAuthorization | undefined>
  /** Lets this session alone decide; false where another may, or where it is too late. */
  bindToSession(authorization: DeviceAuthorizationReference, sessionId: string, now: Date): Promise<boolean>
  /**
   * Stores the grant and, as an authorization code, the device code. False where the waiting request was answered before,
   * where another session may decide, or where it is too late.
   */
  approve(
    authorization: DeviceAuthorizationReference,
    approval: { grant: Grant; sessionId: string; pendingRequestId: string },
  ): Promise<boolean>
  /** Denies it for this session, or for nobody where nobody was asked yet. */
  deny(authorization: DeviceAuthorizationReference, sessionId: string | undefined, now: Date): Promise<void>
  /** Notes that the device has asked; each poll that comes too soon makes it wait five seconds longer. */
  poll(device: {
    deviceCodeHash: Uint8Array
    clientId: string
    organisationId: string
    now: Date
  }): Promise<PollOutcome>
}
