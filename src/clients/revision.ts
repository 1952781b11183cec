import { isDeepStrictEqual } from 'node:util'
import type { ValidationIssue } from '../http/problem-dialect.ts'
import { definedOnly, isObject } from '../lib/object.ts'
import type { Client, ClientSettings } from '../model/client.ts'
import { contradictions } from './contradictions.ts'
import { applyJsonPatch } from './json-patch.ts'
import {
  changedSettings,
  clientChangeSchema,
  completeSettings,
  settableMembers,
  type ClientChange,
  type NewClient,
} from './metadata.ts'
import { representClient } from './representation.ts'

/** What a request makes of a client as it is now: the settings that differ, and all that is wrong with them. */
export type Revision = (client: Client) => { changed: Partial<ClientSettings>; issues: ValidationIssue[] }

/** Sets the members that `body` has, each as a whole; the others stay. */
export function settingMembers(body: unknown): Revision {
  return (client) => judged(client, readChange(body))
}

/** JSON Merge Patch (RFC 7396), applied to what GET shows. A member that is taken away goes back to its default. */
export function merging(body: unknown): Revision {
  return (client) => judged(client, towards(client, merged(representClient(client), body), patchable))
}

/** JSON Patch (RFC 6902), applied to what GET shows. A member that is taken away goes back to its default. */
export function patching(body: unknown): Revision {
  return (client) => judged(client, towards(client, applyJsonPatch(representClient(client), body), patchable))
}

/**
 * The whole client as it is to be: what is left out goes back to its default, but `isActive`, which nobody is to change by
 * silence. What the server sets may be there as GET has it.
 */
export function replacing(body: unknown): Revision {
  return (client) => judged(client, towards(client, body, required))
}

const required = new Set(['name'])
const firm = new Set(['name', 'clientType', 'isActive'])
/** What a patch finds in the client and must leave there; anything else that it takes away has a default. */
const patchable = {
  has: (name: string) => !settableMembers.includes(name) || firm.has(name),
}

interface ReadChange {
  change: ClientChange
  issues: ValidationIssue[]
  /** The members that cannot be told from what was sent. */
  unreadable: ReadonlySet<string>
}

/** Reads a change as far as it can be read. */
function readChange(body: unknown): ReadChange {
  const whole = clientChangeSchema.safeParse(body)
  if (whole.success) return { change: whole.data, issues: [], unreadable: new Set() }
  const issues = whole.error.issues as ValidationIssue[]
  const unreadable = new Set(issues.map(({ path }) => String(path[0] ?? '')))
  if (unreadable.has('') || !isObject(body)) return { change: {}, issues, unreadable: new Set(['']) }
  if (unreadable.has('pkceRequired')) unreadable.add('requirePkce')
  const readable = Object.entries(body).filter(([name]) => !unreadable.has(name))
  return { change: clientChangeSchema.parse(Object.fromEntries(readable)), issues, unreadable }
}

/** The change that makes `client` look like `target`. `kept` are the members that must be there. */
function towards(client: Client, target: unknown, kept: { has(name: string): boolean }): ReadChange {
  if (!isObject(target)) return readChange(target)
  const shown: Readonly<Record<string, unknown>> = representClient(client)
  // A use between reading and writing contradicts nobody.
  const same = (name: string, value: unknown) =>
    Object.hasOwn(shown, name) && (name === 'lastUsedAt' || isDeepStrictEqual(value, shown[name]))
  const members = Object.entries(target)
  const missing = Object.keys(shown).filter((name) => !Object.hasOwn(target, name) && name !== 'pkceRequired')
  const read = readChange({
    ...Object.fromEntries(members.filter(([name, value]) => !same(name, value))),
    // What is null is not there for a merge patch.
    ...Object.fromEntries(missing.filter((name) => kept.has(name) && shown[name] !== null).map((name) => [name, null])),
  })
  const staying = members.filter(([name, value]) => same(name, value) && settableMembers.includes(name))
  const defaults: Readonly<Record<string, unknown>> = completeSettings({
    ...(Object.fromEntries(staying.filter(([name]) => name !== 'pkceRequired')) as Partial<NewClient>),
    name: client.name,
    clientType: client.clientType,
    ...definedOnly(read.change),
  } as NewClient)
  const left = missing.filter((name) => settableMembers.includes(name) && !firm.has(name))
  return { ...read, change: { ...Object.fromEntries(left.map((name) => [name, defaults[name]])), ...read.change } }
}

/** With what the change makes of the whole client. */
function judged(client: Client, { change, issues, unreadable }: ReadChange): ReturnType<Revision> {
  if (unreadable.has('')) return { changed: {}, issues }
  const changed = changedSettings(client, change)
  return { changed, issues: [...issues, ...contradictions({ ...client, ...changed }, unreadable)] }
}

/** RFC 7396 §2. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = merged(result[name], value)
  }
  return result
}
