import { completeOrganisationSettings } from '../../model/organisations/organisation-settings.ts'
import type { Organisation } from '../../model/organisations/organisation.ts'
import { OWNER_ROLE_SLUG } from '../../model/permissions/role.ts'
import { membershipIsActive, userIsActive } from '../active-conditions.ts'

/** The columns of organisation `o`, as `readOrganisation` wants them. */
export const organisationColumns = `o.id, o.slug, o.name, o.status, o.status_reason AS "statusReason",
  o.is_operator AS "isOperator", o.deleted_at AS "deletedAt", o.access_ended_at AS "accessEndedAt", o.session_lifetime AS "sessionLifetime",
  o.session_idle_timeout AS "sessionIdleTimeout", o.audit_tokens AS "auditTokens", o.settings, o.version,
  o.created_at AS "createdAt", o.updated_at AS "updatedAt", (
    SELECT u.id FROM roles r
      JOIN role_assignments a ON a.role_id = r.id AND a.organisation_id = r.organisation_id
      LEFT JOIN team_members t ON t.team_id = a.team_id AND t.organisation_id = r.organisation_id
      JOIN users u ON u.id = coalesce(a.user_id, t.user_id)
      JOIN memberships m ON m.user_id = u.id AND m.organisation_id = r.organisation_id
    WHERE r.organisation_id = o.id AND r.slug = '${OWNER_ROLE_SLUG}' AND a.within_team_id IS NULL AND a.expires_at IS NULL
      AND ${userIsActive('u')} AND ${membershipIsActive('m')}
    ORDER BY a.granted_at, u.id LIMIT 1) AS "ownerId"`

export type OrganisationRow = Pick<
  Organisation,
  | 'id'
  | 'slug'
  | 'name'
  | 'status'
  | 'statusReason'
  | 'isOperator'
  | 'deletedAt'
  | 'accessEndedAt'
  | 'sessionLifetime'
  | 'sessionIdleTimeout'
  | 'auditTokens'
  | 'ownerId'
  | 'createdAt'
  | 'updatedAt'
  | 'version'
> & { settings: unknown }

export function readOrganisation({ settings, ...columns }: OrganisationRow): Organisation {
  return { ...completeOrganisationSettings(settings), ...columns }
}
