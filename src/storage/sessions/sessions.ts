// `storage/sessions` stores browser sessions and the queue of back-channel logout notifications.
// Ending a session queues the notifications in the same statement.
// Sending them belongs to `logout`.

import type pg from 'pg'
import { amrOf } from '../../oauth/authentication-methods.ts'
import { sessionIsActive } from '../active-conditions.ts'
import { sessionLifetimeOf, type OrganisationStatus } from '../../model/organisations/organisation.ts'
import {
  isSessionActive,
  SESSION_TOUCH_FRACTION,
  type SessionContext,
  type AuditEventRecorder,
  type SessionRepository,
} from '../../model/sessions/session.ts'
import { auditEventColumns, auditEventParameters, toAuditEventRow, auditEventValues } from '../audit/audit-event-row.ts'
import { writeWithEvents } from '../audit/record-audit-event.ts'
import type { MembershipState } from '../../model/users/membership.ts'
import type { PrismaClient } from '../generated/client.ts'
import { createOtherSessionsEnd } from './end-other-sessions.ts'
import { createEndSession } from './end-session.ts'
import { readMethods, storeMethods, type StoredMethod } from './session-methods.ts'
import { toColumn, reorderByInput, maxNow, prepare, batched } from '../db/batched-statement.ts'

const FIND = `
SELECT i.ord::int, s.id, s.organisation_id, s.user_id, s.auth_time, s.amr, s.methods, s.last_activity_at, u.email, u.name,
  u.mfa_methods, u.organisation_id AS home_organisation_id,
  u.given_name, u.family_name, o.slug, o.name AS organisation_name, coalesce(a.scopes, '{}') AS consented_scopes,
  s.last_activity_at <= $3::timestamptz - make_interval(secs => o.session_idle_timeout * ${SESSION_TOUCH_FRACTION}) AS touch_due
FROM unnest($1::bytea[], $2::uuid[]) WITH ORDINALITY AS i(token_hash, client_id, ord)
JOIN sessions s ON s.token_hash = i.token_hash
JOIN users u ON u.id = s.user_id
JOIN memberships m ON m.user_id = s.user_id AND m.organisation_id = s.organisation_id
JOIN organisations o ON o.id = s.organisation_id
LEFT JOIN consents a ON a.user_id = s.user_id AND a.client_id IS NOT DISTINCT FROM i.client_id
  AND a.organisation_id = s.organisation_id AND a.revoked_at IS NULL
WHERE ${sessionIsActive('$3')}`

// One statement, so one transaction.
const SIGN_IN = `
WITH renewed AS (
  UPDATE sessions s SET token_hash = $2, auth_time = $6::timestamptz, amr = $7::text[], ip_address = $8, user_agent = $9,
    last_activity_at = $6::timestamptz, expires_at = $10::timestamptz, remembered = $12, methods = $13::jsonb
  FROM users u, memberships m, organisations o
  WHERE s.token_hash = $3 AND s.user_id = $4::uuid AND s.organisation_id = $5::uuid
    AND u.id = s.user_id AND m.user_id = s.user_id AND m.organisation_id = s.organisation_id AND o.id = s.organisation_id
    AND ${sessionIsActive('$6')}
  RETURNING s.id
), expired_previous AS (
  UPDATE sessions SET expires_at = $6::timestamptz
  WHERE token_hash = $3 AND (user_id, organisation_id) <> ($4::uuid, $5::uuid) AND expires_at > $6::timestamptz
), created AS (
  INSERT INTO sessions (id, organisation_id, user_id, token_hash, auth_time, amr, ip_address, user_agent,
    last_activity_at, expires_at, created_at, remembered, methods)
  SELECT $1::uuid, $5::uuid, $4::uuid, $2, $6::timestamptz, $7::text[], $8, $9, $6::timestamptz, $10::timestamptz,
    $6::timestamptz, $12, $13::jsonb
  WHERE NOT EXISTS (SELECT FROM renewed)
  RETURNING id
), current AS (SELECT id FROM renewed UNION ALL SELECT id FROM created),
updated_user AS (
  UPDATE users SET last_login_at = $6::timestamptz, login_count = login_count + 1
  WHERE id = $4::uuid AND EXISTS (SELECT FROM memberships m WHERE m.user_id = $4::uuid AND m.organisation_id = $5::uuid)
), updated_request AS (
  UPDATE pending_authorization_requests r SET session_id = c.id, signed_in_session_id = c.id FROM current c
  WHERE r.id = $11 AND r.organisation_id = $5::uuid
), audited AS (
  INSERT INTO audit_events (${auditEventColumns}) SELECT ${auditEventParameters(14)}
)
SELECT id FROM current`

// A method that is proven again has the new time.
const ADD_METHODS = `UPDATE sessions SET
  amr = ARRAY(SELECT DISTINCT value FROM unnest(amr || $4::text[]) AS v(value) ORDER BY 1),
  methods = (SELECT coalesce(jsonb_agg(m), '[]') FROM jsonb_array_elements(methods) m
    WHERE m -> 'method' NOT IN (SELECT n -> 'method' FROM jsonb_array_elements($6::jsonb) n)) || $6::jsonb
WHERE id = $1::uuid AND user_id = $2::uuid AND organisation_id = $3::uuid AND ended_at IS NULL AND expires_at > $5::timestamptz`

interface FoundRow {
  ord: number
  id: string
  organisation_id: string
  user_id: string
  auth_time: Date
  amr: string[]
  methods: StoredMethod[] | null
  last_activity_at: Date
  email: string
  name: string | null
  given_name: string | null
  mfa_methods: string[]
  home_organisation_id: string
  family_name: string | null
  slug: string
  organisation_name: string
  consented_scopes: string[]
  touch_due: boolean
}

export function createSessionRepository(
  pool: pg.Pool,
  generalPool: pg.Pool,
  prisma: PrismaClient,
): SessionRepository & AuditEventRecorder {
  const queryFind = prepare<FoundRow>(pool, 'find-session', FIND)
  const querySignIn = prepare<{ id: string }>(pool, 'sign-in', SIGN_IN)

  const find = batched(
    async (inputs: readonly { tokenHash: Uint8Array; clientId: string | undefined; now: Date }[]) => {
      const rows = await queryFind([
        toColumn(inputs, ({ tokenHash }) => tokenHash),
        toColumn(inputs, ({ clientId }) => clientId),
        maxNow(inputs),
      ])
      return reorderByInput(rows, inputs.length).map((row) => row && readContext(row))
    },
  )

  return {
    findContext: (tokenHash, clientId, now) => find({ tokenHash, clientId, now }),

    async signIn({ credentials: { user, organisation }, ...signIn }, event) {
      const [row] = await querySignIn([
        signIn.newSessionId,
        signIn.tokenHash,
        signIn.previousTokenHash,
        user.id,
        organisation.id,
        signIn.now,
        amrOf(signIn.methods),
        signIn.ipAddress,
        signIn.userAgent?.slice(0, 500),
        new Date(signIn.now.getTime() + sessionLifetimeOf(organisation, signIn.remembered) * 1000),
        signIn.authorizationRequestId,
        signIn.remembered,
        storeMethods(signIn.methods, signIn.now),
        ...auditEventValues(event),
      ])
      if (!row) throw new Error('A sign-in stored no session.')
      return row.id
    },

    addMethods: ({ id, userId, organisationId }, methods, event) =>
      writeWithEvents(
        generalPool,
        ADD_METHODS,
        [id, userId, organisationId, amrOf(methods), event.occurredAt, storeMethods(methods, event.occurredAt)],
        [event],
      ),

    async touch({ id, organisationId }, now) {
      await prisma.session.updateMany({
        where: { id, organisationId, lastActivityAt: { lt: now } },
        data: { lastActivityAt: now },
      })
    },

    async list({ id, organisationId }, now) {
      const rows = await prisma.session.findMany({
        where: { userId: id, organisationId, endedAt: null, expiresAt: { gt: now } },
        include: {
          user: { select: { blockedAt: true, deletedAt: true, memberships: { where: { organisationId } } } },
          organisation: { select: { status: true, sessionIdleTimeout: true, accessEndedAt: true } },
        },
        orderBy: [{ lastActivityAt: 'desc' }, { id: 'desc' }],
        omit: { tokenHash: true },
      })
      return rows.flatMap(({ user, organisation: { status, ...lifetimes }, endedAt, ...session }) => {
        const organisation = { status: status as OrganisationStatus, ...lifetimes }
        const [membership] = user.memberships.map(({ state }) => ({ state: state as MembershipState }))
        return isSessionActive({ ...session, endedAt }, user, membership, organisation, now) ? [session] : []
      })
    },

    end: createEndSession(pool),
    ...createOtherSessionsEnd(generalPool),

    async record(event) {
      await prisma.auditEvent.create({ data: toAuditEventRow(event) })
    },
  }
}

function readContext(row: FoundRow): SessionContext {
  return {
    session: {
      id: row.id,
      organisationId: row.organisation_id,
      userId: row.user_id,
      authTime: row.auth_time,
      methods: readMethods(row),
      lastActivityAt: row.last_activity_at,
      user: {
        id: row.user_id,
        organisationId: row.home_organisation_id,
        mfaMethods: row.mfa_methods,
        email: row.email,
        name: row.name,
        givenName: row.given_name,
        familyName: row.family_name,
      },
      organisation: { id: row.organisation_id, slug: row.slug, name: row.organisation_name },
    },
    consentedScopes: row.consented_scopes,
    isTouchDue: row.touch_due,
  }
}
