import { asText, type RelatedItem } from 'cerberus-idp-admin-client'
import type { RevocableResource } from '../calls.ts'
import { fit, fitMiddle } from '../frame/columns.ts'

/** The resources of a client that are shown as a list. */
export type ListedResource = RevocableResource | 'events'

/** How the list of a resource looks. */
export interface Layout {
  title: string
  /** Shown in an empty list. */
  empty: string
  header(width: number): string
  line(item: RelatedItem, width: number): string
  /** The identifier of an item in the API. */
  idOf(item: RelatedItem): string
}

const text = (value: unknown): string => asText(value) || '-'
const scopes = (value: unknown): string => (Array.isArray(value) ? value.map(asText).join(' ') : '')
/** A time to the minute. */
const minute = (value: unknown): string => text(value).slice(0, 16).replace('T', ' ')

export const layouts: Readonly<Record<ListedResource, Layout>> = {
  grants: {
    title: 'Grants',
    empty: 'There are no active grants.',
    header: (width) => `${fit('SINCE', 16)} ${fit('USER', 28)} ${fit('OFFLINE', 7)} ${fit('SCOPES', width - 57)}`,
    line: (item, width) =>
      `${fit(minute(item['createdAt']), 16)} ${fit(text(item['email']), 28)} ${fit(item['offline'] === true ? 'yes' : 'no', 7)} ${fit(scopes(item['scopes']), width - 57)}`,
    idOf: (item) => text(item['id']),
  },
  consents: {
    title: 'Consents',
    empty: 'There are no consents.',
    header: (width) => `${fit('SINCE', 16)} ${fit('USER', 28)} ${fit('SCOPES', width - 49)}`,
    line: (item, width) =>
      `${fit(minute(item['grantedAt']), 16)} ${fit(text(item['email']), 28)} ${fit(scopes(item['scopes']), width - 49)}`,
    idOf: (item) => text(item['userId']),
  },
  events: {
    title: 'Events',
    empty: 'There are no events.',
    header: (width) => `${fit('TIME', 16)} ${fit('EVENT', 30)} ${fit('BY', width - 51)}`,
    line: (item, width) => {
      const metadata = (item['metadata'] ?? {}) as RelatedItem
      const actor = item['email'] ?? metadata['actingClientId'] ?? 'the server or the client'
      const event = `${item['success'] === false ? 'x ' : ''}${text(item['type'])}`
      return `${fit(minute(item['occurredAt']), 16)} ${fit(event, 30)} ${fitMiddle(asText(actor), width - 51)}`
    },
    idOf: (item) => text(item['id']),
  },
}
