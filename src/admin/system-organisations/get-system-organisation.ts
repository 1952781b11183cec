import { entityTag, sendWithEtag } from '../../http/caching/preconditions.ts'
import { findOrganisation } from '../../organisations/update-organisation.ts'
import { adminOperation } from '../operation.ts'
import {
  representSystemOrganisation,
  SYSTEM_ORGANISATION_PATH,
  SYSTEM_ORGANISATIONS_TAG,
  systemOrganisationParams,
  systemOrganisationSchema,
} from './system-organisation.ts'

export const getSystemOrganisationOperation = (services: Parameters<typeof findOrganisation>[0]) =>
  adminOperation({
    method: 'GET',
    path: SYSTEM_ORGANISATION_PATH,
    operationId: 'getSystemOrganisation',
    tag: SYSTEM_ORGANISATIONS_TAG,
    permission: 'system_organisations:read',
    operatorOnly: true,
    summary: 'Get an organisation of the server',
    schema: { params: systemOrganisationParams, response: { 200: systemOrganisationSchema } },
    errors: [400, 404],
    async handle({ request, reply }) {
      const organisation = await findOrganisation(services, request.params.id)
      const body = representSystemOrganisation(organisation)
      return sendWithEtag(request, reply, entityTag(organisation.version), body)
    },
  })
