import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { entityTag } from '../../http/caching/preconditions.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import { DELETED_ORGANISATION_RETENTION_SECONDS, type Organisation } from '../../model/organisations/organisation.ts'
import type { OrganisationDryRun } from '../../organisations/update-organisation.ts'
import { dryRunSchema } from '../dry-run.ts'
import { organisationSchema, representOrganisation } from '../organisation/organisation.ts'

export const SYSTEM_ORGANISATIONS_TAG = 'Organisations'
export const ORGANISATIONS_PATH = '/v1/organisations'
export const SYSTEM_ORGANISATION_PATH = '/v1/system/organisations/:id'

export const systemOrganisationParams = z.object({ id: z.uuid({ error: 'must be the id of an organisation' }) })

/** An organisation as administrators of the operator's organisation see it. */
export const systemOrganisationSchema = organisationSchema.extend({
  statusReason: z.string().nullable().describe('Not shown to the organisation.'),
  deletedAt: z.string().nullable().describe('ISO 8601.'),
  purgedAfter: z.string().nullable().describe('When its rows are deleted. It can be restored until then.'),
})

export function representSystemOrganisation(organisation: Organisation): z.output<typeof systemOrganisationSchema> {
  const { statusReason, deletedAt } = organisation
  const purgedAfter = deletedAt && addSeconds(deletedAt, DELETED_ORGANISATION_RETENTION_SECONDS)
  return {
    ...representOrganisation(organisation),
    statusReason,
    deletedAt: deletedAt?.toISOString() ?? null,
    purgedAfter: purgedAfter?.toISOString() ?? null,
  }
}

export const systemOrganisationOrDryRun = z.union([systemOrganisationSchema, dryRunSchema])

/** The body of the response about an organisation, or of a dry run. Sets the ETag. */
export function systemOrganisationBody(reply: FastifyReply, result: Organisation | OrganisationDryRun) {
  if ('dryRun' in result) return result
  void reply.header('etag', entityTag(result.version))
  return representSystemOrganisation(result)
}
