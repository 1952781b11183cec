import {
  createOrganisation,
  deleteOrganisation,
  deleteSystemOrganisation,
  getOrganisation,
  getSystemOrganisation,
  listOrganisations,
  restoreSystemOrganisation,
  type SystemOrganisation,
  transferOwnership,
  updateOrganisation,
  updateSystemOrganisation,
} from 'cerberus-idp-admin-client'
import { anyResource, type Parameter, type Resource, text, type Values } from './resource.ts'

const settings: readonly Parameter[] = [
  { name: 'name', usage: '--name <name>', help: 'its name' },
  { name: 'email', usage: '--email <address>', help: 'the address of a contact' },
]

/** The body of a new organisation: what is known of its owner is an object. */
function bodyOf({ ownerEmail, ...values }: Values): Values {
  return ownerEmail === undefined ? values : { ...values, owner: { email: ownerEmail } }
}

const resource: Resource<SystemOrganisation> = {
  noun: 'organisation',
  plural: 'organisations',
  help: 'your organisation, and for the operator those of the server',
  columns: [
    { member: 'slug', isIdentifier: true },
    'name',
    'status',
    'email',
    'createdAt',
    'statusReason',
    { member: 'id', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ slug, name }) => [slug, name],
  list: listOrganisations,
  listExample: '--status suspended',
  filters: [
    { name: 'search', usage: '--search <text>', help: 'part of a slug, a name, an id or an e-mail address' },
    {
      name: 'status',
      usage: '--status <status>',
      help: 'only organisations with this status',
      choices: ['active', 'trial', 'suspended', 'cancelled'],
    },
    { name: 'sort', usage: '--sort <member>', help: 'name, slug, createdAt …; descending after a hyphen' },
  ],
  get: getSystemOrganisation,
  own: {
    get: () => getOrganisation() as ReturnType<typeof getSystemOrganisation>,
    change: (changes) => updateOrganisation(changes) as ReturnType<typeof updateSystemOrganisation>,
  },
  create: {
    operationId: 'createOrganisation',
    help: 'create an organisation; the password of its owner is shown once',
    example: "'Acme Research' --slug research --owner ada@research.example",
    parameters: [
      { name: 'name', usage: '[name]', help: 'its name; it can also be in --data' },
      { name: 'slug', usage: '--slug <slug>', help: 'its slug, which never changes; default made from the name' },
      { name: 'ownerEmail', usage: '--owner <email>', help: 'the e-mail address of its owner' },
    ],
    body: bodyOf,
    request: createOrganisation,
  },
  change: {
    operationId: 'updateOrganisation',
    help: 'change settings of your organisation, or of another; without an option, in your editor',
    example: "--set 'passwordPolicy={minLength: 12}' --dry-run",
    parameters: settings,
    hasDryRun: true,
    request: updateSystemOrganisation,
  },
  acts: [
    {
      verb: 'suspend',
      help: 'suspend an organisation: no user can sign in, and no token is valid',
      example: 'research --reason "Invoice 4711 is not paid" --dry-run',
      parameters: [{ name: 'reason', usage: '--reason <text>', help: 'why, for the operator' }],
      hasDryRun: true,
      question: (title) => `Suspend the organisation ${title}? Its users are signed out, and its tokens end.`,
      request: ({ id }, { reason }) =>
        updateSystemOrganisation(id, { status: 'suspended', statusReason: reason ?? null }),
      done: (title) => `Suspended the organisation ${title}.`,
    },
    {
      verb: 'activate',
      help: 'make a suspended organisation active again',
      example: 'research',
      hasDryRun: true,
      request: ({ id }) => updateSystemOrganisation(id, { status: 'active' }),
      done: (title) => `The organisation ${title} is active.`,
    },
    {
      verb: 'delete',
      help: 'delete an organisation, which can be restored until its rows are deleted',
      example: 'research',
      question: (title) => `Delete the organisation ${title}, with its users and clients?`,
      // Only the operator sees when an organisation was deleted.
      request: ({ id, slug, ...members }) =>
        'deletedAt' in members ? deleteSystemOrganisation(id, slug) : deleteOrganisation(slug),
      done: (title) => `Deleted the organisation ${title}.`,
    },
    {
      verb: 'restore',
      help: 'restore a deleted organisation',
      example: 'research',
      lookup: { status: 'cancelled' },
      request: ({ id }) => restoreSystemOrganisation(id),
      done: (title) => `Restored the organisation ${title}.`,
    },
    {
      verb: 'transfer',
      help: 'make another user the owner of your organisation in your place',
      example: 'grace@acme.example',
      toOwn: true,
      parameters: [{ name: 'to', usage: '<user>', help: 'the new owner', refersTo: 'user' }],
      question: (title) => `Transfer the ownership of ${title}? You lose the role owner.`,
      request: ({ slug }, { to }) => transferOwnership({ userId: text(to), confirm: slug }),
      done: (title) => `Transferred the ownership of ${title}.`,
    },
  ],
}

export const organisations = anyResource(resource)
