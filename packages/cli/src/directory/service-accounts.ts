import {
  createServiceAccount,
  deleteServiceAccount,
  getServiceAccount,
  listServiceAccountRoles,
  listServiceAccounts,
  type ServiceAccount,
  updateServiceAccount,
} from 'cerberus-idp-admin-client'
import { anyResource, type Parameter, type Resource } from './resource.ts'
import { assignmentColumns, showAssignment } from './role-assignments.ts'

const description: Parameter = { name: 'description', usage: '--description <text>', help: 'for administrators' }

const resource: Resource<ServiceAccount> = {
  noun: 'service-account',
  plural: 'service accounts',
  help: 'accounts of programs',
  columns: [
    'name',
    'status',
    { member: 'roles', short: ({ roles }) => roles.map(({ slug }) => slug).join(' ') },
    { member: 'apiKeyCount', heading: 'KEYS' },
    'description',
    { member: 'id', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ name }) => [name],
  list: listServiceAccounts,
  listExample: '--status active',
  filters: [
    { name: 'search', usage: '--search <text>', help: 'part of a name or a description' },
    {
      name: 'status',
      usage: '--status <status>',
      help: 'only accounts with this status',
      choices: ['active', 'disabled'],
    },
    { name: 'sort', usage: '--sort <member>', help: 'name, createdAt …; descending after a hyphen' },
  ],
  get: getServiceAccount,
  show: ({ roles, organisationId: _, ...account }) => ({ ...account, roles: roles.map(({ slug }) => slug) }),
  create: {
    operationId: 'createServiceAccount',
    help: 'create a service account, which has no roles at first',
    example: "'Nightly report' --description 'Exports users to the warehouse'",
    parameters: [{ name: 'name', usage: '[name]', help: 'its name; it can also be in --data' }, description],
    hasDryRun: true,
    request: createServiceAccount,
  },
  change: {
    operationId: 'updateServiceAccount',
    help: 'change a service account; without an option, in your editor',
    example: "'Nightly report' --name 'Weekly report'",
    parameters: [{ name: 'name', usage: '--name <name>', help: 'its name' }, description],
    hasDryRun: true,
    request: updateServiceAccount,
  },
  related: [
    {
      verb: 'roles',
      help: 'list the roles of a service account',
      example: "'Nightly report'",
      plural: 'roles',
      columns: assignmentColumns,
      list: ({ id }) => listServiceAccountRoles(id),
      show: showAssignment,
    },
  ],
  acts: [
    {
      verb: 'disable',
      help: 'disable a service account: its API keys are rejected',
      example: "'Nightly report'",
      hasDryRun: true,
      question: (title) => `Disable the service account ${title}? Its API keys are rejected.`,
      request: ({ id }) => updateServiceAccount(id, { status: 'disabled' }),
      done: (title) => `Disabled the service account ${title}.`,
    },
    {
      verb: 'enable',
      help: 'enable a service account again, with its API keys',
      example: "'Nightly report'",
      hasDryRun: true,
      request: ({ id }) => updateServiceAccount(id, { status: 'active' }),
      done: (title) => `Enabled the service account ${title}.`,
    },
    {
      verb: 'delete',
      help: 'delete a service account with its API keys',
      example: "'Nightly report' --dry-run",
      hasDryRun: true,
      question: (title) => `Delete the service account ${title}, with its API keys?`,
      request: ({ id }) => deleteServiceAccount(id),
      done: (title) => `Deleted the service account ${title}.`,
    },
  ],
}

export const serviceAccounts = anyResource(resource)
