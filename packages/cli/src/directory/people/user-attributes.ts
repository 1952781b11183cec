import {
  type ApiRequest,
  countUserAttributeValues,
  createUserAttribute,
  deleteUserAttribute,
  getUserAttribute,
  listUserAttributes,
  type Page,
  updateUserAttribute,
  type UserAttribute,
} from 'cerberus-idp-admin-client'
import { anyResource, type Parameter, type Resource } from '../resource.ts'

const rules: readonly Parameter[] = [
  {
    name: 'access',
    usage: '--access <access>',
    help: 'what users may do with their own value',
    choices: ['editable', 'readable', 'hidden'],
  },
  { name: 'required', usage: '--required', help: 'new users need a value', type: 'boolean' },
  { name: 'unique', usage: '--unique', help: 'no two users may have the same value', type: 'boolean' },
  { name: 'pattern', usage: '--pattern <expression>', help: 'a regular expression for the whole text' },
  { name: 'maxLength', usage: '--max-length <number>', help: 'of the text, in characters', type: 'number' },
  { name: 'options', usage: '--option <value...>', help: 'the values of an enum' },
]

const resource: Resource<UserAttribute> = {
  noun: 'user-attribute',
  plural: 'user attributes',
  help: 'attributes that the organisation defines for its users',
  columns: [
    { member: 'name', isIdentifier: true },
    'type',
    'access',
    'required',
    'unique',
    'searchable',
    'pattern',
    'options',
  ],
  idOf: ({ name }) => name,
  namesOf: ({ name, titles }) => [name, titles.en],
  list: () => listUserAttributes() as ApiRequest<Page<UserAttribute>>,
  isWhole: true,
  listExample: '',
  filters: [],
  get: getUserAttribute,
  create: {
    operationId: 'createUserAttribute',
    help: 'define an attribute of users',
    example: "costCentre --access readable --pattern '[0-9]{4}' --set 'titles={en: Cost centre}'",
    parameters: [
      { name: 'name', usage: '[name]', help: 'its name, which never changes; it can also be in --data' },
      {
        name: 'type',
        usage: '--type <type>',
        help: 'its type, which never changes; default string',
        choices: ['string', 'number', 'boolean', 'date', 'enum', 'string[]'],
      },
      { name: 'searchable', usage: '--searchable', help: 'the search finds users by it', type: 'boolean' },
      ...rules,
    ],
    body: (values) => ({ type: 'string', ...values }),
    request: createUserAttribute,
  },
  change: {
    operationId: 'updateUserAttribute',
    help: 'change the definition of an attribute; without an option, in your editor',
    example: "costCentre --access editable --set 'titles={en: Cost centre}'",
    parameters: rules,
    request: updateUserAttribute,
  },
  acts: [
    {
      verb: 'delete',
      help: 'delete an attribute with the values of all users',
      example: 'costCentre --dry-run',
      hasDryRun: true,
      prepare: ({ name }) => countUserAttributeValues(name),
      question: (title, _values, { users }) => `Delete the attribute ${title}, with the values of ${count(users)}?`,
      request: ({ name }, _values, { users }) => deleteUserAttribute(name, Number(users)),
      done: (title) => `Deleted the attribute ${title}.`,
    },
  ],
}

const count = (users: unknown) => (users === 1 ? '1 user' : `${Number(users)} users`)

export const userAttributes = anyResource(resource)
