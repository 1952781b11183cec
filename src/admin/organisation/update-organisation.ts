import { updateOrganisation, type OrganisationManagement } from '../../organisations/update-organisation.ts'
import { deferBodyValidation } from '../defer-body-validation.ts'
import { dryRunQuerySchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { JSON_PATCH, MERGE_PATCH, patchFormat } from '../patch-body.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { organisationChangeSchema } from './organisation-members.ts'
import { jsonPatchUpdate, mergePatchUpdate } from './organisation-update.ts'
import { ORGANISATION_PATH, ORGANISATION_TAG, organisationBody, organisationOrDryRun } from './organisation.ts'

export const updateOrganisationOperation = (services: OrganisationManagement) =>
  adminOperation({
    method: 'PATCH',
    path: ORGANISATION_PATH,
    operationId: 'updateOrganisation',
    tag: ORGANISATION_TAG,
    permission: 'organisation:update',
    summary: 'Change the settings of your organisation',
    description:
      'application/json and application/merge-patch+json (RFC 7396) change the members that are sent, also within objects; null resets a member to its default. application/json-patch+json (RFC 6902) is applied to the representation that GET returns. Changes take effect within a second on every process.',
    schema: {
      consumes: ['application/json', MERGE_PATCH, JSON_PATCH],
      querystring: dryRunQuerySchema,
      body: organisationChangeSchema,
      response: { 200: organisationOrDryRun },
    },
    errors: [400, 409, 412, 415],
    example: { name: 'Acme', passwordPolicy: { minLength: 12 }, sessionIdleTimeout: 3600 },
    alternatives: {
      [MERGE_PATCH]: { schema: { type: 'object' }, example: { website: null } },
      [JSON_PATCH]: {
        schema: { $ref: '#/components/schemas/JsonPatch' },
        example: [{ op: 'replace', path: '/passwordPolicy/minLength', value: 12 }],
      },
    },
    acceptsIfMatch: true,
    validatorCompiler: deferBodyValidation,
    async handle({ context, request, reply }) {
      const body: unknown = request.body
      const update = patchFormat(request) === 'json-patch' ? jsonPatchUpdate(body) : mergePatchUpdate(body)
      const conditions = readUpdateConditions(request)
      const updated = await updateOrganisation(services, context, context.organisationId, update, conditions)
      return organisationBody(reply, updated)
    },
  })
