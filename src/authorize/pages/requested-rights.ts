import { resourceConsent } from '../../clients/resources/requested-access.ts'
import type { ProtectedResource, ScopeText } from '../../model/resources/protected-resource.ts'
import type { ConsentProps, ConsentResource } from '../../pages/consent.tsx'
import { lookupByLanguage } from '../../pages/messages/locale.ts'
import type { AuthorizationRequest } from '../request/authorization-request.ts'

/** What the consent page shows: the scopes about the user, and those of each resource, in the first of these languages. */
export function requestedRights(
  { consentScopes, resources = [] }: Pick<AuthorizationRequest, 'consentScopes' | 'resources'>,
  languages: readonly string[],
): Pick<ConsentProps, 'scopes' | 'resources'> {
  const shown = resources.map((resource) => describeResource(resource, consentScopes, languages))
  const ofResources = new Set(
    resources.flatMap((resource) =>
      ['', ...resource.scopes.map(({ name }) => name)].map((scope) => resourceConsent(resource, scope)),
    ),
  )
  const own = consentScopes.filter((scope) => !ofResources.has(scope))
  return { scopes: own.map((name) => ({ name })), resources: shown }
}

function describeResource(
  resource: ProtectedResource,
  consentScopes: readonly string[],
  languages: readonly string[],
): ConsentResource {
  const requested = resource.scopes.filter(({ name }) => consentScopes.includes(resourceConsent(resource, name)))
  return {
    name: inLanguage(resource.localised, ({ name }) => name, languages) ?? resource.name,
    identifier: resource.identifier,
    scopes: requested.map(({ name, title, description, localised }) => {
      const text = (member: keyof ScopeText) =>
        inLanguage(localised, (texts) => texts[member] ?? undefined, languages) ?? { title, description }[member]
      return { title: text('title') ?? name, detail: text('description') ?? undefined }
    }),
  }
}

function inLanguage<Texts>(
  localised: Readonly<Record<string, Texts>>,
  read: (texts: Texts) => string | undefined,
  languages: readonly string[],
): string | undefined {
  const byTag = Object.entries(localised).map(([tag, texts]) => [tag.toLowerCase(), read(texts)] as const)
  return lookupByLanguage(new Map(byTag), languages)
}
