// `admin/users/access` owns the operations on what a user may do and is signed in to: roles, permissions, sessions, grants.

import type { AdminContext } from '../../../model/permissions/permission.ts'
import type { AssignedRole } from '../../../model/permissions/role-assignment.ts'
import { assignRole, listUserRoles, removeRole, type RoleAssigner } from '../../../users/role-assignments.ts'
import { adminOperation } from '../../operation.ts'
import {
  assignmentBody,
  messageSchema,
  readAssignment,
  readRemoval,
  removalQuery,
  representAssignments,
  roleAssignmentListSchema,
  roleId,
} from '../../role-assignment.ts'
import { USER_PATH, USERS_TAG, userParams } from '../user-path.ts'

const ROLES_PATH = `${USER_PATH}/roles`

export const listUserRolesOperation = (services: RoleAssigner) =>
  adminOperation({
    method: 'GET',
    path: ROLES_PATH,
    operationId: 'listUserRoles',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:read',
    summary: 'List the roles of a user',
    description: 'By themselves and through teams, limited to a team or not, those that have ended included.',
    schema: { params: userParams, response: { 200: roleAssignmentListSchema } },
    errors: [400, 404],
    async handle({ context, request }) {
      return representAssignments(await listUserRoles(services, context, request.params.id), services.clock.now())
    },
  })

export const assignRoleOperation = (services: RoleAssigner) =>
  adminOperation({
    method: 'POST',
    path: ROLES_PATH,
    operationId: 'assignRole',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:update',
    summary: 'Give a user a role',
    description:
      'In the whole organisation, or limited to a team; with or without an end. You must hold the permissions of the role there. Idempotent.',
    schema: { params: userParams, body: assignmentBody, response: { 200: messageSchema } },
    errors: [400, 404, 409],
    example: { roleId: '0193a1c2-7b5e-7000-8000-000000000001', expiresAt: '2027-01-31T12:00:00Z' },
    async handle({ context, request }) {
      const assigned = await assignRole(services, context, request.params.id, readAssignment(request.body))
      return { message: assigned ? 'The user has the role now.' : 'The user had the role already.' }
    },
  })

const removal = {
  tag: USERS_TAG,
  withinTeams: true,
  permission: 'users:update',
  errors: [400, 404, 409],
} as const

async function remove(services: RoleAssigner, context: AdminContext, id: string, assigned: AssignedRole) {
  const removed = await removeRole(services, context, id, assigned)
  return { message: removed ? 'The user no longer has the role.' : 'The user did not have the role.' }
}

export const removeRoleOperation = (services: RoleAssigner) =>
  adminOperation({
    ...removal,
    method: 'DELETE',
    path: `${ROLES_PATH}/:roleId`,
    operationId: 'removeRole',
    summary: 'Take a role from a user',
    description:
      'The role in the whole organisation, or with teamId the one that is limited to this team. The last active owner of an organisation keeps the role owner. Idempotent.',
    schema: { params: userParams.extend({ roleId }), querystring: removalQuery, response: { 200: messageSchema } },
    handle: ({ context, request: { params, query } }) =>
      remove(services, context, params.id, { roleId: params.roleId, withinTeamId: query.teamId ?? null }),
  })

export const removeRoleByBodyOperation = (services: RoleAssigner) =>
  adminOperation({
    ...removal,
    method: 'DELETE',
    path: ROLES_PATH,
    operationId: 'removeRoleByBody',
    summary: 'Take a role from a user, named in the body',
    description:
      'The body is a JSON object with the members roleId and, for a role that is limited to a team, teamId. For clients that cannot put them into the address.',
    schema: { params: userParams, response: { 200: messageSchema } },
    handle: ({ context, request }) => remove(services, context, request.params.id, readRemoval(request.body)),
  })
