import type { PoolClient } from 'pg'
import { uuidv7 } from '../../lib/crypto/random.ts'
import { domainOfEmail } from '../../lib/text/domain-name.ts'
import { auditEventTypes } from '../../model/audit/audit-event-types.ts'
import type { ActFacts } from '../../model/users/guest-membership.ts'
import { organisationIsActive, userIsActive } from '../active-conditions.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'

/**
 * The organisations `o` that user $1, whose address has the domain $2, may join, by their domains `d`: the user has confirmed
 * the address by a mail. Administrators of the home organisation can take the account over, so that this is the operator's
 * unless the domain accepts any.
 */
export const JOINABLE = `FROM users u JOIN organisations h ON h.id = u.organisation_id
  JOIN organisation_domains d ON d.domain = $2 AND d.verified_at IS NOT NULL AND d.membership <> 'none'
  JOIN organisations o ON o.id = d.organisation_id
  WHERE u.id = $1::uuid AND ${userIsActive('u')} AND u.email_confirmed_key = u.email_key
    AND (h.is_operator OR d.from_any_organisation) AND ${organisationIsActive('o')}`

const JOIN = `WITH joined AS (
  INSERT INTO memberships (user_id, organisation_id, source, joined_at, updated_at)
  SELECT u.id, d.organisation_id, 'domain', $3::timestamptz, $3::timestamptz ${JOINABLE}
    AND CASE WHEN $4::uuid IS NULL THEN d.membership = 'automatic' ELSE d.organisation_id = $4 END
  ON CONFLICT DO NOTHING RETURNING user_id, organisation_id
), given AS (
  INSERT INTO role_assignments (user_id, role_id, organisation_id, granted_at)
  SELECT j.user_id, r.id, j.organisation_id, $3::timestamptz
  FROM joined j JOIN organisation_domains d ON d.organisation_id = j.organisation_id AND d.domain = $2
  JOIN roles r ON r.organisation_id = j.organisation_id
    AND CASE WHEN d.role_id IS NULL THEN r.is_default ELSE r.id = d.role_id END
  RETURNING organisation_id, role_id
)
SELECT j.organisation_id AS "organisationId", r.slug AS role
FROM joined j LEFT JOIN given g ON g.organisation_id = j.organisation_id LEFT JOIN roles r ON r.id = g.role_id`

/**
 * Makes a user a member of the organisations whose domain makes members automatically, or, with `organisationId`, of this one
 * that the user may join. Records an event in each. Returns how many there are.
 */
export async function joinByDomain(
  connection: PoolClient,
  { userId, emailKey, organisationId }: { userId: string; emailKey: string; organisationId: string | undefined },
  { occurredAt, requestMetadata }: ActFacts,
): Promise<number> {
  const domain = domainOfEmail(emailKey)
  if (domain === undefined) return 0
  const values = [userId, domain, occurredAt, organisationId]
  const { rows } = await connection.query<{ organisationId: string; role: string | null }>(JOIN, values)
  for (const joined of rows) {
    await recordAuditEvent(connection, {
      id: uuidv7(occurredAt),
      occurredAt,
      type: 'membership.joined',
      ...auditEventTypes['membership.joined'],
      success: true,
      organisationId: joined.organisationId,
      userId,
      clientId: undefined,
      resource: { type: 'user', id: userId },
      requestMetadata,
      metadata: { domain },
      changes: [
        { field: 'membership', to: 'active' },
        { field: 'roles', to: joined.role === null ? [] : [joined.role] },
      ],
    })
  }
  return rows.length
}

const CONFIRM = `UPDATE users SET email_confirmed_key = email_key WHERE id = $1::uuid AND organisation_id = $2::uuid
RETURNING email_key AS "emailKey"`

/** Notes that a user has confirmed their address by a mail, and makes them a member where that is automatic. */
export async function confirmAddress(
  connection: PoolClient,
  { userId, organisationId }: { userId: string; organisationId: string },
  facts: ActFacts,
): Promise<void> {
  const { rows } = await connection.query<{ emailKey: string }>(CONFIRM, [userId, organisationId])
  const emailKey = rows[0]?.emailKey
  if (emailKey !== undefined) await joinByDomain(connection, { userId, emailKey, organisationId: undefined }, facts)
}
