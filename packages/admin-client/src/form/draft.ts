// `form` is what a form for clients works with, whatever it is drawn with: fields made from the server's description, values
// as text, drafts of changes, and what the server says about a draft.

import { isEqualJson } from '../json.ts'
import type { ClientSettings } from '../resources/clients/clients.ts'
import { type ChangedClient, createClient, updateClient } from '../resources/clients/clients.ts'
import type { Change } from '../resources/dry-run.ts'
import { type ApiRequest, ifMatch } from '../transport/request.ts'

/** Unsaved changes of a client. Only the changed members are sent. */
export interface Draft {
  /** The client as the server returned it; empty for a new one. */
  base: ClientSettings
  /** The entity tag of `base`; undefined for a new client. */
  etag: string | undefined
  changes: ClientSettings
}

/** A new client, with the settings that registration requires. */
export const emptyDraft: Draft = {
  base: {},
  etag: undefined,
  changes: { name: '', clientType: 'confidential' },
}

/** The value of a member in the draft; undefined: the server's default. */
export function valueIn({ base, changes }: Draft, member: string): unknown {
  return member in changes ? changes[member] : base[member]
}

/** The draft with one member changed. A value equal to that of `base` is no change. */
export function withMember(draft: Draft, member: string, value: unknown): Draft {
  const { [member]: _, ...others } = draft.changes
  const same = member in draft.base && isEqualJson(draft.base[member], value)
  return { ...draft, changes: same || value === undefined ? others : { ...others, [member]: value } }
}

export const isChanged = ({ changes }: Draft): boolean => Object.keys(changes).length > 0

/** The same changes to a newer state of the client. */
export function rebaseDraft({ changes }: Draft, base: ClientSettings, etag: string): Draft {
  const unchanged: Draft = { base, etag, changes: {} }
  return Object.entries(changes).reduce((draft, [member, value]) => withMember(draft, member, value), unchanged)
}

/** The members in which two states of a client differ. */
export function differences(from: ClientSettings, to: ClientSettings): Change[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((member) => !isEqualJson(from[member], to[member]))
    .map((member) => ({ member, from: from[member], to: to[member] }))
}

/** The request that saves a draft. It fails if the client has changed since `base` was read. */
export function saveDraft({ base, etag, changes }: Draft): ApiRequest<ChangedClient> {
  if (etag === undefined) return createClient(changes)
  return ifMatch(updateClient(String(base['id']), changes), etag)
}
