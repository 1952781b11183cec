import type { SecurityEvent } from './security-event.ts'

/** Somebody whose software statements an organisation believes (RFC 7591 §2.3). */
export interface StatementIssuer {
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
export type StatementIssuerReference = Pick<StatementIssuer, 'id' | 'organisationId'>

/** Each write records its event in the same transaction. */
export interface StatementIssuerRepository {
  /** False, and nothing is stored, where the organisation believes an issuer of this name already. */
  add(issuer: StatementIssuer, event: SecurityEvent): Promise<boolean>
  list(organisationId: string): Promise<StatementIssuer[]>
  /** The one that statements with this `iss` are from. */
  find(organisationId: string, issuer: string): Promise<StatementIssuer | undefined>
  /** Undefined where there is none. The name stays. */
  replace(
    reference: StatementIssuerReference,
    change: Pick<StatementIssuer, 'jwks' | 'jwksUri' | 'scopes' | 'updatedAt'>,
    event: SecurityEvent,
  ): Promise<StatementIssuer | undefined>
  /** False where there is none. */
  remove(reference: StatementIssuerReference, event: SecurityEvent): Promise<boolean>
}
