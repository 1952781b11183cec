// `model/authorization` holds what the authorization endpoint stores before a code exists.
// That is pending requests, pushed requests (RFC 9126), device authorizations (RFC 8628) and recorded failures.
// Codes and grants belong to `model/grants`.

import type { AuditEvent } from '../audit/audit-event.ts'

/**
 * An authorization request that waits for a person. It belongs to the browser that started it (`browserCookieHash`) and is
 * consumed by its answer.
 */
export interface PendingAuthorizationRequest {
  id: string
  organisationId: string
  /** The client's row id. */
  clientId: string
  parameters: Record<string, string>
  /** The device that asks, where the person has come from none of its client's pages (RFC 8628). */
  deviceAuthorizationId: string | null
  /** The pushed request that it came from, if any (RFC 9126). */
  pushedReferenceHash: Uint8Array | null
  browserCookieHash: Uint8Array
  createdAt: Date
  expiresAt: Date
}

/** What the person has done for this very request so far. */
export interface InteractionResult {
  /** The session that was signed in, or chosen, for it. */
  sessionId: string | null
  /** Whether the person agreed, and to what. */
  consented: boolean
  consentedScopes: string[]
}

export interface PendingAuthorizationRequestRepository {
  create(request: PendingAuthorizationRequest): Promise<void>
  /** The request with this id, if it waits, has not expired and belongs to this browser. */
  find(
    id: string,
    browserCookieHash: Uint8Array,
    now: Date,
  ): Promise<(PendingAuthorizationRequest & InteractionResult) | undefined>
  /** Gives a request that was kept for the bearer of a claim to a browser. Once: afterwards it is the browser's. */
  claim(id: string, claimHash: Uint8Array, browserCookieHash: Uint8Array): Promise<void>
  /** Notes that the person chose to go on with this session. */
  selectSession(request: { id: string; organisationId: string }, sessionId: string): Promise<void>
  /** Notes the consent for this request, adds it to what the user agreed to for the client, and records the event. */
  recordConsent(
    request: { id: string; organisationId: string; clientId: string },
    consent: { userId: string; scopes: string[]; now: Date },
    event: AuditEvent,
  ): Promise<void>
  /** Ends the request, and the pushed one it came from; false where it was answered before. Records the event if there is one. */
  delete(
    request: Pick<PendingAuthorizationRequest, 'id' | 'organisationId' | 'pushedReferenceHash'>,
    event?: AuditEvent,
  ): Promise<boolean>
}
