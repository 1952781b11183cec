import type { AuditEvent } from '../audit/audit-event.ts'

/** Lets the holder of one e-mail address create an organisation, once. Its value is stored as a hash. */
export interface OnboardingToken {
  id: string
  /** The organisation that operates the server. */
  organisationId: string
  email: string
  /** Undefined if a client created it for itself. */
  createdBy: string | undefined
  expiresAt: Date
  consumedAt: Date | null
  /** The organisation that was created with it. */
  consumedByOrganisationId: string | null
  createdAt: Date
}

/** A token that a request presents, with the address that it must be for. */
export interface PresentedOnboardingToken {
  tokenHash: Uint8Array
  emailKey: string
}

export interface OnboardingTokenRepository {
  /** `email_taken`: a user has the address. */
  create(
    token: Omit<OnboardingToken, 'consumedAt' | 'consumedByOrganisationId'>,
    secret: PresentedOnboardingToken,
    event: AuditEvent,
  ): Promise<'created' | 'email_taken'>
  /** The newest first. */
  list(
    organisationId: string,
    page: { limit: number; offset: number },
  ): Promise<{ tokens: OnboardingToken[]; total: number }>
  /** False if there is no such token. */
  delete(token: Pick<OnboardingToken, 'id' | 'organisationId'>, event: AuditEvent): Promise<boolean>
  /** Whether the token could be consumed now. Consuming it is part of creating the organisation. */
  isValid(token: PresentedOnboardingToken, now: Date): Promise<boolean>
}
