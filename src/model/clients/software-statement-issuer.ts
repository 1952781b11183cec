import type { AuditEvent } from '../audit/audit-event.ts'

/** Somebody whose software statements an organisation believes (RFC 7591 §2.3). */
export interface SoftwareStatementIssuer {
  id: string
  organisationId: string
  /** What its statements say as `iss`, to the letter. */
  issuer: string
  /** Its public keys, by value or by address: exactly one of both. */
  jwks: Record<string, unknown> | null
  jwksUri: string | null
  /** The most that clients with its statements may have. */
  scopes: string[]
  createdAt: Date
  updatedAt: Date
}

/** Names an issuer of one organisation. */
export type SoftwareStatementIssuerReference = Pick<SoftwareStatementIssuer, 'id' | 'organisationId'>

/** Each write records its event in the same transaction. */
export interface SoftwareStatementIssuerRepository {
  /** False, and nothing is stored, where the organisation believes an issuer of this name already. */
  create(issuer: SoftwareStatementIssuer, event: AuditEvent): Promise<boolean>
  list(organisationId: string): Promise<SoftwareStatementIssuer[]>
  /** The one that statements with this `iss` are from. */
  find(organisationId: string, issuer: string): Promise<SoftwareStatementIssuer | undefined>
  /** Undefined where there is none. The name stays. */
  replace(
    reference: SoftwareStatementIssuerReference,
    change: Pick<SoftwareStatementIssuer, 'jwks' | 'jwksUri' | 'scopes' | 'updatedAt'>,
    event: AuditEvent,
  ): Promise<SoftwareStatementIssuer | undefined>
  /** False where there is none. */
  delete(reference: SoftwareStatementIssuerReference, event: AuditEvent): Promise<boolean>
}
