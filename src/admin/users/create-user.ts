import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { createUser } from '../../users/create-user.ts'
import { adminOperation } from '../operation.ts'
import { attributeMembers, emailAddress, password, readUserDetails, userDetailMembers } from './user-body.ts'
import { USERS_PATH, USERS_TAG } from './user-path.ts'
import { representUser, userSchema } from './user-representation.ts'

const roleIds = z
  .array(z.uuid({ error: 'must be the id of a role' }), { error: 'must be a list of ids' })
  .max(100, { error: 'must have at most 100 entries' })
  .optional()
  .describe('Default: the default role of the organisation.')

const teamIds = z
  .array(z.uuid({ error: 'must be the id of a team' }), { error: 'must be a list of ids' })
  .max(100, { error: 'must have at most 100 entries' })
  .optional()
  .describe('You must hold the permissions of their roles.')

const newUserSchema = z.strictObject(
  {
    email: emailAddress,
    password: password.optional().describe('Without it, the user cannot sign in with a password until one is set.'),
    roleIds,
    teamIds,
    ...userDetailMembers,
    ...attributeMembers,
  },
  {
    error: field.memberError('has unknown members'),
  },
)

export const createUserOperation = (services: Parameters<typeof createUser>[0]) =>
  adminOperation({
    method: 'POST',
    path: USERS_PATH,
    operationId: 'createUser',
    tag: USERS_TAG,
    permission: 'users:create',
    summary: 'Create a user',
    description:
      'You may give only roles whose permissions you hold. E-mail addresses are unique over all organisations.',
    schema: { body: newUserSchema, response: { 201: userSchema } },
    errors: [400, 409],
    example: { email: 'ada@acme.example', firstName: 'Ada', lastName: 'Lovelace', emailVerified: true },
    async handle({ context, request, reply }) {
      const { email, password: given, roleIds: ids, teamIds: teams, attributes, ...details } = request.body
      const access = { roleIds: ids, teamIds: teams }
      const input = { email, password: given, ...access, attributes, details: readUserDetails(details) }
      return reply.status(201).send(representUser(await createUser(services, context, input)))
    },
  })
