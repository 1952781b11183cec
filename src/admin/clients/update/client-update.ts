// `admin/clients/update` owns how a request body becomes a change of client settings.
// It supports JSON Merge Patch (RFC 7396), JSON Patch (RFC 6902), partial JSON and replacement.
// Validation of the result belongs to `clients/settings`.

import { isDeepStrictEqual } from 'node:util'
import type { ValidationIssue } from '../../../http/errors/problem.ts'
import { omitUndefined, isObject } from '../../../lib/object.ts'
import type { Client, ClientSettings } from '../../../model/clients/client.ts'
import { validateSettings } from '../../../clients/settings/validation.ts'
import { applyJsonPatch } from '../../json-patch.ts'
import {
  changedSettings,
  clientChangeSchema,
  applyDefaults,
  settableProperties,
  type ClientChange,
  type NewClient,
} from '../../../clients/settings/schema.ts'
import { representClient } from '../representation.ts'

/** What a request makes of a client as it is now: the settings that differ, and all that is wrong with them. */
export type ClientUpdate = (client: Client) => { changed: Partial<ClientSettings>; issues: ValidationIssue[] }

/** Sets the members that `body` has, each as a whole; the others stay. */
export function propertyUpdate(body: unknown): ClientUpdate {
  return (client) => validate(client, readChange(body))
}

/** JSON Merge Patch (RFC 7396), applied to what GET shows. A member that is taken away goes back to its default. */
export function mergePatchUpdate(body: unknown): ClientUpdate {
  return (client) => validate(client, diff(client, applyMergePatch(representClient(client), body), mandatoryInPatch))
}

/** JSON Patch (RFC 6902), applied to what GET shows. A member that is taken away goes back to its default. */
export function jsonPatchUpdate(body: unknown): ClientUpdate {
  return (client) => validate(client, diff(client, applyJsonPatch(representClient(client), body), mandatoryInPatch))
}

/**
 * The whole client as it is to be: what is left out goes back to its default, but `isActive`, which nobody is to change by
 * silence. What the server sets may be there as GET has it.
 */
export function replacementUpdate(body: unknown): ClientUpdate {
  return (client) => validate(client, diff(client, body, mandatoryInReplacement))
}

const mandatoryInReplacement = new Set(['name'])
const withoutDefault = new Set(['name', 'clientType', 'isActive'])
/** What a patch finds in the client and must leave there; anything else that it takes away has a default. */
const mandatoryInPatch = {
  has: (name: string) => !settableProperties.includes(name) || withoutDefault.has(name),
}

interface ParsedChange {
  change: ClientChange
  issues: ValidationIssue[]
  /** The members that cannot be told from what was sent. */
  unreadable: ReadonlySet<string>
}

/** Reads a change as far as it can be read. */
function readChange(body: unknown): ParsedChange {
  const result = clientChangeSchema.safeParse(body)
  if (result.success) return { change: result.data, issues: [], unreadable: new Set() }
  const issues = result.error.issues as ValidationIssue[]
  const unreadable = new Set(issues.map(({ path }) => String(path[0] ?? '')))
  if (unreadable.has('') || !isObject(body)) return { change: {}, issues, unreadable: new Set(['']) }
  if (unreadable.has('pkceRequired')) unreadable.add('requirePkce')
  const readable = Object.entries(body).filter(([name]) => !unreadable.has(name))
  return { change: clientChangeSchema.parse(Object.fromEntries(readable)), issues, unreadable }
}

/** The change that makes `client` look like `target`. `kept` are the members that must be there. */
function diff(client: Client, target: unknown, mandatory: { has(name: string): boolean }): ParsedChange {
  if (!isObject(target)) return readChange(target)
  const shown: Readonly<Record<string, unknown>> = representClient(client)
  // A use between reading and writing contradicts nobody.
  const isUnchanged = (name: string, value: unknown) =>
    Object.hasOwn(shown, name) && (name === 'lastUsedAt' || isDeepStrictEqual(value, shown[name]))
  const members = Object.entries(target)
  const absent = Object.keys(shown).filter((name) => !Object.hasOwn(target, name) && name !== 'pkceRequired')
  const parsed = readChange({
    ...Object.fromEntries(members.filter(([name, value]) => !isUnchanged(name, value))),
    // What is null is not there for a merge patch.
    ...Object.fromEntries(
      absent.filter((name) => mandatory.has(name) && shown[name] !== null).map((name) => [name, null]),
    ),
  })
  const unchanged = members.filter(([name, value]) => isUnchanged(name, value) && settableProperties.includes(name))
  const defaults: Readonly<Record<string, unknown>> = applyDefaults({
    ...(Object.fromEntries(unchanged.filter(([name]) => name !== 'pkceRequired')) as Partial<NewClient>),
    name: client.name,
    clientType: client.clientType,
    ...omitUndefined(parsed.change),
  } as NewClient)
  const resetProperties = absent.filter((name) => settableProperties.includes(name) && !withoutDefault.has(name))
  return {
    ...parsed,
    change: { ...Object.fromEntries(resetProperties.map((name) => [name, defaults[name]])), ...parsed.change },
  }
}

/** With what the change makes of the whole client. */
function validate(client: Client, { change, issues, unreadable }: ParsedChange): ReturnType<ClientUpdate> {
  if (unreadable.has('')) return { changed: {}, issues }
  const changed = changedSettings(client, change)
  return { changed, issues: [...issues, ...validateSettings({ ...client, ...changed }, unreadable)] }
}

/** RFC 7396 §2. */
function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = applyMergePatch(result[name], value)
  }
  return result
}
