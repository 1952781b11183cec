import type pg from 'pg'
import type {
  PushedAuthorizationRequest,
  PushedAuthorizationRequestRepository,
} from '../../model/authorization/pushed-authorization-request.ts'
import { toColumn, reorderByInput, maxNow, prepare, batched } from '../db/batched-statement.ts'

const INSERT = `
INSERT INTO pushed_authorization_requests (reference_hash, organisation_id, client_id, parameters, created_at, expires_at,
  hinted_subject)
SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::uuid[], $4::jsonb[], $5::timestamptz[], $6::timestamptz[], $7::text[])`

const FIND = `
SELECT i.ord::int, p.parameters, p.hinted_subject AS "hintedSubject"
FROM unnest($1::bytea[], $2::uuid[], $3::uuid[]) WITH ORDINALITY AS i(reference_hash, organisation_id, client_id, ord)
JOIN pushed_authorization_requests p ON p.reference_hash = i.reference_hash AND p.organisation_id = i.organisation_id
  AND p.client_id = i.client_id
WHERE p.expires_at > $4::timestamptz`

const DELETE = `DELETE FROM pushed_authorization_requests WHERE reference_hash = $1 AND organisation_id = $2`

type FoundRow = { ord: number } & Pick<PushedAuthorizationRequest, 'parameters' | 'hintedSubject'>

/** A hot path: a client that pushes does so for each request. `authorization-codes.ts` issues the codes for them. */
export function createPushedAuthorizationRequestRepository(pool: pg.Pool): PushedAuthorizationRequestRepository {
  const queryInsert = prepare(pool, 'insert-pushed-request', INSERT)
  const queryFind = prepare<FoundRow>(pool, 'find-pushed-request', FIND)
  const queryDelete = prepare(pool, 'delete-pushed-request', DELETE)

  const create = batched(async (requests: readonly PushedAuthorizationRequest[]) => {
    await queryInsert([
      toColumn(requests, ({ referenceHash }) => referenceHash),
      toColumn(requests, ({ organisationId }) => organisationId),
      toColumn(requests, ({ clientId }) => clientId),
      toColumn(requests, ({ parameters }) => JSON.stringify(parameters)),
      toColumn(requests, ({ createdAt }) => createdAt),
      toColumn(requests, ({ expiresAt }) => expiresAt),
      toColumn(requests, ({ hintedSubject }) => hintedSubject),
    ])
    return requests.map(() => undefined)
  })

  const find = batched(async (references: readonly Parameters<PushedAuthorizationRequestRepository['find']>[0][]) => {
    const rows = await queryFind([
      toColumn(references, ({ referenceHash }) => referenceHash),
      toColumn(references, ({ organisationId }) => organisationId),
      toColumn(references, ({ clientId }) => clientId),
      maxNow(references),
    ])
    return reorderByInput(rows, references.length).map(
      (row) => row && { parameters: row.parameters, hintedSubject: row.hintedSubject },
    )
  })

  return {
    create,
    find,
    async delete({ referenceHash, organisationId }) {
      await queryDelete([referenceHash, organisationId])
    },
  }
}
