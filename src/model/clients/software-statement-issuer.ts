import type { AuditEvent } from '../audit/audit-event.ts'

/** An issuer whose software statements an organisation trusts (RFC 7591 §2.3). */
export interface SoftwareStatementIssuer {
  id: string
  organisationId: string
  /** The exact `iss` of its statements. */
  issuer: string
  /** Its public keys, by value or by URL: exactly one of the two. */
  jwks: Record<string, unknown> | null
  jwksUri: string | null
  /** The scopes that clients with its statements may have at most. */
  scopes: string[]
  createdAt: Date
  updatedAt: Date
}

/** Identifies an issuer of one organisation. */
export type SoftwareStatementIssuerReference = Pick<SoftwareStatementIssuer, 'id' | 'organisationId'>

/** Each write records its event in the same transaction. */
export interface SoftwareStatementIssuerRepository {
  /** False, and nothing is stored, if the organisation has an issuer of this name. */
  create(issuer: SoftwareStatementIssuer, event: AuditEvent): Promise<boolean>
  list(organisationId: string): Promise<SoftwareStatementIssuer[]>
  /** The issuer with this `iss`. */
  find(organisationId: string, issuer: string): Promise<SoftwareStatementIssuer | undefined>
  /** Undefined if it does not exist. The name is not changed. */
  replace(
    reference: SoftwareStatementIssuerReference,
    change: Pick<SoftwareStatementIssuer, 'jwks' | 'jwksUri' | 'scopes' | 'updatedAt'>,
    event: AuditEvent,
  ): Promise<SoftwareStatementIssuer | undefined>
  /** False if it does not exist. */
  delete(reference: SoftwareStatementIssuerReference, event: AuditEvent): Promise<boolean>
}
