// `admin/teams` owns the operations on the teams of an organisation, their members and their roles.
// What they do belongs to `users/teams` and `users/role-assignments`.

import type { RoleAssigner } from '../../users/role-assignments.ts'
import type { TeamManagement } from '../../users/teams/find-team.ts'
import type { AdminResource } from '../operation.ts'
import { createTeamOperation } from './create-team.ts'
import { deleteTeamOperation } from './delete-team.ts'
import { getTeamOperation } from './get-team.ts'
import { listTeamsOperation } from './list-teams.ts'
import {
  addTeamMembersOperation,
  listTeamMembersOperation,
  removeTeamMemberOperation,
  removeTeamMembersByBodyOperation,
} from './team-members.ts'
import {
  assignTeamRoleOperation,
  listTeamRolesOperation,
  removeTeamRoleByBodyOperation,
  removeTeamRoleOperation,
} from './team-roles.ts'
import { updateTeamOperation } from './update-team.ts'

/** `/v1/admin/teams`: the teams of an organisation. */
export const teamResource = (services: TeamManagement & RoleAssigner): AdminResource => ({
  operations: [
    listTeamsOperation(services),
    createTeamOperation(services),
    getTeamOperation(services),
    updateTeamOperation(services),
    deleteTeamOperation(services),
    listTeamMembersOperation(services),
    addTeamMembersOperation(services),
    removeTeamMemberOperation(services),
    removeTeamMembersByBodyOperation(services),
    listTeamRolesOperation(services),
    assignTeamRoleOperation(services),
    removeTeamRoleOperation(services),
    removeTeamRoleByBodyOperation(services),
  ],
})
