import {
  lifetimeSettings,
  type Client,
  type ClientSettings,
  type CompleteSettings,
  type StoredSettings,
} from '../../model/clients/client.ts'
import type { ClientReference, NewStoredClient } from '../../model/clients/client-repository.ts'
import { completeOrganisationSettings } from '../../model/organisations/organisation-settings.ts'
import type { Client as ClientRow, Prisma } from '../generated/client.ts'

/** The settings that statements filter, join or sort by. All others are members of the column `settings`. */
export const columnSettings = [
  'name',
  'externalId',
  'groups',
  'attributes',
  'clientType',
  'redirectUris',
  'allowedOrigins',
  'grantTypes',
  'tokenEndpointAuthMethod',
  'additionalTokenEndpointAuthMethods',
  'isFirstParty',
  'refreshTokenIdleLifetime',
  'frontchannelLogoutUri',
  'frontchannelLogoutSessionRequired',
  'backchannelLogoutUri',
  'isActive',
  'expiresAt',
] as const satisfies readonly (keyof ClientSettings)[]

const isColumn: ReadonlySet<string> = new Set(columnSettings)

type ColumnSettings = Pick<ClientSettings, (typeof columnSettings)[number]>

/** What reading a client needs of its organisation: the default lifetimes. */
export const withOrganisation = { organisation: { select: { settings: true } } } as const

/** Reads clients from their rows; `completeSettings` gives settings that a row lacks their defaults. */
export type ClientReader = (
  row: Omit<ClientRow, 'deletedAt' | 'expiryNoticeDays'> & { organisation: { settings: unknown } },
  lastUsed?: { usedAt: Date } | null,
) => Client

export function createClientReader(completeSettings: CompleteSettings): ClientReader {
  return ({ settings, id, organisationId, clientId, version, scopeHistory, organisation, ...row }, lastUsed) => ({
    ...completeSettings(
      { ...(settings as Prisma.JsonObject), ...row },
      completeOrganisationSettings(organisation.settings).tokenLifetimePolicy,
    ),
    id,
    organisationId,
    clientId,
    version,
    scopeHistory,
    revokedAt: row.revokedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    lastUsedAt: lastUsed?.usedAt ?? null,
  })
}

/** The row of a new client. */
export function toClientRow({ id, organisationId, clientId, createdAt, updatedAt, ...given }: NewStoredClient) {
  const { columns, settings } = splitSettings(given)
  return { ...(columns as ColumnSettings), settings, id, organisationId, clientId, createdAt, updatedAt }
}

/**
 * What an update of a client writes for changed settings. Locks the row, so that what others change at the same time stays,
 * and so do settings that only another release knows.
 */
export async function toClientUpdate(
  tx: Prisma.TransactionClient,
  { id, organisationId }: ClientReference,
  changed: Partial<StoredSettings>,
): Promise<Prisma.ClientUpdateManyMutationInput> {
  const { columns, settings, inherited } = splitSettings(changed)
  if (Object.keys(settings).length + inherited.length === 0) return columns
  const [row] = await tx.$queryRaw<{ settings: Prisma.InputJsonObject }[]>`
    SELECT settings FROM clients WHERE id = ${id}::uuid AND organisation_id = ${organisationId}::uuid FOR UPDATE`
  const members = Object.entries({ ...row?.settings, ...settings }).filter(([name]) => !inherited.includes(name))
  return { ...columns, settings: Object.fromEntries(members) }
}

function splitSettings(given: Partial<StoredSettings>): {
  columns: Partial<ColumnSettings>
  settings: Prisma.InputJsonObject
  /** The settings that the row must lack. */
  inherited: string[]
} {
  const inherited: string[] = lifetimeSettings.filter((name) => given[name] === null)
  const entries = Object.entries(given).filter(([name, value]) => value !== undefined && !inherited.includes(name))
  return {
    inherited,
    columns: Object.fromEntries(entries.filter(([name]) => isColumn.has(name))),
    // JSON by the schemas of `clients/settings`: no dates, no bytes.
    settings: Object.fromEntries(entries.filter(([name]) => !isColumn.has(name))) as Prisma.InputJsonObject,
  }
}
