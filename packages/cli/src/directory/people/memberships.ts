import {
  type GuestMembership,
  listGuestMemberships,
  reactivateGuestMembership,
  removeGuestMembership,
  suspendGuestMembership,
} from 'cerberus-idp-admin-client'
import { anyResource, type Resource } from '../resource.ts'

const resource: Resource<GuestMembership> = {
  noun: 'membership',
  plural: 'memberships',
  help: 'memberships of users from other organisations',
  columns: [
    { member: 'email', isIdentifier: true },
    'name',
    'state',
    { member: 'homeOrganisation', short: ({ homeOrganisation }) => homeOrganisation.slug },
    'source',
    { member: 'joinedAt', heading: 'JOINED' },
    { member: 'userId', isIdentifier: true },
  ],
  idOf: ({ userId }) => userId,
  namesOf: ({ email, name }) => [email, name],
  list: listGuestMemberships,
  listExample: '--search grace',
  filters: [{ name: 'search', usage: '--search <text>', help: 'part of an e-mail address or a name' }],
  fromId: (userId) => ({ userId }) as GuestMembership,
  show: ({ homeOrganisation, ...membership }) => ({ ...membership, homeOrganisation: homeOrganisation.slug }),
  acts: [
    {
      verb: 'suspend',
      help: 'suspend a membership: sessions and tokens of this organisation end, and the user cannot join again',
      example: 'grace@research.example --reason "Left the project"',
      parameters: [{ name: 'reason', usage: '--reason <text>', help: 'why, for administrators' }],
      question: (title) => `Suspend the membership of ${title}?`,
      request: ({ userId }, { reason }) =>
        suspendGuestMembership(userId, typeof reason === 'string' ? reason : undefined),
      done: (title) => `Suspended the membership of ${title}.`,
    },
    {
      verb: 'reactivate',
      help: 'make a suspended membership active again',
      example: 'grace@research.example',
      request: ({ userId }) => reactivateGuestMembership(userId),
      done: (title) => `The membership of ${title} is active.`,
    },
    {
      verb: 'remove',
      help: 'remove a membership, with its roles and teams; the account stays',
      example: 'grace@research.example',
      question: (title) => `Remove the membership of ${title}, with its roles and teams?`,
      request: ({ userId }) => removeGuestMembership(userId),
      done: (title) => `Removed the membership of ${title}.`,
    },
  ],
}

export const memberships = anyResource(resource)
