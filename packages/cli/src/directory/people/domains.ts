// `people` describes who may join: attributes, domains, memberships of other organisations, and the mails and tokens sent to people.

import {
  addDomain,
  deleteDomain,
  getDomain,
  listDomains,
  type OrganisationDomain,
  updateDomain,
  verifyDomain,
} from 'cerberus-idp-admin-client'
import { anyResource, type Resource } from '../resource.ts'

const resource: Resource<OrganisationDomain> = {
  noun: 'domain',
  plural: 'domains',
  help: 'domains of e-mail addresses that the organisation controls',
  columns: [
    { member: 'domain', isIdentifier: true },
    'status',
    'membership',
    { member: 'verifiedAt', heading: 'VERIFIED' },
    { member: 'missingSince', heading: 'MISSING_SINCE' },
    { member: 'id', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ domain, displayName }) => [domain, displayName],
  list: listDomains,
  listExample: '--status pending',
  filters: [
    { name: 'search', usage: '--search <text>', help: 'part of the domain' },
    {
      name: 'status',
      usage: '--status <status>',
      help: 'only domains with this status',
      choices: ['pending', 'verified'],
    },
  ],
  get: getDomain,
  show: ({ record, organisationId: _, ...domain }) => ({
    ...domain,
    recordType: record.type,
    recordName: record.name,
    recordValue: record.value,
  }),
  create: {
    verb: 'add',
    operationId: 'addDomain',
    help: 'add a domain, and show the DNS record that verifies it',
    example: 'acme.example',
    parameters: [{ name: 'domain', usage: '[domain]', help: 'such as acme.example; it can also be in --data' }],
    hasDryRun: true,
    request: addDomain,
  },
  change: {
    operationId: 'updateDomain',
    help: 'decide whom a domain makes members; without an option, in your editor',
    example: 'acme.example --membership automatic --role support',
    parameters: [
      {
        name: 'membership',
        usage: '--membership <mode>',
        help: 'what users with a confirmed address of the domain may do',
        choices: ['none', 'suggested', 'automatic'],
      },
      { name: 'roleId', usage: '--role <role>', help: 'the role of new members', refersTo: 'role' },
      {
        name: 'fromAnyOrganisation',
        usage: '--from-any-organisation',
        help: 'users of every organisation of the server count',
        type: 'boolean',
      },
    ],
    hasDryRun: true,
    request: updateDomain,
  },
  acts: [
    {
      verb: 'verify',
      help: 'look up the DNS record of a domain now, and verify the domain by it',
      example: 'acme.example',
      request: ({ id }) => verifyDomain(id),
      done: (title) => `Verified the domain ${title}.`,
    },
    {
      verb: 'delete',
      help: 'delete a domain, which another organisation can verify then',
      example: 'acme.example --dry-run',
      hasDryRun: true,
      question: (title) => `Delete the domain ${title}?`,
      request: ({ id }) => deleteDomain(id),
      done: (title) => `Deleted the domain ${title}.`,
    },
  ],
}

export const domains = anyResource(resource)
