// `model/authorization` holds what the authorization endpoint stores before a code exists.
// That is pending requests, pushed requests (RFC 9126), device authorizations (RFC 8628) and recorded failures.
// Codes and grants belong to `model/grants`.

import type { AuditEvent } from '../audit/audit-event.ts'

/**
 * An authorization request that waits for the user. It belongs to the browser that started it (`browserCookieHash`), and its
 * response consumes it.
 */
export type PendingAuthorizationRequest = PendingBrowserRequest | PendingDeviceRequest

/** A request that a browser brought to the authorization endpoint. */
export interface PendingBrowserRequest extends CommonPendingRequest {
  channel: 'browser'
  /** The pushed request behind it, if any (RFC 9126). */
  pushedReferenceHash: Uint8Array | null
}

/** A request of a device, whose user entered the user code in a browser (RFC 8628). */
export interface PendingDeviceRequest extends CommonPendingRequest {
  channel: 'device'
  deviceAuthorizationId: string
}

interface CommonPendingRequest {
  id: string
  organisationId: string
  /** The client's row id. */
  clientId: string
  parameters: Record<string, string>
  /** The subject that the response must be about. */
  hintedSubject: string | null
  browserCookieHash: Uint8Array
  createdAt: Date
  expiresAt: Date
}

/** What the user has done for this request so far. */
export interface InteractionResult {
  /** The session that the user signed in to, or selected, for this request. */
  sessionId: string | null
  /** The session that the user signed in to for this request. */
  signedInSessionId: string | null
  /** Whether the user gave consent, and to which scopes. */
  consented: boolean
  consentedScopes: string[]
}

export interface PendingAuthorizationRequestRepository {
  create(request: PendingAuthorizationRequest): Promise<void>
  /** The request with this id, if it is pending, has not expired and belongs to this browser. */
  find(
    id: string,
    browserCookieHash: Uint8Array,
    now: Date,
  ): Promise<(PendingAuthorizationRequest & InteractionResult) | undefined>
  /** Assigns a request that was stored under a claim to a browser. A claim works once. */
  claim(id: string, claimHash: Uint8Array, browserCookieHash: Uint8Array): Promise<void>
  /** Records that the user selected this session. */
  selectSession(request: { id: string; organisationId: string }, sessionId: string): Promise<void>
  /** Records the consent for this request, adds it to the stored consent for the client, and records the event. */
  recordConsent(
    request: { id: string; organisationId: string; clientId: string },
    consent: { userId: string; scopes: string[]; now: Date },
    event: AuditEvent,
  ): Promise<void>
  /** Deletes the request and the pushed request it came from; records the event. False if it was completed before. */
  delete(
    request: { id: string; organisationId: string; pushedReferenceHash?: Uint8Array | null },
    event?: AuditEvent,
  ): Promise<boolean>
}
