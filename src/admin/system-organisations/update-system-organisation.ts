import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { isObject } from '../../lib/object.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import type { Organisation } from '../../model/organisations/organisation.ts'
import {
  updateOrganisation,
  type OrganisationManagement,
  type OrganisationUpdate,
} from '../../organisations/update-organisation.ts'
import { deferBodyValidation } from '../defer-body-validation.ts'
import { dryRunQuerySchema } from '../dry-run.ts'
import { applyJsonPatch } from '../json-patch.ts'
import { adminOperation } from '../operation.ts'
import { organisationChangeSchema } from '../organisation/organisation-members.ts'
import { changeTo } from '../organisation/organisation-update.ts'
import { applyMergePatch, JSON_PATCH, MERGE_PATCH, patchFormat } from '../patch-body.ts'
import { readUpdateConditions } from '../preconditions.ts'
import {
  representSystemOrganisation,
  SYSTEM_ORGANISATION_PATH,
  SYSTEM_ORGANISATIONS_TAG,
  systemOrganisationBody,
  systemOrganisationOrDryRun,
  systemOrganisationParams,
} from './system-organisation.ts'

const statusMembers = {
  status: field.oneOf(['trial', 'active', 'suspended']).optional(),
  statusReason: field.text(500).nullable().optional().describe('Why. A new status without a reason has none.'),
}

const statusSchema = z.object(statusMembers)

export const updateSystemOrganisationOperation = (services: OrganisationManagement) =>
  adminOperation({
    method: 'PATCH',
    path: SYSTEM_ORGANISATION_PATH,
    operationId: 'updateSystemOrganisation',
    tag: SYSTEM_ORGANISATIONS_TAG,
    permission: 'system_organisations:update',
    operatorOnly: true,
    summary: 'Change, suspend or activate an organisation',
    description:
      "The formats are those of updateOrganisation. In a suspended organisation no user can sign in and no token is issued or active. The operator's own organisation cannot be suspended.",
    schema: {
      consumes: ['application/json', MERGE_PATCH, JSON_PATCH],
      params: systemOrganisationParams,
      querystring: dryRunQuerySchema,
      body: organisationChangeSchema.extend(statusMembers),
      response: { 200: systemOrganisationOrDryRun },
    },
    errors: [400, 404, 409, 412, 415],
    example: { status: 'suspended', statusReason: 'Invoice 4711 is not paid' },
    alternatives: {
      [MERGE_PATCH]: { schema: { type: 'object' }, example: { status: 'active' } },
      [JSON_PATCH]: {
        schema: { $ref: '#/components/schemas/JsonPatch' },
        example: [{ op: 'replace', path: '/status', value: 'active' }],
      },
    },
    acceptsIfMatch: true,
    validatorCompiler: deferBodyValidation,
    async handle({ context, request, reply }) {
      const body: unknown = request.body
      const apply = patchFormat(request) === 'json-patch' ? applyJsonPatch : applyMergePatch
      const update: OrganisationUpdate = (organisation) =>
        changeWithStatus(organisation, apply(representSystemOrganisation(organisation), body))
      const { id } = request.params
      const updated = await updateOrganisation(services, context, id, update, readUpdateConditions(request))
      return systemOrganisationBody(reply, updated)
    },
  })

/** The change that turns the organisation into `target`, its status included. */
function changeWithStatus(organisation: Organisation, target: unknown): ReturnType<OrganisationUpdate> {
  if (!isObject(target)) return changeTo(organisation, target)
  const shown = representSystemOrganisation(organisation)
  const { status, statusReason, deletedAt, purgedAfter, ...members } = target
  const changed = changeTo(organisation, { ...members, status: shown.status })
  const readOnly = Object.entries({ deletedAt, purgedAfter }).flatMap(([path, value]): ValidationIssue[] =>
    isDeepStrictEqual(value ?? null, shown[path as 'deletedAt'])
      ? []
      : [{ path: [path], code: 'custom', message: 'cannot be changed here' }],
  )
  const parsed = statusSchema.safeParse({
    ...(status !== shown.status && { status }),
    ...((statusReason ?? null) !== shown.statusReason && { statusReason: statusReason ?? null }),
  })
  const issues = [...changed.issues, ...readOnly, ...((parsed.error?.issues ?? []) as ValidationIssue[])]
  if (!parsed.success || Object.keys(parsed.data).length === 0) return { ...changed, issues }
  return {
    ...changed,
    issues,
    status: { status: parsed.data.status ?? organisation.status, reason: parsed.data.statusReason ?? null },
  }
}
