import { entityTag, sendWithEtag } from '../../http/caching/preconditions.ts'
import { findOrganisation } from '../../organisations/update-organisation.ts'
import { adminOperation } from '../operation.ts'
import { ORGANISATION_PATH, ORGANISATION_TAG, organisationSchema, representOrganisation } from './organisation.ts'

export const getOrganisationOperation = (services: Parameters<typeof findOrganisation>[0]) =>
  adminOperation({
    method: 'GET',
    path: ORGANISATION_PATH,
    operationId: 'getOrganisation',
    tag: ORGANISATION_TAG,
    permission: 'organisation:read',
    summary: 'Get the settings of your organisation',
    schema: { response: { 200: organisationSchema } },
    async handle({ context, request, reply }) {
      const organisation = await findOrganisation(services, context.organisationId)
      return sendWithEtag(request, reply, entityTag(organisation.version), representOrganisation(organisation))
    },
  })
