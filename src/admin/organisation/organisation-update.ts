import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import { isObject } from '../../lib/object.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import { completeOrganisationSettings } from '../../model/organisations/organisation-settings.ts'
import type { Organisation } from '../../model/organisations/organisation.ts'
import type { ChangedMembers } from '../../organisations/organisation-change.ts'
import type { OrganisationUpdate } from '../../organisations/update-organisation.ts'
import { applyJsonPatch } from '../json-patch.ts'
import { applyMergePatch } from '../patch-body.ts'
import { organisationChangeSchema } from './organisation-members.ts'
import { representOrganisation } from './organisation.ts'

/** JSON Merge Patch (RFC 7396) of the representation that GET returns. A removed member is reset to its default. */
export function mergePatchUpdate(body: unknown): OrganisationUpdate {
  return (organisation) => changeTo(organisation, applyMergePatch(representOrganisation(organisation), body))
}

/** JSON Patch (RFC 6902) of the representation that GET returns. A removed member is reset to its default. */
export function jsonPatchUpdate(body: unknown): OrganisationUpdate {
  return (organisation) => changeTo(organisation, applyJsonPatch(representOrganisation(organisation), body))
}

/** The change that turns the organisation into `target`, which is like the representation that GET returns. */
export function changeTo(organisation: Organisation, target: unknown): ReturnType<OrganisationUpdate> {
  if (!isObject(target)) return parseMembers(target)
  const shown: Readonly<Record<string, unknown>> = representOrganisation(organisation)
  const changed = Object.entries(target).filter(([name, value]) => !isDeepStrictEqual(value, shown[name]))
  const removed = Object.keys(shown).filter((name) => !Object.hasOwn(target, name) && shown[name] !== null)
  return parseMembers({ ...Object.fromEntries(changed), ...Object.fromEntries(removed.map((name) => [name, null])) })
}

function parseMembers(body: unknown): ReturnType<OrganisationUpdate> {
  const result = organisationChangeSchema.safeParse(body)
  if (!result.success) return { changed: {}, issues: result.error.issues as ValidationIssue[] }
  return { changed: readMembers(result.data), issues: [] }
}

/** The members of a body that `organisationChangeSchema` has accepted. Missing members of a policy have their default. */
export function readMembers(body: z.output<typeof organisationChangeSchema>): ChangedMembers {
  const { authenticationPolicy, passwordPolicy, tokenLifetimePolicy, branding, ...members } = body
  const complete = completeOrganisationSettings({
    ...(authenticationPolicy && { authenticationPolicy: withoutNull(authenticationPolicy) }),
    ...(passwordPolicy && { passwordPolicy: withoutNull(passwordPolicy) }),
    ...(tokenLifetimePolicy && { tokenLifetimePolicy }),
    ...(branding && { branding }),
  })
  return {
    ...members,
    ...(authenticationPolicy !== undefined && {
      authenticationPolicy: authenticationPolicy && complete.authenticationPolicy,
    }),
    ...(passwordPolicy !== undefined && { passwordPolicy: passwordPolicy && complete.passwordPolicy }),
    ...(tokenLifetimePolicy !== undefined && {
      tokenLifetimePolicy: tokenLifetimePolicy && complete.tokenLifetimePolicy,
    }),
    ...(branding !== undefined && { branding: branding && complete.branding }),
  }
}

const withoutNull = (members: object) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null && value !== undefined))
