import { isDeepStrictEqual } from 'node:util'
import type { ClientUpdate } from '../../clients/management/update-client.ts'
import {
  applyDefaults,
  changedSettings,
  clientChangeSchema,
  settableProperties,
  type ClientChange,
  type NewClient,
} from '../../clients/settings/schema.ts'
import { validateSettings } from '../../clients/settings/validation.ts'
import { PreconditionFailed } from '../../lib/domain-error.ts'
import { isObject, omitUndefined } from '../../lib/object.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import type { Client } from '../../model/clients/client.ts'
import type { TokenLifetimes } from '../../model/organisations/organisation-settings.ts'
import { applyJsonPatch } from '../json-patch.ts'
import { applyMergePatch } from '../patch-body.ts'
import { representClient } from './client-representation.ts'

// How a request body becomes an update of client settings: partial JSON, JSON Merge Patch (RFC 7396), JSON Patch
// (RFC 6902) or a replacement.

/** Sets the members of `body`, each as a whole. The others stay unchanged. */
export function propertyUpdate(body: unknown): ClientUpdate {
  return (client) => validate(client, readChange(body))
}

/** JSON Merge Patch (RFC 7396) of the representation that GET returns. A removed member is reset to its default. */
export function mergePatchUpdate(body: unknown): ClientUpdate {
  return (client, lifetimes) =>
    validate(client, diff(client, applyMergePatch(representClient(client), body), mandatoryInPatch, lifetimes))
}

/** JSON Patch (RFC 6902) of the representation that GET returns. A removed member is reset to its default. */
export function jsonPatchUpdate(body: unknown): ClientUpdate {
  return (client, lifetimes) =>
    validate(client, diff(client, applyJsonPatch(representClient(client), body), mandatoryInPatch, lifetimes))
}

/**
 * Replaces the whole client. Members that are left out are reset to their defaults, except `isActive`, which stays.
 * Read-only members may be sent with the values that GET returns.
 */
export function replacementUpdate(body: unknown): ClientUpdate {
  return (client, lifetimes) => validate(client, diff(client, body, mandatoryInReplacement, lifetimes))
}

const mandatoryInReplacement = new Set(['name'])
const withoutDefault = new Set(['name', 'clientType', 'isActive'])
/** Members that a patch may not remove: read-only ones, and those without a default. */
const mandatoryInPatch = {
  has: (name: string) => !settableProperties.includes(name) || withoutDefault.has(name),
}

interface ParsedChange {
  change: ClientChange
  issues: ValidationIssue[]
  /** The members whose values are invalid by themselves. */
  unreadable: ReadonlySet<string>
}

/** Parses the valid members of a change, and collects the issues of the others. */
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

/** The change that turns `client` into `target`. `mandatory` has the members that `target` must have. */
function diff(
  client: Client,
  target: unknown,
  mandatory: { has(name: string): boolean },
  lifetimes: TokenLifetimes | undefined,
): ParsedChange {
  if (!isObject(target)) return readChange(target)
  assertNotStale(client, target['updatedAt'])
  const shown: Readonly<Record<string, unknown>> = representClient(client)
  // A client may be used between the caller's read and its write.
  const isUnchanged = (name: string, value: unknown) =>
    Object.hasOwn(shown, name) && (name === 'lastUsedAt' || isDeepStrictEqual(value, shown[name]))
  const members = Object.entries(target)
  const absent = Object.keys(shown).filter((name) => !Object.hasOwn(target, name) && name !== 'pkceRequired')
  const parsed = readChange({
    ...Object.fromEntries(members.filter(([name, value]) => !isUnchanged(name, value))),
    // A merge patch cannot distinguish null from absent.
    ...Object.fromEntries(
      absent.filter((name) => mandatory.has(name) && shown[name] !== null).map((name) => [name, null]),
    ),
  })
  const unchanged = members.filter(([name, value]) => isUnchanged(name, value) && settableProperties.includes(name))
  const given = {
    ...(Object.fromEntries(unchanged.filter(([name]) => name !== 'pkceRequired')) as Partial<NewClient>),
    name: client.name,
    clientType: client.clientType,
    ...omitUndefined(parsed.change),
  } as NewClient
  const defaults: Readonly<Record<string, unknown>> = applyDefaults(given, lifetimes)
  const resetProperties = absent.filter((name) => settableProperties.includes(name) && !withoutDefault.has(name))
  return {
    ...parsed,
    change: { ...Object.fromEntries(resetProperties.map((name) => [name, defaults[name]])), ...parsed.change },
  }
}

/** Rejects a representation that was read before the client last changed: its differences are not all intended. */
function assertNotStale({ createdAt, updatedAt }: Client, sent: unknown): void {
  if (typeof sent !== 'string' || !(new Date(sent) >= createdAt && new Date(sent) < updatedAt)) return
  throw new PreconditionFailed(
    `The client has changed since you read it: updatedAt is ${updatedAt.toISOString()} now, and ${sent.slice(0, 40)} in the body. Read it again.`,
  )
}

/** Validates the client that the change would produce. */
function validate(client: Client, { change, issues, unreadable }: ParsedChange): ReturnType<ClientUpdate> {
  if (unreadable.has('')) return { changed: {}, issues }
  const changed = changedSettings(client, change)
  return { changed, issues: [...issues, ...validateSettings({ ...client, ...changed }, unreadable)] }
}
