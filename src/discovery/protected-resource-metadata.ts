import { z } from 'zod'
import { signingAlgorithms } from '../model/clients/client-algorithms.ts'
import type { ProtectedResource } from '../model/resources/protected-resource.ts'
import { permissionCatalogue } from '../permissions/catalogue.ts'

const text = z.string()

/** RFC 9728 §2. */
export const protectedResourceMetadata = z
  .looseObject({
    resource: text.meta({ description: 'The identifier of the resource (RFC 8707).' }),
    authorization_servers: z.array(text),
    scopes_supported: z.array(text),
    bearer_methods_supported: z.array(text),
    resource_name: text,
    resource_documentation: text.optional(),
    dpop_signing_alg_values_supported: z.array(text).optional(),
    tls_client_certificate_bound_access_tokens: z.boolean().optional(),
  })
  .meta({ description: 'RFC 9728 section 2. The name may follow in other languages, as resource_name#de.' })
export type ProtectedResourceMetadata = z.output<typeof protectedResourceMetadata>

/** The metadata of the API of this server: `/v1` and userinfo. */
export function ownResourceMetadata(issuer: string, mtlsUrl: string | undefined): ProtectedResourceMetadata {
  const permissions = permissionCatalogue.map(({ slug }) => slug).filter((slug) => !slug.includes('*'))
  return {
    resource: issuer,
    authorization_servers: [issuer],
    // The scopes of userinfo and of the own account, and a permission for each operation of the management API.
    scopes_supported: ['openid', 'profile', 'email', ...permissions],
    bearer_methods_supported: ['header'],
    resource_name: 'Cerberus',
    resource_documentation: `${issuer}/docs`,
    dpop_signing_alg_values_supported: [...signingAlgorithms],
    ...(mtlsUrl !== undefined && { tls_client_certificate_bound_access_tokens: true }),
  }
}

/** The metadata of a registered resource. */
export function hostedResourceMetadata(resource: ProtectedResource, issuer: string): ProtectedResourceMetadata {
  const { identifier, name, localised, scopes, documentationUri } = resource
  return {
    resource: identifier,
    authorization_servers: [issuer],
    scopes_supported: scopes.map((scope) => scope.name),
    bearer_methods_supported: ['header'],
    resource_name: name,
    ...Object.fromEntries(Object.entries(localised).map(([tag, texts]) => [`resource_name#${tag}`, texts.name])),
    ...(documentationUri !== null && { resource_documentation: documentationUri }),
  }
}
