import {
  assignServiceAccountRole,
  listServiceAccountRoles,
  removeServiceAccountRole,
  type ServiceAccountRoleAssigner,
} from '../../users/service-accounts/service-account-roles.ts'
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
import { SERVICE_ACCOUNT_PATH, SERVICE_ACCOUNTS_TAG, serviceAccountParams } from './service-account.ts'

const ROLES_PATH = `${SERVICE_ACCOUNT_PATH}/roles`

export const listServiceAccountRolesOperation = (services: ServiceAccountRoleAssigner) =>
  adminOperation({
    method: 'GET',
    path: ROLES_PATH,
    operationId: 'listServiceAccountRoles',
    tag: SERVICE_ACCOUNTS_TAG,
    permission: 'service_accounts:read',
    summary: 'List the roles of a service account',
    description: 'Those that have ended are included.',
    schema: { params: serviceAccountParams, response: { 200: roleAssignmentListSchema } },
    errors: [400, 404],
    async handle({ context, request: { params } }) {
      return representAssignments(await listServiceAccountRoles(services, context, params.id), services.clock.now())
    },
  })

export const assignServiceAccountRoleOperation = (services: ServiceAccountRoleAssigner) =>
  adminOperation({
    method: 'POST',
    path: ROLES_PATH,
    operationId: 'assignServiceAccountRole',
    tag: SERVICE_ACCOUNTS_TAG,
    permission: 'service_accounts:update',
    summary: 'Give a service account a role',
    description:
      'In the whole organisation, or limited to a team; with or without an end. You must hold the permissions of the role there. Idempotent.',
    schema: { params: serviceAccountParams, body: assignmentBody, response: { 200: messageSchema } },
    errors: [400, 404, 409],
    example: { roleId: '0193a1c2-7b5e-7000-8000-000000000001', expiresAt: '2027-01-01T00:00:00Z' },
    async handle({ context, request: { params, body } }) {
      const assigned = await assignServiceAccountRole(services, context, params.id, readAssignment(body))
      return {
        message: assigned ? 'The service account has the role now.' : 'The service account had the role already.',
      }
    },
  })

export const removeServiceAccountRoleOperation = (services: ServiceAccountRoleAssigner) =>
  adminOperation({
    method: 'DELETE',
    path: `${ROLES_PATH}/:roleId`,
    operationId: 'removeServiceAccountRole',
    tag: SERVICE_ACCOUNTS_TAG,
    permission: 'service_accounts:update',
    summary: 'Take a role from a service account',
    description:
      'The role in the whole organisation, or with teamId the one that is limited to this team. You must hold its permissions. Idempotent.',
    schema: {
      params: serviceAccountParams.extend({ roleId }),
      querystring: removalQuery,
      response: { 200: messageSchema },
    },
    errors: [400, 404, 409],
    async handle({ context, request: { params, query } }) {
      const assigned = { roleId: params.roleId, withinTeamId: query.teamId ?? null }
      const removed = await removeServiceAccountRole(services, context, params.id, assigned)
      return {
        message: removed ? 'The service account no longer has the role.' : 'The service account did not have the role.',
      }
    },
  })
