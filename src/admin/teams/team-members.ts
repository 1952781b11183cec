import { z } from 'zod'
import { validationError } from '../../http/errors/problem.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { TeamManagement } from '../../users/teams/find-team.ts'
import { addTeamMembers, listTeamMembers, removeTeamMembers } from '../../users/teams/team-members.ts'
import { adminOperation } from '../operation.ts'
import { envelopeSchema, listEnvelope, pageParameters, readPage, searchParameter } from '../paging.ts'
import { representMember, TEAM_PATH, teamMemberSchema, teamParams, TEAMS_TAG } from './team.ts'

const MEMBERS_PATH = `${TEAM_PATH}/members`
const userId = z.uuid({ error: 'must be the id of a user' })

/** The body that names one user, or several. */
const membersBody = z
  .strictObject(
    {
      userId: userId.optional().describe('Required unless userIds is sent.'),
      userIds: z
        .array(userId, { error: 'must be a list of ids' })
        .min(1, { error: 'must not be empty' })
        .max(1000, { error: 'must have at most 1,000 entries' })
        .optional(),
    },
    { error: 'must be a JSON object with the member userId or userIds' },
  )
  .refine((body) => (body.userId === undefined) !== (body.userIds === undefined), {
    error: 'must have one of the members userId and userIds',
  })

const readIds = ({ userId: one, userIds = [] }: z.output<typeof membersBody>) => [
  ...new Set((one === undefined ? userIds : [one]).map((id) => id.toLowerCase())),
]

const changedMembersSchema = z.object({
  message: z.string(),
  teamId: z.string(),
  userId: z.string().describe('The first of userIds.'),
  userIds: z.array(z.string()).describe('The users for whom something changed.'),
})

const representChange = (
  teamId: string,
  userIds: string[],
  message: string,
): z.output<typeof changedMembersSchema> => ({
  message,
  teamId,
  userId: userIds[0] ?? '',
  userIds,
})

export const listTeamMembersOperation = (services: TeamManagement) =>
  adminOperation({
    method: 'GET',
    path: MEMBERS_PATH,
    operationId: 'listTeamMembers',
    tag: TEAMS_TAG,
    withinTeams: true,
    permission: 'teams:read',
    summary: 'List the members of a team',
    description: 'The oldest accounts first. At most 10,000 are counted.',
    schema: {
      params: teamParams,
      querystring: z.object({
        ...pageParameters,
        search: searchParameter.describe('Part of the e-mail address or a name. Case is ignored.'),
      }),
      response: { 200: envelopeSchema(teamMemberSchema) },
    },
    errors: [400, 404],
    async handle({ context, request: { params, query } }) {
      const page = readPage(query)
      const search = query.search?.trim() || undefined
      const { members, total } = await listTeamMembers(services, context, params.id, { ...page, search })
      return listEnvelope(members.map(representMember), total, page)
    },
  })

export const addTeamMembersOperation = (services: TeamManagement) =>
  adminOperation({
    method: 'POST',
    path: MEMBERS_PATH,
    operationId: 'addTeamMembers',
    tag: TEAMS_TAG,
    permission: 'teams:update',
    summary: 'Add members to a team',
    description:
      'They get the roles of the team, whose permissions you must hold. 409 if all are members already. All are added, or none.',
    schema: { params: teamParams, body: membersBody, response: { 201: changedMembersSchema } },
    errors: [400, 404, 409],
    example: { userId: '0193a1c2-7b5e-7000-8000-000000000001' },
    async handle({ context, request, reply }) {
      const { id } = request.params
      const added = await addTeamMembers(services, context, id, readIds(request.body))
      return reply.status(201).send(representChange(id, added, 'The team has the members now.'))
    },
  })

const removal = { tag: TEAMS_TAG, permission: 'teams:update', errors: [400, 404, 409] } as const
const REMOVED = 'The team no longer has the members.'

async function remove(services: TeamManagement, context: AdminContext, id: string, userIds: readonly string[]) {
  return representChange(id, await removeTeamMembers(services, context, id, userIds), REMOVED)
}

export const removeTeamMemberOperation = (services: TeamManagement) =>
  adminOperation({
    ...removal,
    method: 'DELETE',
    path: `${MEMBERS_PATH}/:userId`,
    operationId: 'removeTeamMember',
    summary: 'Remove a member from a team',
    description: 'The user loses the roles of the team, whose permissions you must hold.',
    schema: { params: teamParams.extend({ userId }), response: { 200: changedMembersSchema } },
    handle: ({ context, request }) =>
      remove(services, context, request.params.id, [request.params.userId.toLowerCase()]),
  })

/** OpenAPI has no body for DELETE (§4.8.14), so the schema does not have one either. */
export const removeTeamMembersByBodyOperation = (services: TeamManagement) =>
  adminOperation({
    ...removal,
    method: 'DELETE',
    path: MEMBERS_PATH,
    operationId: 'removeTeamMembersByBody',
    summary: 'Remove members from a team, named in the body',
    description: 'The body is a JSON object with the member userId or userIds.',
    schema: { params: teamParams, response: { 200: changedMembersSchema } },
    async handle({ context, request }) {
      const body = membersBody.safeParse(request.body)
      if (!body.success) throw validationError(body.error.issues as ValidationIssue[])
      return remove(services, context, request.params.id, readIds(body.data))
    },
  })
