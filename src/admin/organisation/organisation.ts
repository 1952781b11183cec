import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { entityTag } from '../../http/caching/preconditions.ts'
import type { Organisation } from '../../model/organisations/organisation.ts'
import type { OrganisationDryRun } from '../../organisations/update-organisation.ts'
import { dryRunSchema } from '../dry-run.ts'
import { organisationMembers } from './organisation-members.ts'

export const ORGANISATION_TAG = 'Organisation'
export const ORGANISATION_PATH = '/v1/admin/organisation'

/** An organisation as its administrators see it. */
export const organisationSchema = z.object({
  id: z.string(),
  slug: z.string().describe('The value of X-Org-Domain. It never changes.'),
  status: z.string().describe('trial, active, suspended or cancelled. Only the operator of the server changes it.'),
  isOperator: z.boolean().describe('Whether it operates the server.'),
  ownerId: z.string().nullable().describe('The user who has been an active owner for longest.'),
  ...organisationMembers,
  createdAt: z.string().describe('ISO 8601.'),
  updatedAt: z.string(),
})

export function representOrganisation(organisation: Organisation): z.output<typeof organisationSchema> {
  const {
    version: _version,
    statusReason: _reason,
    deletedAt: _deletedAt,
    accessEndedAt: _accessEndedAt,
    createdAt,
    updatedAt,
    ...members
  } = organisation
  return {
    ...members,
    allowedCallbackUrls: [...members.allowedCallbackUrls],
    allowedLogoutUrls: [...members.allowedLogoutUrls],
    allowedOrigins: [...members.allowedOrigins],
    allowedMfaMethods: [...members.allowedMfaMethods],
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

export const organisationOrDryRun = z.union([organisationSchema, dryRunSchema])

/** The body of the response about an organisation, or of a dry run. Sets the ETag. */
export function organisationBody(reply: FastifyReply, result: Organisation | OrganisationDryRun) {
  if ('dryRun' in result) return result
  void reply.header('etag', entityTag(result.version))
  return representOrganisation(result)
}
