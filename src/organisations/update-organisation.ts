import { isDeepStrictEqual } from 'node:util'
import { createAdminAuditEvent } from '../audit/admin-audit-event.ts'
import type { Clock } from '../lib/clock.ts'
import { InvalidInput, NotFound } from '../lib/domain-error.ts'
import { withOptimisticRetry, type UpdateConditions } from '../lib/optimistic-update.ts'
import type { ValidationIssue } from '../lib/validation-issue.ts'
import { defaultOrganisationSettings, type OrganisationSettings } from '../model/organisations/organisation-settings.ts'
import type {
  Organisation,
  OrganisationChange,
  OrganisationColumns,
  OrganisationRepository,
} from '../model/organisations/organisation.ts'
import type { AdminContext } from '../model/permissions/permission.ts'

export interface OrganisationManagement {
  organisations: Pick<OrganisationRepository, 'find' | 'update'>
  clock: Clock
  /** The lifetimes of browser sessions, in seconds, of organisations that have not chosen their own. */
  sessionLifetimes: { idle: number; max: number }
}

/** The members that can be changed. */
export type OrganisationMembers = OrganisationColumns & OrganisationSettings

/** New values by member. Null stands for the default. */
export type ChangedMembers = { [Name in keyof OrganisationMembers]?: OrganisationMembers[Name] | null | undefined }

/** Computes, for the organisation as it is now, the members that change and everything that is wrong with them. */
export type OrganisationUpdate = (organisation: Organisation) => { changed: ChangedMembers; issues: ValidationIssue[] }

export interface OrganisationDryRun {
  dryRun: true
  changes: { member: string; from: unknown; to: unknown }[]
  warnings: never[]
}

export class OrganisationNotFound extends NotFound {
  override readonly name = 'OrganisationNotFound'

  constructor() {
    super('There is no such organisation.')
  }
}

/** Throws `OrganisationNotFound`. */
export async function findOrganisation(
  { organisations }: { organisations: Pick<OrganisationRepository, 'find'> },
  id: string,
): Promise<Organisation> {
  const organisation = await organisations.find(id)
  if (!organisation) throw new OrganisationNotFound()
  return organisation
}

/**
 * Changes the settings of an organisation. An update that changes nothing records no audit event. Throws `InvalidInput`,
 * `OrganisationNotFound` and `PreconditionFailed`.
 */
export function updateOrganisation(
  services: OrganisationManagement,
  context: AdminContext,
  id: string,
  update: OrganisationUpdate,
  conditions: UpdateConditions,
): Promise<Organisation | OrganisationDryRun> {
  const { organisations, clock } = services
  const find = () => findOrganisation(services, id)
  return withOptimisticRetry<Organisation, Organisation | OrganisationDryRun>(
    find,
    conditions,
    async (organisation) => {
      const { changed, issues } = update(organisation)
      if (issues.length > 0) throw new InvalidInput(issues)
      const changes = changesOf(organisation, changed, services)
      if (conditions.dryRun) return { dryRun: true, changes, warnings: [] }
      if (changes.length === 0) return organisation
      const event = createAdminAuditEvent(context, clock, 'organisation.updated', {
        resource: { type: 'organisation', id },
        metadata: {
          before: Object.fromEntries(changes.map(({ member, from }) => [member, from])),
          after: Object.fromEntries(changes.map(({ member, to }) => [member, to])),
        },
      })
      const outcome = await organisations.update(organisation, toChange(changed, changes), event)
      return outcome === 'stale' ? undefined : findOrganisation(services, id)
    },
  )
}

function changesOf(
  organisation: Organisation,
  changed: ChangedMembers,
  { sessionLifetimes }: OrganisationManagement,
): OrganisationDryRun['changes'] {
  const defaults: Readonly<Record<string, unknown>> = {
    ...defaultOrganisationSettings,
    auditTokens: false,
    sessionLifetime: sessionLifetimes.max,
    sessionIdleTimeout: sessionLifetimes.idle,
  }
  const current: Readonly<Record<string, unknown>> = { ...organisation }
  return Object.entries(changed).flatMap(([member, value]) => {
    const to: unknown = value === null ? defaults[member] : value
    return value === undefined || isDeepStrictEqual(to, current[member]) ? [] : [{ member, from: current[member], to }]
  })
}

const columnNames = ['name', 'auditTokens', 'sessionLifetime', 'sessionIdleTimeout'] as const
/** Columns that follow the server, until the organisation has chosen a value of its own. */
const inheritedColumns = new Set<string>(['sessionLifetime', 'sessionIdleTimeout'])

function toChange(changed: ChangedMembers, changes: OrganisationDryRun['changes']): OrganisationChange {
  const values = Object.fromEntries(changes.map(({ member, to }) => [member, to]))
  const isColumn = (name: string) => columnNames.some((column) => column === name)
  const members = Object.keys(values).filter((name) => !isColumn(name) || inheritedColumns.has(name))
  const isReset = (name: string) => changed[name as keyof ChangedMembers] === null
  return {
    columns: Object.fromEntries(columnNames.map((name) => [name, values[name]])),
    settings: Object.fromEntries(members.filter((name) => !isReset(name)).map((name) => [name, values[name]])),
    reset: members.filter(isReset),
  }
}
