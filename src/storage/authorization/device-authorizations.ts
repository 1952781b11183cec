import type pg from 'pg'
import type {
  DeviceAuthorization,
  DeviceAuthorizationRepository,
  PollOutcome,
} from '../../model/authorization/device-authorization.ts'
import { copyBytes } from '../db/bytes.ts'
import type { PrismaClient } from '../generated/client.ts'
import { prepare } from '../db/batched-statement.ts'

// `decision` is set by one UPDATE that requires it to be null, and that UPDATE alone writes grant and code.
const APPROVE = `
WITH deleted_request AS (
  DELETE FROM pending_authorization_requests WHERE id = $1 AND organisation_id = $2 AND device_authorization_id = $3
  RETURNING id
), approved AS (
  UPDATE device_authorizations SET decision = 'approved'
  WHERE id = $3 AND organisation_id = $2 AND client_id = $4 AND session_id = $5 AND decision IS NULL
    AND expires_at > $6::timestamptz AND EXISTS (SELECT FROM deleted_request)
  RETURNING device_code_hash, expires_at
), new_grant AS (
  INSERT INTO grants (id, organisation_id, client_id, user_id, scopes, auth_time, amr, acr, offline, created_at, resources)
  SELECT $7::uuid, $2, $4, $8::uuid, $9::text[], $10::timestamptz, $11::text[], $13, $12::bool, $6::timestamptz, $14::text[] FROM approved
), new_code AS (
  INSERT INTO authorization_codes (code_hash, organisation_id, grant_id, client_id, expires_at)
  SELECT device_code_hash, $2, $7::uuid, $4, expires_at FROM approved
)
SELECT FROM approved`

const POLL = `
WITH polled AS (
  SELECT id, CASE
      WHEN decision = 'denied' THEN 'denied'
      WHEN expires_at <= $4::timestamptz THEN 'expired'
      WHEN decision = 'approved' THEN 'approved'
      WHEN last_polled_at + make_interval(secs => poll_interval) > $4::timestamptz THEN 'slow_down'
      ELSE 'pending'
    END AS outcome
  FROM device_authorizations WHERE device_code_hash = $1 AND client_id = $2 AND organisation_id = $3 FOR UPDATE
), updated AS (
  UPDATE device_authorizations d SET last_polled_at = $4::timestamptz,
    poll_interval = d.poll_interval + CASE p.outcome WHEN 'slow_down' THEN 5 ELSE 0 END
  FROM polled p WHERE d.id = p.id AND p.outcome IN ('pending', 'slow_down')
)
SELECT outcome FROM polled`

const selectedFields = {
  id: true,
  organisationId: true,
  clientId: true,
  scopes: true,
  resources: true,
  ipAddress: true,
  createdAt: true,
  expiresAt: true,
} as const satisfies Record<keyof DeviceAuthorization, true>

/** Device authorizations: not a hot path, because a user types a code for each. */
export function createDeviceAuthorizationRepository(
  pool: pg.Pool,
  prisma: PrismaClient,
): DeviceAuthorizationRepository {
  const queryApprove = prepare(pool, 'approve-device', APPROVE)
  const queryPoll = prepare<{ outcome: PollOutcome }>(pool, 'poll-device', POLL)
  return {
    async create({ deviceCodeHash, userCodeHash, ...authorization }) {
      const { count } = await prisma.deviceAuthorization.createMany({
        data: { ...authorization, deviceCodeHash: copyBytes(deviceCodeHash), userCodeHash: copyBytes(userCodeHash) },
        skipDuplicates: true,
      })
      return count > 0
    },

    async findByUserCode(userCodeHash, now) {
      const found = await prisma.deviceAuthorization.findFirst({
        where: { userCodeHash: copyBytes(userCodeHash), decision: null, sessionId: null, expiresAt: { gt: now } },
        select: selectedFields,
      })
      if (!found) return undefined
      const { clientId: id, ...authorization } = found
      const client = await prisma.client.findFirst({
        where: { id, organisationId: found.organisationId },
        select: { id: true, clientId: true },
      })
      return client ? { ...authorization, client } : undefined
    },

    async find({ id, organisationId }) {
      return (
        (await prisma.deviceAuthorization.findFirst({ where: { id, organisationId }, select: selectedFields })) ??
        undefined
      )
    },

    async bindToSession({ id, organisationId }, sessionId, now) {
      const { count } = await prisma.deviceAuthorization.updateMany({
        where: {
          id,
          organisationId,
          decision: null,
          expiresAt: { gt: now },
          OR: [{ sessionId: null }, { sessionId }],
        },
        data: { sessionId },
      })
      return count > 0
    },

    async approve({ id, organisationId }, { grant, sessionId, pendingRequestId }) {
      const rows = await queryApprove([
        pendingRequestId,
        organisationId,
        id,
        grant.clientId,
        sessionId,
        grant.createdAt,
        grant.id,
        grant.userId,
        grant.scopes,
        grant.authTime,
        grant.amr,
        grant.offline,
        grant.acr,
        grant.resources,
      ])
      return rows.length > 0
    },

    async deny({ id, organisationId }, sessionId, now) {
      await prisma.deviceAuthorization.updateMany({
        where: {
          id,
          organisationId,
          decision: null,
          expiresAt: { gt: now },
          OR: [{ sessionId: null }, ...(sessionId === undefined ? [] : [{ sessionId }])],
        },
        data: { decision: 'denied' },
      })
    },

    async poll({ deviceCodeHash, clientId, organisationId, now }) {
      const [row] = await queryPoll([deviceCodeHash, clientId, organisationId, now])
      return row?.outcome ?? 'unknown'
    },
  }
}
