import {
  addTeamMembers,
  createTeam,
  deleteTeam,
  getTeam,
  listTeamMembers,
  listTeamRoles,
  listTeams,
  removeTeamMember,
  type Team,
  updateTeam,
} from 'cerberus-idp-admin-client'
import { anyResource, type Parameter, type Resource, text, texts } from './resource.ts'
import { assignmentColumns, showAssignment } from './role-assignments.ts'

const description: Parameter = { name: 'description', usage: '--description <text>', help: 'for administrators' }

const resource: Resource<Team> = {
  noun: 'team',
  plural: 'teams',
  help: 'teams of the organisation, their members and roles',
  columns: [
    { member: 'slug', isIdentifier: true },
    'name',
    { member: '_count', heading: 'MEMBERS', short: ({ _count }) => String(_count.members) },
    { member: 'roles', short: ({ roles }) => roles.map(({ slug }) => slug).join(' ') },
    'description',
    { member: 'id', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ slug, name }) => [slug, name],
  list: listTeams,
  listExample: '--search support',
  filters: [
    { name: 'search', usage: '--search <text>', help: 'part of a slug, a name or a description' },
    { name: 'sort', usage: '--sort <member>', help: 'name, slug, createdAt …; descending after a hyphen' },
  ],
  get: getTeam,
  show: ({ members, roles, _count, organisationId: _, ...team }) => ({
    ...team,
    roles: roles.map(({ slug }) => slug),
    memberCount: _count.members,
    members: members.map(({ email }) => email),
  }),
  create: {
    operationId: 'createTeam',
    help: 'create a team',
    example: 'support --name Support',
    parameters: [
      { name: 'slug', usage: '[slug]', help: 'its slug, which never changes; it can also be in --data' },
      { name: 'name', usage: '--name <name>', help: 'its name; default the slug' },
      description,
    ],
    hasDryRun: true,
    body: (values) => ({ name: values['slug'], ...values }),
    request: createTeam,
  },
  change: {
    operationId: 'updateTeam',
    help: 'change a team; without an option, in your editor',
    example: 'support --description "Answers customers"',
    parameters: [{ name: 'name', usage: '--name <name>', help: 'its name' }, description],
    hasDryRun: true,
    request: updateTeam,
  },
  related: [
    {
      verb: 'members',
      help: 'list the members of a team',
      example: 'support --all',
      plural: 'members',
      columns: [{ member: 'email', isIdentifier: true }, 'name', 'joinedAt', { member: 'id', isIdentifier: true }],
      filters: [{ name: 'search', usage: '--search <text>', help: 'part of an e-mail address or a name' }],
      paged: true,
      list: ({ id }, query) => listTeamMembers(id, query),
    },
    {
      verb: 'roles',
      help: 'list the roles that all members of a team have',
      example: 'support',
      plural: 'roles',
      columns: assignmentColumns,
      list: ({ id }) => listTeamRoles(id),
      show: showAssignment,
    },
  ],
  acts: [
    {
      verb: 'delete',
      help: 'delete a team; its members lose its roles',
      example: 'support --dry-run',
      hasDryRun: true,
      question: (title) => `Delete the team ${title}?`,
      ends: [{ noun: 'membership', list: ({ id }) => listTeamMembers(id, { limit: '1' }) }],
      request: ({ id }) => deleteTeam(id),
      done: (title) => `Deleted the team ${title}.`,
    },
    {
      verb: 'add',
      help: 'add members to a team, all or none of them',
      example: 'support ada@acme.example grace@acme.example',
      parameters: [{ name: 'users', usage: '<user...>', help: 'by e-mail address or id', refersTo: 'user' }],
      request: ({ id }, { users }) => addTeamMembers(id, texts(users)),
      done: (title, { users }) => `Added ${count(users)} to the team ${title}.`,
    },
    {
      verb: 'remove',
      help: 'remove a member from a team',
      example: 'support ada@acme.example',
      parameters: [{ name: 'user', usage: '<user>', help: 'by e-mail address or id', refersTo: 'user' }],
      question: (title) => `Remove the member from the team ${title}, with the roles through it?`,
      request: ({ id }, { user }) => removeTeamMember(id, text(user)),
      done: (title) => `Removed the member from the team ${title}.`,
    },
  ],
}

function count(users: unknown): string {
  const { length } = texts(users)
  return length === 1 ? '1 member' : `${length} members`
}

export const teams = anyResource(resource)
