import {
  createInvitation,
  deleteInvitation,
  getInvitation,
  type Invitation,
  type IssuedInvitation,
  listInvitations,
  resendInvitation,
} from 'cerberus-idp-admin-client'
import { anyResource, type Resource } from './resource.ts'

const resource: Resource<Invitation> = {
  noun: 'invitation',
  plural: 'invitations',
  help: 'invitations to the organisation',
  columns: [
    { member: 'email', isIdentifier: true },
    'status',
    { member: 'roles', short: ({ roles }) => roles.map(({ slug }) => slug).join(' ') },
    { member: 'teams', short: ({ teams }) => teams.map(({ slug }) => slug).join(' ') },
    { member: 'expiresAt', heading: 'EXPIRES' },
    { member: 'invitedBy', short: ({ invitedBy }) => invitedBy?.email ?? '' },
    { member: 'id', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ email }) => [email],
  list: listInvitations,
  listExample: '--status pending',
  filters: [
    { name: 'search', usage: '--search <text>', help: 'part of an e-mail address' },
    {
      name: 'status',
      usage: '--status <status>',
      help: 'only invitations with this status',
      choices: ['pending', 'accepted', 'expired', 'revoked'],
    },
  ],
  get: getInvitation,
  show: ({ roles, teams, invitedBy, organisationId: _, ...invitation }) => {
    // Other names of the same values.
    const { role, roleId, roleDetails, teamIds, invitedById, ...shown } = invitation as Record<string, unknown>
    return {
      ...shown,
      roles: roles.map(({ slug }) => slug),
      teams: teams.map(({ slug }) => slug),
      invitedBy: invitedBy?.email ?? null,
    }
  },
  create: {
    operationId: 'createInvitation',
    help: 'invite a person, by mail or by a link that is shown once',
    example: 'grace@example.com --role support --deliver link',
    parameters: [
      { name: 'email', usage: '[email]', help: 'the e-mail address; it can also be in --data' },
      { name: 'roleIds', usage: '--role <role...>', help: 'roles; default the default role', refersTo: 'role' },
      { name: 'teamIds', usage: '--team <team...>', help: 'teams that the user joins', refersTo: 'team' },
      { name: 'expiresInDays', usage: '--expires-in-days <days>', help: 'at most 30; default 7', type: 'number' },
      {
        name: 'deliver',
        usage: '--deliver <how>',
        help: 'mail it, or show the link; default mail, where the server sends mail',
        choices: ['mail', 'link'],
      },
      { name: 'language', usage: '--language <language>', help: 'of the mail', choices: ['en', 'de'] },
    ],
    request: createInvitation,
  },
  acts: [
    {
      verb: 'resend',
      help: 'renew the link of an invitation, and mail or show it',
      example: 'grace@example.com',
      request: ({ id }) => resendInvitation(id),
      result: (body) => (body as { invitation: IssuedInvitation }).invitation,
    },
    {
      verb: 'revoke',
      help: 'revoke an invitation: its link no longer works',
      example: 'grace@example.com',
      lookup: { status: 'pending' },
      question: (title) => `Revoke the invitation of ${title}?`,
      request: ({ id }) => deleteInvitation(id),
      done: (title) => `Revoked the invitation of ${title}.`,
    },
  ],
}

export const invitations = anyResource(resource)
