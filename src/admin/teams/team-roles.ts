import type { AdminContext } from '../../model/permissions/permission.ts'
import type { AssignedRole } from '../../model/permissions/role-assignment.ts'
import { assignTeamRole, listTeamRoles, removeTeamRole, type RoleAssigner } from '../../users/role-assignments.ts'
import { adminOperation } from '../operation.ts'
import {
  assignmentBody,
  messageSchema,
  readAssignment,
  readRemoval,
  removalQuery,
  representAssignments,
  roleAssignmentListSchema,
  roleId,
} from '../role-assignment.ts'
import { TEAM_PATH, teamParams, TEAMS_TAG } from './team.ts'

const ROLES_PATH = `${TEAM_PATH}/roles`

export const listTeamRolesOperation = (services: RoleAssigner) =>
  adminOperation({
    method: 'GET',
    path: ROLES_PATH,
    operationId: 'listTeamRoles',
    tag: TEAMS_TAG,
    withinTeams: true,
    permission: 'teams:read',
    summary: 'List the roles of a team',
    description: 'All members have them. Those that have ended are included.',
    schema: { params: teamParams, response: { 200: roleAssignmentListSchema } },
    errors: [400, 404],
    async handle({ context, request }) {
      return representAssignments(await listTeamRoles(services, context, request.params.id), services.clock.now())
    },
  })

export const assignTeamRoleOperation = (services: RoleAssigner) =>
  adminOperation({
    method: 'POST',
    path: ROLES_PATH,
    operationId: 'assignTeamRole',
    tag: TEAMS_TAG,
    permission: 'teams:update',
    summary: 'Give all members of a team a role',
    description:
      'In the whole organisation, or limited to a team; with or without an end. You must hold the permissions of the role there. Idempotent.',
    schema: { params: teamParams, body: assignmentBody, response: { 200: messageSchema } },
    errors: [400, 404, 409],
    example: { roleId: '0193a1c2-7b5e-7000-8000-000000000001' },
    async handle({ context, request }) {
      const assigned = await assignTeamRole(services, context, request.params.id, readAssignment(request.body))
      return { message: assigned ? 'The team has the role now.' : 'The team had the role already.' }
    },
  })

const removal = { tag: TEAMS_TAG, permission: 'teams:update', errors: [400, 404, 409] } as const

async function remove(services: RoleAssigner, context: AdminContext, id: string, assigned: AssignedRole) {
  const removed = await removeTeamRole(services, context, id, assigned)
  return { message: removed ? 'The team no longer has the role.' : 'The team did not have the role.' }
}

export const removeTeamRoleOperation = (services: RoleAssigner) =>
  adminOperation({
    ...removal,
    method: 'DELETE',
    path: `${ROLES_PATH}/:roleId`,
    operationId: 'removeTeamRole',
    summary: 'Take a role from a team',
    description: 'The role in the whole organisation, or with teamId the one that is limited to this team. Idempotent.',
    schema: { params: teamParams.extend({ roleId }), querystring: removalQuery, response: { 200: messageSchema } },
    handle: ({ context, request: { params, query } }) =>
      remove(services, context, params.id, { roleId: params.roleId, withinTeamId: query.teamId ?? null }),
  })

/** OpenAPI has no body for DELETE (§4.8.14), so the schema does not have one either. */
export const removeTeamRoleByBodyOperation = (services: RoleAssigner) =>
  adminOperation({
    ...removal,
    method: 'DELETE',
    path: ROLES_PATH,
    operationId: 'removeTeamRoleByBody',
    summary: 'Take a role from a team, named in the body',
    description: 'The body is a JSON object with the members roleId and, for a role that is limited to a team, teamId.',
    schema: { params: teamParams, response: { 200: messageSchema } },
    handle: ({ context, request }) => remove(services, context, request.params.id, readRemoval(request.body)),
  })
