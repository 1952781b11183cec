import type { Pool } from 'pg'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { ClientSecret } from '../../model/clients/client-secret.ts'
import { completeOrganisationSettings } from '../../model/organisations/organisation-settings.ts'
import { prepare } from '../db/batched-statement.ts'
import type { Client as ClientRow } from '../generated/client.ts'
import { columnSettings, type ClientReader } from './client-row.ts'

const clientColumns = [
  ...columnSettings,
  'id',
  'organisationId',
  'clientId',
  'settings',
  'version',
  'scopeHistory',
  'revokedAt',
  'createdAt',
  'updatedAt',
] as const satisfies readonly (keyof ClientRow)[]

/** Column names are the names of Prisma's fields in snake case. */
const columnOf = (field: string) => field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

// One row for each secret, and one row if the client has none.
const FIND = `SELECT ${clientColumns.map((field) => `c.${columnOf(field)} AS "${field}"`).join(', ')},
  o.slug AS "organisationSlug", o.name AS "organisationName", o.status AS "organisationStatus",
  o.audit_tokens AS "auditTokens", o.settings -> 'tokenLifetimePolicy' AS "tokenLifetimePolicy",
  coalesce(jsonb_typeof(o.settings -> 'staySignedInLifetime') = 'number', false) AS "offersStaySignedIn",
  o.settings -> 'authenticationPolicy' AS "authenticationPolicy", o.client_id_metadata_documents AS "clientIdMetadataDocuments",
  o.client_id_metadata_hosts AS "clientIdMetadataHosts",
  EXISTS (SELECT FROM client_registrations r WHERE r.client_id = c.id AND r.anonymous) AS "registeredAnonymously",
  EXISTS (SELECT FROM client_registrations r WHERE r.client_id = c.id) AS "selfRegistered",
  s.id AS "secretId", s.secret_hash AS "secretHash", s.sealed_secret AS "sealedSecret", s.expires_at AS "secretExpiresAt"
FROM clients c
JOIN organisations o ON o.id = c.organisation_id
LEFT JOIN client_secrets s ON s.client_id = c.id AND s.organisation_id = c.organisation_id
WHERE c.client_id = $1 AND c.deleted_at IS NULL`

const HAS_ORIGIN = `SELECT EXISTS (
  SELECT FROM clients WHERE allowed_origins @> ARRAY[$1::text] AND is_active AND deleted_at IS NULL
) AS found`

type FoundRow = Pick<ClientRow, (typeof clientColumns)[number]> & {
  registeredAnonymously: boolean
  selfRegistered: boolean
  organisationSlug: string
  organisationName: string
  organisationStatus: RegisteredClient['organisation']['status']
  tokenLifetimePolicy: unknown
  authenticationPolicy: unknown
  secretId: string | null
  secretHash: Uint8Array
  sealedSecret: Uint8Array | null
  secretExpiresAt: Date | null
} & Omit<RegisteredClient['organisation'], 'slug' | 'name' | 'status' | 'authenticationPolicy'>

/** What the client cache reads from PostgreSQL: one statement each. */
export function createRegisteredClientReader(pool: Pool, readClient: ClientReader) {
  const queryClient = prepare<FoundRow>(pool, 'find-client', FIND)
  const queryOrigin = prepare<{ found: boolean }>(pool, 'find-origin', HAS_ORIGIN)
  return {
    /** The client with this `client_id`, with its organisation and its secrets, unless it was deleted. */
    async find(clientId: string): Promise<RegisteredClient | undefined> {
      const rows = await queryClient([clientId])
      const [first] = rows
      return first && { ...readRow(first, readClient), secrets: rows.flatMap(readSecret) }
    },
    /** Whether an active client registered this web origin. */
    async isAllowedOrigin(origin: string): Promise<boolean> {
      return (await queryOrigin([origin])).some(({ found }) => found)
    },
  }
}

function readRow(row: FoundRow, readClient: ClientReader): Omit<RegisteredClient, 'secrets'> {
  const {
    registeredAnonymously,
    selfRegistered,
    organisationSlug: slug,
    organisationName: name,
    organisationStatus: status,
    auditTokens,
    offersStaySignedIn,
    tokenLifetimePolicy,
    authenticationPolicy,
    clientIdMetadataDocuments,
    clientIdMetadataHosts,
    secretId: _id,
    secretHash: _hash,
    sealedSecret: _sealed,
    secretExpiresAt: _expiresAt,
    ...client
  } = row
  return {
    ...readClient({ ...client, organisation: { settings: { tokenLifetimePolicy } } }),
    registeredAnonymously,
    selfRegistered,
    organisation: {
      slug,
      name,
      status,
      auditTokens,
      offersStaySignedIn,
      ...completePolicy(authenticationPolicy),
      clientIdMetadataDocuments,
      clientIdMetadataHosts,
    },
  }
}

function completePolicy(authenticationPolicy: unknown): Pick<RegisteredClient['organisation'], 'authenticationPolicy'> {
  const settings = authenticationPolicy === null ? {} : { authenticationPolicy }
  return { authenticationPolicy: completeOrganisationSettings(settings).authenticationPolicy }
}

function readSecret({ secretId: id, secretHash, sealedSecret, secretExpiresAt: expiresAt }: FoundRow): ClientSecret[] {
  return id === null ? [] : [{ id, secretHash, sealedSecret, expiresAt }]
}
