import type pg from 'pg'
import type {
  PushedAuthorizationRequest,
  PushedAuthorizationRequestRepository,
} from '../model/pushed-authorization-request.ts'
import { column, inInputOrder, latest, prepare, together } from './statement.ts'

const KEEP = `
INSERT INTO pushed_authorization_requests (reference_hash, organisation_id, client_id, parameters, created_at, expires_at)
SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::uuid[], $4::jsonb[], $5::timestamptz[], $6::timestamptz[])`

const FIND = `
SELECT i.ord::int, p.parameters
FROM unnest($1::bytea[], $2::uuid[], $3::uuid[]) WITH ORDINALITY AS i(reference_hash, organisation_id, client_id, ord)
JOIN pushed_authorization_requests p ON p.reference_hash = i.reference_hash AND p.organisation_id = i.organisation_id
  AND p.client_id = i.client_id
WHERE p.expires_at > $4::timestamptz`

const DISCARD = `DELETE FROM pushed_authorization_requests WHERE reference_hash = $1 AND organisation_id = $2`

/** Hot: a client that pushes does so for each of its requests. What answers one with a code is in authorization-codes.ts. */
export function createPushedAuthorizationRequestRepository(pool: pg.Pool): PushedAuthorizationRequestRepository {
  const keepRows = prepare(pool, 'keep-pushed-request', KEEP)
  const findRows = prepare<{ ord: number; parameters: Record<string, string> }>(pool, 'find-pushed-request', FIND)
  const discardRow = prepare(pool, 'discard-pushed-request', DISCARD)

  const keep = together(async (requests: readonly PushedAuthorizationRequest[]) => {
    await keepRows([
      column(requests, ({ referenceHash }) => referenceHash),
      column(requests, ({ organisationId }) => organisationId),
      column(requests, ({ clientId }) => clientId),
      column(requests, ({ parameters }) => JSON.stringify(parameters)),
      column(requests, ({ createdAt }) => createdAt),
      column(requests, ({ expiresAt }) => expiresAt),
    ])
    return requests.map(() => undefined)
  })

  const find = together(async (references: readonly Parameters<PushedAuthorizationRequestRepository['find']>[0][]) => {
    const rows = await findRows([
      column(references, ({ referenceHash }) => referenceHash),
      column(references, ({ organisationId }) => organisationId),
      column(references, ({ clientId }) => clientId),
      latest(references),
    ])
    return inInputOrder(rows, references.length).map((row) => row?.parameters)
  })

  return {
    keep,
    find,
    async discard({ referenceHash, organisationId }) {
      await discardRow([referenceHash, organisationId])
    },
  }
}
