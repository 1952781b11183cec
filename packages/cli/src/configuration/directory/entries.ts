// `directory` is configuration as code for roles, teams, service accounts, webhooks and the settings of the organisation.

import { isObject } from 'cerberus-idp-admin-client'
import { suggestion } from '../../input/closest-name.ts'

export const directoryKinds = ['organisation', 'roles', 'teams', 'serviceAccounts', 'webhooks'] as const
export type DirectoryKind = (typeof directoryKinds)[number]

/** What files can own: pruning removes what is in no file. */
export const ownableKinds = ['roles', 'teams', 'serviceAccounts', 'webhooks'] as const
export type OwnableKind = (typeof ownableKinds)[number]

export const isOwnable = (name: string): name is OwnableKind => ownableKinds.some((kind) => kind === name)

/** A role, a team, a webhook, or the settings of the organisation, in a file. */
export interface DirectoryEntry {
  kind: DirectoryKind
  /** Its slug, its name or its URL, which identifies it on every server; `organisation` for the settings. */
  key: string
  /** Its settings, without the key. */
  members: Readonly<Record<string, unknown>>
  /** The place of a member in the file. */
  location(path?: readonly (string | number)[]): string
}

/** The member of an entry that identifies it. */
export const keyMembers = { roles: 'slug', teams: 'slug', serviceAccounts: 'name', webhooks: 'url' } as const
const settings: Readonly<Record<OwnableKind, readonly string[]>> = {
  roles: ['name', 'description', 'isDefault', 'permissions'],
  teams: ['name', 'description', 'roles'],
  serviceAccounts: ['description', 'roles'],
  webhooks: ['description', 'events', 'clientId', 'ordered', 'isActive'],
}

/**
 * Reads the parts of a document that are about the directory. `place` is that of a path in the document, and
 * `organisationSettings` are the members that an organisation can have.
 */
export function readDirectory(
  document: Readonly<Record<string, unknown>>,
  place: (path: readonly (string | number)[]) => string,
  organisationSettings: ReadonlySet<string>,
): { entries: DirectoryEntry[]; problems: string[] } {
  const problems: string[] = []
  const entries: DirectoryEntry[] = []
  const rejectUnknown = (
    names: ReadonlySet<string>,
    what: string,
    members: object,
    at: readonly (string | number)[],
  ) => {
    for (const name of Object.keys(members).filter((one) => !names.has(one))) {
      const advice = suggestion(name, names).replace(' Did', '; did')
      problems.push(`${place([...at, name])}: ${name} is not a setting of ${what}${advice}`)
    }
  }
  const { organisation } = document
  if (organisation !== undefined) {
    const at = ['organisation']
    if (!isObject(organisation)) problems.push(`${place(at)}: organisation must be a mapping of settings`)
    else {
      rejectUnknown(organisationSettings, 'organisations', organisation, at)
      const location = (path: readonly (string | number)[] = []) => place([...at, ...path])
      entries.push({ kind: 'organisation', key: 'organisation', members: organisation, location })
    }
  }
  for (const kind of ownableKinds) {
    const listed = document[kind]
    if (listed === undefined) continue
    if (!Array.isArray(listed)) {
      problems.push(`${place([kind])}: ${kind} must be a list`)
      continue
    }
    for (const [index, value] of listed.entries()) {
      const at = [kind, index]
      const name = keyMembers[kind]
      if (!isObject(value) || typeof value[name] !== 'string') {
        problems.push(`${place(at)}: an entry of ${kind} must be a mapping with ${name}`)
        continue
      }
      const { [name]: key, ...members } = value
      rejectUnknown(new Set(settings[kind]), kind === 'serviceAccounts' ? 'service accounts' : kind, members, at)
      for (const list of ['permissions', 'roles', 'events']) {
        if (members[list] !== undefined && !isTextList(members[list]))
          problems.push(`${place([...at, list])}: ${list} must be a list of texts`)
      }
      const location = (path: readonly (string | number)[] = []) => place([...at, ...path])
      entries.push({ kind, key: String(key), members, location })
    }
  }
  return { entries, problems }
}

const isTextList = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string')

/** A problem for each entry that another one repeats. */
export function findRepeated(entries: readonly DirectoryEntry[]): string[] {
  const seen = new Map<string, DirectoryEntry>()
  return entries.flatMap((entry) => {
    const id = `${entry.kind} ${entry.key}`
    const before = seen.get(id)
    seen.set(id, before ?? entry)
    return before ? [`${entry.location()}: ${titleOfEntry(entry)} is already at ${before.location()}`] : []
  })
}

const nouns = {
  organisation: 'organisation',
  roles: 'role',
  teams: 'team',
  serviceAccounts: 'service account',
  webhooks: 'webhook',
} as const

/** An entry in messages: `role support`. */
export const titleOfEntry = ({ kind, key }: Pick<DirectoryEntry, 'kind' | 'key'>): string =>
  kind === 'organisation' ? 'organisation' : `${nouns[kind]} ${key}`
