import type { Pool } from 'pg'
import {
  attributeRead,
  type OrganisationAccess,
  type OrganisationAccessRepository,
} from '../../model/permissions/organisation-access.ts'
import { attributeValues } from '../users/attributes/attribute-values.ts'
import { heldRoles } from './held-roles.ts'

/** Whose access is read, and the conditions under which each part of it is, as SQL. */
interface AccessQuery extends ReadConditions {
  user: string
  organisation: string
  now: string
}

interface ReadConditions {
  reads: (part: 'roles' | 'permissions' | 'groups') => string
  /** Whether any attribute is read, and whether that of definition `d` is. */
  readsAttributes: string
  readsAttribute: string
}

/**
 * What a user is in the organisation, as the columns that `readAccess` reads. A part that is not read costs nothing. A role
 * that the user has several times ends with the last of them.
 */
export const accessColumns = ({ user, organisation, now, ...conditions }: AccessQuery) => {
  const { reads, readsAttributes, readsAttribute } = conditions
  return `
    CASE WHEN ${reads('roles')} OR ${reads('permissions')} THEN (
      SELECT json_agg(json_build_object('slug', r.slug, 'name', r.name,
          'team', CASE WHEN w.id IS NOT NULL THEN json_build_object('slug', w.slug, 'name', w.name) END,
          'expiresAt', CASE WHEN h.expires_at < 'infinity' THEN floor(extract(epoch FROM h.expires_at)) END,
          'permissions', CASE WHEN ${reads('permissions')} THEN ARRAY(
            SELECT p.slug FROM role_permissions rp JOIN permissions p ON p.id = rp.permission_id WHERE rp.role_id = r.id
          ) ELSE '{}' END) ORDER BY r.slug COLLATE "C", w.slug COLLATE "C" NULLS FIRST)
      FROM (
        SELECT role_id, within_team_id, max(coalesce(expires_at, 'infinity')) AS expires_at
        FROM (${heldRoles(user, organisation, now)}) a GROUP BY role_id, within_team_id
      ) h JOIN roles r ON r.id = h.role_id LEFT JOIN teams w ON w.id = h.within_team_id
    ) END AS roles,
    CASE WHEN ${reads('groups')} THEN (
      SELECT json_agg(json_build_object('id', t.id, 'slug', t.slug, 'name', t.name) ORDER BY t.slug COLLATE "C")
      FROM team_members tm JOIN teams t ON t.id = tm.team_id
      WHERE tm.user_id = ${user} AND tm.organisation_id IS NOT DISTINCT FROM ${organisation}
    ) END AS groups,
    CASE WHEN ${readsAttributes} THEN ${attributeValues(user, organisation, readsAttribute)} END AS attributes`
}

export interface AccessColumns {
  roles: OrganisationAccess['roles'] | null
  groups: OrganisationAccess['groups'] | null
  attributes: OrganisationAccess['attributes'] | null
}

export function readAccess({ roles, groups, attributes }: AccessColumns): OrganisationAccess {
  return { roles: roles ?? [], groups: groups ?? [], attributes: attributes ?? {} }
}

// Compared as whole words: the name of an attribute may contain that of another part.
const READS = `string_to_array(i.access_reads, ' ')`

/**
 * Whether the input column `i.access_reads` (`AccessRead`, separated by spaces) asks for a part of the access of grant `g`,
 * or the grant does: by a scope, or by a claim that was requested for `place`.
 */
export const grantReads = (place: 'idToken' | 'userinfo'): ReadConditions => ({
  reads: (part) =>
    `('${part}' = ANY (${READS}) OR ('scopes' = ANY (${READS}) AND '${part}' = ANY (g.scopes))
      OR g.claims->'${place}' ? '${part}')`,
  readsAttributes: `strpos(i.access_reads, '${attributeRead('')}') > 0`,
  readsAttribute: `'${attributeRead('')}' || d.name = ANY (${READS})`,
})

const everything: ReadConditions = { reads: () => 'true', readsAttributes: 'true', readsAttribute: 'true' }
const FIND = `SELECT ${accessColumns({ user: '$1::uuid', organisation: '$2::uuid', now: '$3', ...everything })}`

export function createOrganisationAccessRepository(pool: Pool): OrganisationAccessRepository {
  return {
    async find({ id, organisationId }, now) {
      const { rows } = await pool.query<AccessColumns>(FIND, [id, organisationId, now])
      return readAccess(rows[0] ?? { roles: null, groups: null, attributes: null })
    },
  }
}
