import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { validationError } from '../../http/errors/problem.ts'
import { MAX_IMPORTED_INVITATIONS } from '../../model/invitations/invitation.ts'
import { chooseLocale } from '../../pages/messages/locale.ts'
import {
  importInvitations,
  type InvitationImportServices,
  type InvitationLine,
} from '../../users/invitations/import-invitations.ts'
import { deferBodyValidation } from '../defer-body-validation.ts'
import { dryRunQuerySchema, isDryRun } from '../dry-run.ts'
import { problemOf, slugs, toIssue } from '../import-body.ts'
import { adminOperation } from '../operation.ts'
import { emailAddress } from '../users/user-body.ts'
import { deliveryMembers } from './create-invitation.ts'
import { expiresInDays, INVITATIONS_PATH, INVITATIONS_TAG } from './invitation.ts'

const lineSchema = z.strictObject(
  {
    email: emailAddress,
    roles: slugs.describe('Slugs. Default: the default role of the organisation.'),
    teams: slugs.describe('Slugs. You must hold the permissions of their roles.'),
    expiresInDays,
  },
  { error: field.memberError('has unknown members') },
)

const body = <Line extends z.ZodType>(line: Line) =>
  z.strictObject(
    {
      invitations: z
        .array(line, { error: 'must be a list of invitations' })
        .min(1, { error: 'must not be empty' })
        .max(MAX_IMPORTED_INVITATIONS, { error: `must have at most ${MAX_IMPORTED_INVITATIONS} entries` }),
      ...deliveryMembers,
    },
    { error: 'must be a JSON object with the members invitations, deliver and language' },
  )
/** An invitation that is not described as it should be fails alone. */
const anyBody = body(z.unknown())

const outcomes = ['created', 'unchanged', 'failed'] as const
const count = z.int()
const resultSchema = z.object({
  dryRun: z.boolean(),
  counts: z.object({ created: count, unchanged: count, failed: count }),
  invitations: z
    .array(
      z.object({
        outcome: z.enum(outcomes),
        id: z.string().optional().describe('Of the invitation. In a dry run, left out of those that would be created.'),
        link: z.string().optional().describe('In this response only, for invitations that are not mailed.'),
        reason: z.string().optional().describe('Why it failed, or why nothing is to be done.'),
      }),
    )
    .describe('In the order of the request.'),
})

export const importInvitationsOperation = (services: InvitationImportServices) =>
  adminOperation({
    method: 'POST',
    path: `${INVITATIONS_PATH}/import`,
    operationId: 'importInvitations',
    tag: INVITATIONS_TAG,
    permission: 'invitations:create',
    summary: 'Invite many people',
    description: `At most ${MAX_IMPORTED_INVITATIONS}. Those that fail do not keep the others from being invited. Members, and addresses with a pending invitation, are unchanged: a request can be repeated. With dryRun, nothing is stored or mailed.`,
    schema: { querystring: dryRunQuerySchema, body: body(lineSchema), response: { 200: resultSchema } },
    validatorCompiler: deferBodyValidation,
    errors: [400],
    example: { invitations: [{ email: 'grace@example.com', roles: ['staff'] }, { email: 'ada@example.com' }] },
    async handle({ context, request }) {
      const parsed = anyBody.safeParse(request.body)
      if (!parsed.success) throw validationError(parsed.error.issues.map(toIssue))
      const { invitations, deliver, language } = parsed.data
      const dryRun = isDryRun(request)
      const results = await importInvitations(services, context, invitations.map(readLine), {
        dryRun,
        deliver,
        language: language ?? chooseLocale(undefined, request.headers['accept-language']),
      })
      const counts = { created: 0, unchanged: 0, failed: 0 }
      for (const { outcome } of results) counts[outcome] += 1
      return { dryRun, counts, invitations: results }
    },
  })

function readLine(line: unknown): InvitationLine {
  const parsed = lineSchema.safeParse(line)
  if (!parsed.success) return { problem: problemOf(parsed.error.issues, 'The invitation') }
  const { roles = [], teams = [], ...invitation } = parsed.data
  return { ...invitation, roles, teams }
}
