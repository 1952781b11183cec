import type { PoolClient } from 'pg'
import type { NewOrganisation } from '../../model/organisations/bootstrap.ts'
import { insertMail } from '../mail/insert-mail.ts'
import { storeCode } from '../recovery/one-time-codes.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'

const INSERT_ORGANISATION = `INSERT INTO organisations
  (id, slug, name, status, is_operator, audit_tokens, session_lifetime, session_idle_timeout, settings, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`
const INSERT_ROLE = `WITH role AS (
  INSERT INTO roles (id, organisation_id, slug, name, description, is_default, is_system, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, true, $7, $7)
)
INSERT INTO role_permissions (role_id, permission_id) SELECT $1, id FROM permissions WHERE slug = ANY ($8)`
const INSERT_OWNER = `INSERT INTO users
  (id, organisation_id, email, email_key, email_verified, name, given_name, family_name, password_hash, created_at, updated_at)
VALUES ($1, $2, $3, $4, $10, $5, $6, $7, $8, $9, $9)`
const ASSIGN_ROLE = `INSERT INTO role_assignments (user_id, role_id, organisation_id, granted_at)
SELECT $1, id, organisation_id, $4 FROM roles WHERE organisation_id = $2 AND slug = $3`

/** Stores an organisation with its roles, its owner and the events, in the transaction of this connection. */
export async function insertOrganisation(
  connection: PoolClient,
  { organisation, roles, owner, now, events, confirmation }: NewOrganisation,
): Promise<void> {
  const { id, slug, status, isOperator, columns, settings } = organisation
  const { name, auditTokens, sessionLifetime, sessionIdleTimeout } = columns
  const lifetimes = [sessionLifetime, sessionIdleTimeout]
  const members = [id, slug, name, status, isOperator, auditTokens, ...lifetimes, JSON.stringify(settings), now]
  await connection.query(INSERT_ORGANISATION, members)
  for (const role of roles) {
    const definition = [role.slug, role.name, role.description, role.isDefault]
    await connection.query(INSERT_ROLE, [role.id, id, ...definition, now, role.permissions])
  }
  const { email, emailKey, givenName, familyName, passwordHash } = owner
  const names = [owner.name, givenName, familyName]
  await connection.query(INSERT_OWNER, [
    owner.id,
    id,
    email,
    emailKey,
    ...names,
    passwordHash,
    now,
    owner.emailVerified,
  ])
  await connection.query(ASSIGN_ROLE, [owner.id, id, owner.role, now])
  for (const event of events) await recordAuditEvent(connection, event)
  if (confirmation) {
    await storeCode(connection, confirmation.code)
    await insertMail(connection, confirmation.mail)
  }
}
