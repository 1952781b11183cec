import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { createOrganisation, type OrganisationCreation } from '../../organisations/create-organisation.ts'
import { organisationChangeSchema, organisationMembers } from '../organisation/organisation-members.ts'
import { readMembers } from '../organisation/organisation-update.ts'
import { adminOperation } from '../operation.ts'
import { emailAddress, password } from '../users/user-body.ts'
import {
  ORGANISATIONS_PATH,
  representSystemOrganisation,
  SYSTEM_ORGANISATIONS_TAG,
  systemOrganisationSchema,
} from './system-organisation.ts'

const personalName = field.displayName.max(100, { error: 'must have at most 100 characters' })

const slug = z.string({ error: 'must be a string' }).regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: 'must be lower-case letters, digits and hyphens, at most 63, with no hyphen at either end',
})

const newOrganisationSchema = z.strictObject(
  {
    ...organisationChangeSchema.shape,
    name: organisationMembers.name,
    slug: slug.optional().describe('Default: made from the name, with a suffix where it is taken. It never changes.'),
    status: field.oneOf(['active', 'trial']).default('active'),
    owner: z.strictObject(
      {
        email: emailAddress,
        firstName: personalName.nullable().default(null),
        lastName: personalName.nullable().default(null),
        password: password.optional().describe('Default: a password is generated and returned once.'),
      },
      { error: 'must be an object with the member email' },
    ),
  },
  {
    error: field.memberError('has unknown members'),
  },
)

export const createOrganisationOperation = (services: OrganisationCreation) =>
  adminOperation({
    method: 'POST',
    path: ORGANISATIONS_PATH,
    operationId: 'createOrganisation',
    tag: SYSTEM_ORGANISATIONS_TAG,
    permission: 'system_organisations:create',
    operatorOnly: true,
    summary: 'Create an organisation with its owner',
    description:
      'It has the default roles, and an owner whose e-mail address counts as verified. E-mail addresses are unique over all organisations.',
    schema: {
      body: newOrganisationSchema,
      response: {
        201: systemOrganisationSchema.extend({
          owner: z.object({ id: z.string(), email: z.string(), name: z.string() }),
          ownerPassword: z.string().nullable().describe('The generated password. It is in this response only.'),
        }),
      },
    },
    errors: [400, 409],
    example: {
      name: 'Acme Research',
      owner: { email: 'ada@research.example', firstName: 'Ada', lastName: 'Lovelace' },
    },
    async handle({ context, request, reply }) {
      const { slug: wanted, status, owner, ...members } = request.body
      const input = {
        members: { ...readMembers(members), name: members.name },
        slug: wanted,
        status,
        owner: { ...owner, password: owner.password },
      }
      const created = await createOrganisation(services, context, input)
      const { id, email, name } = created.owner
      return reply
        .status(201)
        .header('location', `/v1/system/organisations/${created.organisation.id}`)
        .send({
          ...representSystemOrganisation(created.organisation),
          owner: { id, email, name },
          ownerPassword: created.generatedPassword ?? null,
        })
    },
  })
