import { isDeepStrictEqual } from 'node:util'
import type { ShownClient } from '../client-requests.ts'

/** A client that somebody is changing: what it is, and the members that are to be otherwise. Nothing else is ever sent. */
export interface Draft {
  /** As the server showed it; empty for one that is new. */
  base: ShownClient
  /** The state that `base` is; undefined for one that is new. */
  etag: string | undefined
  changes: Readonly<Record<string, unknown>>
}

/** A client that is to be registered. What it must have stands there from the beginning. */
export const newDraft: Draft = {
  base: {},
  etag: undefined,
  changes: { name: '', clientType: 'confidential' },
}

/** The value that a member has in a draft; undefined: its default. */
export function valueIn({ base, changes }: Draft, member: string): unknown {
  return member in changes ? changes[member] : base[member]
}

/** The draft with a member changed. What is again as it was is no change. */
export function withMember(draft: Draft, member: string, value: unknown): Draft {
  const { [member]: _, ...others } = draft.changes
  const same = member in draft.base && isDeepStrictEqual(draft.base[member], value)
  return { ...draft, changes: same || value === undefined ? others : { ...others, [member]: value } }
}

export const isChanged = ({ changes }: Draft): boolean => Object.keys(changes).length > 0

/** The same changes to a client that has become another meanwhile. */
export function rebased({ changes }: Draft, base: ShownClient, etag: string): Draft {
  return Object.entries(changes).reduce((draft, [member, value]) => withMember(draft, member, value), {
    base,
    etag,
    changes: {},
  } as Draft)
}

/** The members in which two states of a client differ. */
export function differences(from: ShownClient, to: ShownClient): Change[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((member) => !isDeepStrictEqual(from[member], to[member]))
    .map((member) => ({ member, from: from[member], to: to[member] }))
}

/** A member that changes. */
export interface Change {
  member: string
  from?: unknown
  to?: unknown
}
