import type { Pool } from 'pg'
import {
  MAX_COUNTED_EVENTS,
  type AuditLogEntry,
  type AuditLogFilter,
  type AuditLogReader,
} from '../../model/audit/audit-log.ts'
import { toEmailKey } from '../../model/users/user.ts'
import { storedEventColumns } from './audit-event-row.ts'
import { isUuid } from '../../lib/text/uuid.ts'

const COLUMNS = `${storedEventColumns},
  CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'email', u.email,
    'name', coalesce(u.name, nullif(concat_ws(' ', u.given_name, u.family_name), ''))) END AS "user",
  CASE WHEN c.id IS NOT NULL THEN json_build_object('id', c.id, 'clientId', c.client_id, 'name', c.name) END AS client`

const NAMES = `LEFT JOIN users u ON u.id = e.user_id AND u.organisation_id = e.organisation_id
  LEFT JOIN clients c ON c.id = e.client_id AND c.organisation_id = e.organisation_id`

const FIND = `SELECT ${COLUMNS} FROM audit_events e ${NAMES} WHERE e.id = $1::uuid AND e.organisation_id = $2::uuid`

const FIND_CLIENT = 'SELECT id FROM clients WHERE organisation_id = $1::uuid AND client_id = $2 LIMIT 1'
const FIND_USER = 'SELECT id FROM users WHERE organisation_id = $1::uuid AND email_key = $2 LIMIT 1'

/**
 * Reads the log by its indexes, each of which ends with the time: a page costs the same, however long the log is. Types are
 * read one by one, each by the index, and then merged: a rare type is found without reading the others.
 */
export function createAuditLogReader(pool: Pool): AuditLogReader {
  const findId = async (statement: string, organisationId: string, name: string) =>
    (await pool.query<{ id: string }>(statement, [organisationId, name])).rows[0]?.id

  /** The filter with row ids in place of names; undefined if no event can match. */
  async function resolve(filter: AuditLogFilter): Promise<ResolvedFilter | undefined> {
    const { organisationId, clientId: client, search } = filter
    let clientRowId: string | undefined
    if (client !== undefined) {
      clientRowId = (await findId(FIND_CLIENT, organisationId, client)) ?? (isUuid(client) ? client : undefined)
      if (clientRowId === undefined) return undefined
    }
    if (search === undefined) return { ...filter, clientRowId, searched: undefined }
    const searched = {
      text: search,
      uuid: isUuid(search) ? search.toLowerCase() : undefined,
      userId: search.includes('@') ? await findId(FIND_USER, organisationId, toEmailKey(search)) : undefined,
      clientRowId: await findId(FIND_CLIENT, organisationId, search),
    }
    return { ...filter, clientRowId, searched }
  }

  return {
    async read(filter, { limit, offset, descending, after }) {
      const resolved = await resolve(filter)
      if (!resolved) return { entries: [], end: undefined }
      const { parameters, bind, where, branches, types } = conditions(resolved)
      const [comparison, direction] = descending ? ['<', 'DESC'] : ['>', 'ASC']
      if (after) {
        const position = `(${bind(after.occurredAt)}::timestamptz, ${bind(after.id)}::uuid)`
        where.push(`(e.occurred_at, e.id) ${comparison} ${position}`)
      }
      const order = `ORDER BY occurred_at ${direction}, id ${direction}`
      const skipped = after ? 0 : offset
      const scan = selectKeys({ where, branches, types }, `${order} LIMIT ${bind(skipped + limit + 1)}`)
      const { rows } = await pool.query<AuditLogEntry>(
        `WITH found AS MATERIALIZED (SELECT * FROM (${scan}) AS keys ${order} LIMIT ${bind(limit + 1)} OFFSET ${bind(skipped)})
        SELECT ${COLUMNS} FROM found f JOIN audit_events e ON e.id = f.id AND e.occurred_at = f.occurred_at ${NAMES}
        ORDER BY e.occurred_at ${direction}, e.id ${direction}`,
        parameters,
      )
      const entries = rows.slice(0, limit)
      return { entries, end: rows.length > limit ? entries.at(-1) : undefined }
    },

    async count(filter) {
      const resolved = await resolve(filter)
      if (!resolved) return 0
      const { parameters, ...scanned } = conditions(resolved)
      const most = `LIMIT ${MAX_COUNTED_EVENTS + 1}`
      const { rows } = await pool.query<{ total: number }>(
        `SELECT count(*)::int AS total FROM (SELECT FROM (${selectKeys(scanned, most)}) AS keys ${most}) AS counted`,
        parameters,
      )
      return rows[0]?.total ?? 0
    },

    async find({ id, organisationId }) {
      return (await pool.query<AuditLogEntry>(FIND, [id, organisationId])).rows[0]
    },
  }
}

interface ResolvedFilter extends Omit<AuditLogFilter, 'clientId' | 'search'> {
  clientRowId: string | undefined
  searched:
    | { text: string; uuid: string | undefined; userId: string | undefined; clientRowId: string | undefined }
    | undefined
}

interface Scan {
  /** All hold. */
  where: string[]
  /** One of them holds, each found by an index of its own; none: `where` says it all. */
  branches: string[]
  /** The parameter with the types, if nothing narrower is asked for. */
  types: string | undefined
}

function conditions(filter: ResolvedFilter) {
  const { organisationId, from, to, types, userId, clientRowId, resourceType, resourceId, searched } = filter
  const parameters: unknown[] = []
  const bind = (value: unknown) => `$${parameters.push(value)}`
  const where = [`e.organisation_id = ${bind(organisationId)}::uuid`]
  if (from) where.push(`e.occurred_at >= ${bind(from)}::timestamptz`)
  if (to) where.push(`e.occurred_at < ${bind(to)}::timestamptz`)
  if (userId !== undefined) where.push(`e.user_id = ${bind(userId)}::uuid`)
  if (clientRowId !== undefined) where.push(`e.client_id = ${bind(clientRowId)}::uuid`)
  if (resourceType !== undefined) where.push(`e.resource_type = ${bind(resourceType)}`)
  if (resourceId !== undefined) where.push(`e.resource_id = ${bind(resourceId)}`)
  const branches: string[] = []
  if (searched) {
    const { text, uuid, userId: foundUser, clientRowId: foundClient } = searched
    for (const id of new Set([uuid, foundUser].filter((found) => found !== undefined))) {
      branches.push(`e.user_id = ${bind(id)}::uuid`)
    }
    for (const id of new Set([uuid, foundClient].filter((found) => found !== undefined))) {
      branches.push(`e.client_id = ${bind(id)}::uuid`)
    }
    for (const id of new Set([text, uuid, foundUser, foundClient].filter((found) => found !== undefined))) {
      branches.push(`e.resource_id = ${bind(id)}`)
    }
    if (uuid !== undefined) branches.push(`e.id = ${bind(uuid)}::uuid`)
  }
  const narrower = [userId, clientRowId, resourceType, resourceId, searched].some((value) => value !== undefined)
  const typeList = types && `${bind(types)}::text[]`
  if (typeList !== undefined && narrower) where.push(`e.type = ANY (${typeList})`)
  return { parameters, bind, where, branches, types: narrower ? undefined : typeList }
}

/** The keys of the events. `end` orders and limits each part; the caller does the same for the whole. */
function selectKeys({ where, branches, types }: Scan, end: string): string {
  const select = (conditionList: string[]) =>
    `SELECT e.occurred_at, e.id FROM audit_events e WHERE ${conditionList.join(' AND ')} ${end}`
  if (types !== undefined) {
    const part = select([...where, 'e.type = wanted.type'])
    return `SELECT part.* FROM unnest(${types}) AS wanted(type) CROSS JOIN LATERAL (${part}) AS part`
  }
  if (branches.length === 0) return select(where)
  return branches.map((branch) => `(${select([...where, branch])})`).join(' UNION ')
}
