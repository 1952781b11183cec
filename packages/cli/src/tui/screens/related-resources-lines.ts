import { asText, type RelatedItems, type RelatedResource } from 'cerberus-idp-admin-client'
import { fit, fitMiddle } from '../../output/text-width.ts'

/** How the list of a resource looks. */
export interface Layout<Item> {
  title: string
  /** Shown in an empty list. */
  empty: string
  header(width: number): string
  line(item: Item, width: number): string
  /** The identifier of an item in the API. */
  idOf(item: Item): string
}

/** A time to the minute. */
const minute = (time: string): string => time.slice(0, 16).replace('T', ' ')

export const layouts: { readonly [Resource in RelatedResource]: Layout<RelatedItems[Resource]> } = {
  grants: {
    title: 'Grants',
    empty: 'There are no active grants.',
    header: (width) => `${fit('SINCE', 16)} ${fit('USER', 28)} ${fit('OFFLINE', 7)} ${fit('SCOPES', width - 57)}`,
    line: ({ createdAt, email, offline, scopes }, width) =>
      `${fit(minute(createdAt), 16)} ${fit(email, 28)} ${fit(offline ? 'yes' : 'no', 7)} ${fit(scopes.join(' '), width - 57)}`,
    idOf: ({ id }) => id,
  },
  consents: {
    title: 'Consents',
    empty: 'There are no consents.',
    header: (width) => `${fit('SINCE', 16)} ${fit('USER', 28)} ${fit('SCOPES', width - 49)}`,
    line: ({ grantedAt, email, scopes }, width) =>
      `${fit(minute(grantedAt), 16)} ${fit(email, 28)} ${fit(scopes.join(' '), width - 49)}`,
    idOf: ({ userId }) => userId,
  },
  events: {
    title: 'Events',
    empty: 'There are no events.',
    header: (width) => `${fit('TIME', 16)} ${fit('EVENT', 30)} ${fit('BY', width - 51)}`,
    line: ({ occurredAt, type, success, email, metadata }, width) => {
      const actor = email ?? metadata['actingClientId'] ?? 'the server or the client'
      const event = `${success ? '' : 'x '}${type}`
      return `${fit(minute(occurredAt), 16)} ${fit(event, 30)} ${fitMiddle(asText(actor), width - 51)}`
    },
    idOf: ({ id }) => id,
  },
}
