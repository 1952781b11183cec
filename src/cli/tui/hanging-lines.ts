import { fit, fitMiddle } from './columns.ts'
import type { Below } from './requests.ts'
import { said } from './value.ts'

/** Something that hangs from a client, as the server shows it. */
export type Item = Readonly<Record<string, unknown>>

/** How a kind of it is listed. */
export interface Listing {
  title: string
  /** What there is when there is none. */
  none: string
  head(width: number): string
  line(item: Item, width: number): string
  /** By what the server knows it. */
  idOf(item: Item): string
}

const text = (value: unknown): string => said(value) || '-'
const scopes = (value: unknown): string => (Array.isArray(value) ? value.map(said).join(' ') : '')
/** An instant to the minute. */
const minute = (value: unknown): string => text(value).slice(0, 16).replace('T', ' ')

export const listings: Readonly<Record<Exclude<Below, 'secrets'>, Listing>> = {
  grants: {
    title: 'Grants',
    none: 'Nobody has granted it anything that still works.',
    head: (width) => `${fit('SINCE', 16)} ${fit('WHO', 28)} ${fit('OFFLINE', 7)} ${fit('SCOPES', width - 57)}`,
    line: (item, width) =>
      `${fit(minute(item['createdAt']), 16)} ${fit(text(item['email']), 28)} ${fit(item['offline'] === true ? 'yes' : 'no', 7)} ${fit(scopes(item['scopes']), width - 57)}`,
    idOf: (item) => text(item['id']),
  },
  consents: {
    title: 'Consents',
    none: 'Nobody has agreed to anything.',
    head: (width) => `${fit('SINCE', 16)} ${fit('WHO', 28)} ${fit('SCOPES', width - 49)}`,
    line: (item, width) =>
      `${fit(minute(item['grantedAt']), 16)} ${fit(text(item['email']), 28)} ${fit(scopes(item['scopes']), width - 49)}`,
    idOf: (item) => text(item['userId']),
  },
  events: {
    title: 'Events',
    none: 'Nothing is known.',
    head: (width) => `${fit('WHEN', 16)} ${fit('WHAT', 30)} ${fit('WHO', width - 51)}`,
    line: (item, width) => {
      const metadata = (item['metadata'] ?? {}) as Item
      const who = item['email'] ?? metadata['actingClientId'] ?? 'the server, or the client itself'
      const what = `${item['success'] === false ? 'x ' : ''}${text(item['type'])}`
      return `${fit(minute(item['occurredAt']), 16)} ${fit(what, 30)} ${fitMiddle(said(who), width - 51)}`
    },
    idOf: (item) => text(item['id']),
  },
}
