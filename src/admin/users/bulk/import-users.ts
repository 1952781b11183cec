import { z } from 'zod'
import * as field from '../../../clients/settings/properties/fields.ts'
import { forbidden, validationError } from '../../../http/errors/problem.ts'
import { hasPermission } from '../../../model/permissions/permission.ts'
import { MAX_IMPORTED_USERS } from '../../../model/users/user-import.ts'
import { importUsers, type ImportLine, type ImportServices } from '../../../users/import/import-users.ts'
import { deferBodyValidation } from '../../defer-body-validation.ts'
import { dryRunQuerySchema, isDryRun } from '../../dry-run.ts'
import { problemOf, slugs, toIssue } from '../../import-body.ts'
import { adminOperation } from '../../operation.ts'
import { attributeMembers, emailAddress, readUserDetails, userDetailMembers } from '../user-body.ts'
import { USERS_PATH, USERS_TAG } from '../user-path.ts'

export const importedUserSchema = z.strictObject(
  {
    email: emailAddress,
    ...userDetailMembers,
    ...attributeMembers,
    passwordHash: field
      .text(1024)
      .min(1, { error: 'must not be empty' })
      .optional()
      .describe('A hash of another system, for users who have no password. The documentation lists the formats.'),
    roles: slugs.describe('Slugs, for new users. Default: the default role of the organisation.'),
    teams: slugs.describe('Slugs, for new users. You must hold the permissions of their roles.'),
    blocked: field.boolean.optional().describe('For new users.'),
  },
  { error: field.memberError('has unknown members') },
)

const users = <User extends z.ZodType>(user: User) =>
  z.strictObject(
    {
      users: z
        .array(user, { error: 'must be a list of users' })
        .min(1, { error: 'must not be empty' })
        .max(MAX_IMPORTED_USERS, { error: `must have at most ${MAX_IMPORTED_USERS} entries` }),
    },
    { error: 'must be a JSON object with the member users alone' },
  )
/** A user who is not described as they should be fails alone. */
const anyUsers = users(z.unknown())

const outcomes = ['created', 'updated', 'unchanged', 'failed'] as const
const count = z.int()
const resultSchema = z.object({
  dryRun: z.boolean(),
  counts: z.object({ created: count, updated: count, unchanged: count, failed: count }),
  users: z
    .array(
      z.object({
        outcome: z.enum(outcomes),
        id: z.string().optional().describe('In a dry run, left out of users who would be created.'),
        reason: z.string().optional().describe('Why the user failed.'),
      }),
    )
    .describe('In the order of the request.'),
})

export const importUsersOperation = (services: ImportServices) =>
  adminOperation({
    method: 'POST',
    path: `${USERS_PATH}/import`,
    operationId: 'importUsers',
    tag: USERS_TAG,
    permission: 'users:create',
    summary: 'Import users with their password hashes',
    description: `Needs users:update as well. Users are found by externalId, else by e-mail address, and then changed: a request can be repeated. At most ${MAX_IMPORTED_USERS} users. Those that fail do not keep the others from being stored. With dryRun, nothing is stored.`,
    schema: {
      querystring: dryRunQuerySchema,
      body: users(importedUserSchema),
      response: { 200: resultSchema },
    },
    validatorCompiler: deferBodyValidation,
    errors: [400, 409],
    example: {
      users: [
        {
          email: 'ada@acme.example',
          externalId: '4711',
          firstName: 'Ada',
          emailVerified: true,
          passwordHash: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
        },
      ],
    },
    async handle({ context, request }) {
      if (!hasPermission(context.permissions, 'users:update')) {
        throw forbidden('You lack the permission users:update.')
      }
      const body = anyUsers.safeParse(request.body)
      if (!body.success) throw validationError(body.error.issues.map(toIssue))
      const dryRun = isDryRun(request)
      const results = await importUsers(services, context, body.data.users.map(readLine), { dryRun })
      const counts = { created: 0, updated: 0, unchanged: 0, failed: 0 }
      for (const { outcome } of results) counts[outcome] += 1
      return { dryRun, counts, users: results }
    },
  })

function readLine(line: unknown): ImportLine {
  const parsed = importedUserSchema.safeParse(line)
  if (!parsed.success) {
    return { problem: problemOf(parsed.error.issues, 'The user') }
  }
  const { email, attributes, passwordHash, roles = [], teams = [], blocked = false, ...details } = parsed.data
  return { email, attributes, passwordHash, roles, teams, blocked, details: readUserDetails(details) }
}
