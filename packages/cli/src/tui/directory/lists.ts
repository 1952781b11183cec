// `directory` shows the lists of users, roles, teams and the like, made from their descriptions.

import type { Noun } from '../../directory/resource.ts'

/** A list by the key that opens it, or by the menu only. The first are the clients. */
export const lists: readonly { key?: string; title: string; noun: Noun | 'client' }[] = [
  { key: '1', title: 'Clients', noun: 'client' },
  { key: '2', title: 'Users', noun: 'user' },
  { key: '3', title: 'Roles', noun: 'role' },
  { key: '4', title: 'Teams', noun: 'team' },
  { key: '5', title: 'Invitations', noun: 'invitation' },
  { key: '6', title: 'Service accounts', noun: 'service-account' },
  { key: '7', title: 'API keys', noun: 'api-key' },
  { key: '8', title: 'Webhooks', noun: 'webhook' },
  { key: '9', title: 'Resources', noun: 'resource' },
  { title: 'User attributes', noun: 'user-attribute' },
  { title: 'Memberships', noun: 'membership' },
  { title: 'Domains', noun: 'domain' },
  { title: 'Mails', noun: 'mail' },
  { title: 'Organisations', noun: 'organisation' },
  { title: 'Onboarding tokens', noun: 'onboarding-token' },
]

export const titleOfList = (noun: Noun): string => lists.find((list) => list.noun === noun)?.title ?? noun

/** Where the cursor of a list is, and what is searched for. It is kept while another screen is shown. */
export interface ListPosition {
  search: string
  offset: number
  line: number
}

export const firstPosition: ListPosition = { search: '', offset: 0, line: 0 }
