import {
  assignGuestRole,
  listGuestRoles,
  removeGuestRole,
  type GuestRoleAssigner,
} from '../../users/memberships/manage-guests.ts'
import { adminOperation } from '../operation.ts'
import {
  assignmentBody,
  messageSchema,
  readAssignment,
  removalQuery,
  representAssignments,
  roleAssignmentListSchema,
  roleId,
} from '../role-assignment.ts'
import { MEMBERSHIP_PATH, params, TAG } from './guest-memberships.ts'

const ROLES_PATH = `${MEMBERSHIP_PATH}/roles`

export const listGuestRolesOperation = (services: GuestRoleAssigner) =>
  adminOperation({
    method: 'GET',
    path: ROLES_PATH,
    operationId: 'listGuestRoles',
    tag: TAG,
    withinTeams: true,
    permission: 'users:read',
    summary: 'List the roles of a member from another organisation',
    description: 'Those in your organisation, by themselves and through teams, those that have ended included.',
    schema: { params, response: { 200: roleAssignmentListSchema } },
    errors: [400, 404],
    async handle({ context, request }) {
      return representAssignments(await listGuestRoles(services, context, request.params.id), services.clock.now())
    },
  })

export const assignGuestRoleOperation = (services: GuestRoleAssigner) =>
  adminOperation({
    method: 'POST',
    path: ROLES_PATH,
    operationId: 'assignGuestRole',
    tag: TAG,
    withinTeams: true,
    permission: 'users:update',
    summary: 'Give a member from another organisation a role',
    description:
      'In the whole organisation, or limited to a team; with or without an end. You must hold the permissions of the role there. Idempotent.',
    schema: { params, body: assignmentBody, response: { 200: messageSchema } },
    errors: [400, 404, 409],
    example: { roleId: '0193a1c2-7b5e-7000-8000-000000000001' },
    async handle({ context, request }) {
      const assigned = await assignGuestRole(services, context, request.params.id, readAssignment(request.body))
      return { message: assigned ? 'The member has the role now.' : 'The member had the role already.' }
    },
  })

export const removeGuestRoleOperation = (services: GuestRoleAssigner) =>
  adminOperation({
    method: 'DELETE',
    path: `${ROLES_PATH}/:roleId`,
    operationId: 'removeGuestRole',
    tag: TAG,
    withinTeams: true,
    permission: 'users:update',
    summary: 'Take a role from a member from another organisation',
    description:
      'The role in the whole organisation, or with teamId the one that is limited to this team. You must hold its permissions. Idempotent.',
    schema: { params: params.extend({ roleId }), querystring: removalQuery, response: { 200: messageSchema } },
    errors: [400, 404, 409],
    async handle({ context, request: { params: path, query } }) {
      const assigned = { roleId: path.roleId, withinTeamId: query.teamId ?? null }
      const removed = await removeGuestRole(services, context, path.id, assigned)
      return { message: removed ? 'The member no longer has the role.' : 'The member did not have the role.' }
    },
  })
