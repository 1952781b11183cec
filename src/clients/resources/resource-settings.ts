import { z } from 'zod'
import { signingAlgorithms } from '../../model/clients/client-algorithms.ts'
import { accessTokenFormats, accessTokenTypes } from '../../model/clients/client.ts'
import { clientKinds } from '../../model/resources/protected-resource.ts'
import { isIdentityScope } from '../../oauth/scope.ts'
import { claimList } from '../settings/properties/claims.ts'
import * as field from '../settings/properties/fields.ts'

const MAX_SCOPES = 100
const MAX_LANGUAGES = 20

const byLanguage = <Texts extends z.ZodRawShape>(texts: Texts) => field.byLanguage(texts, MAX_LANGUAGES)

const title = field.displayName.max(100, { error: 'must have at most 100 characters' }).nullable()
const description = field.visibleText(300).nullable()

const scopeName = field.scope.refine((name) => !isIdentityScope(name), {
  error: 'is a scope about users: choose another name',
})

const resourceScope = z
  .strictObject(
    {
      name: scopeName,
      title: title.default(null).describe('What the consent page calls it; default its name.'),
      description: description.default(null).describe('A sentence below the title.'),
      localised: byLanguage({ title: title.optional(), description: description.optional() })
        .default({})
        .describe('title and description by language tag.'),
    },
    { error: ({ code }) => (code === 'unrecognized_keys' ? 'has unknown members' : 'must be an object with a name') },
  )
  .meta({ id: 'ResourceScope' })

const scopes = z
  .array(resourceScope, { error: 'must be a list of scopes' })
  .max(MAX_SCOPES, { error: `must have at most ${MAX_SCOPES} entries` })
  .superRefine((list, context) => {
    list.forEach(({ name }, index) => {
      if (list.findIndex((other) => other.name === name) === index) return
      context.addIssue({ code: 'custom', path: [index, 'name'], message: 'is listed before; list it once' })
    })
  })

const places = ['access_token', 'introspection']

const claims = claimList.superRefine((list, context) => {
  list.forEach(({ in: where, scope }, index) => {
    const issue = (member: string, message: string) =>
      context.addIssue({ code: 'custom', path: [index, member], message })
    if (where.some((place) => !places.includes(place))) issue('in', `must be in ${places.join(' or ')}`)
    if (scope !== undefined && isIdentityScope(scope)) issue('scope', 'must be a scope of the resource')
  })
})

/** The members of a resource that can be changed. */
export const resourceMembers = {
  name: field.displayName
    .max(100, { error: 'must have at most 100 characters' })
    .describe('The consent page shows it.'),
  localised: byLanguage({ name: field.displayName.max(100, { error: 'must have at most 100 characters' }) }).describe(
    'The name by language tag.',
  ),
  isActive: field.boolean.describe('While false, no token is issued for it. Tokens that exist stay active.'),
  scopes: scopes.describe('The scopes that a token for it may have, with their words on the consent page.'),
  accessTokenFormat: field
    .oneOf(accessTokenFormats)
    .describe('jwt (default): RFC 9068. opaque: the resource introspects its tokens.'),
  accessTokenTyp: field
    .oneOf(accessTokenTypes)
    .describe('The typ header of JWT access tokens. JWT: for libraries that do not accept the default at+jwt.'),
  accessTokenSigningAlg: field.oneOf(signingAlgorithms).describe('The algorithm of JWT access tokens; default ES256.'),
  accessTokenLifetime: field.integer(1, 86_400).nullable().describe('Seconds. Null: that of the client.'),
  clientKinds: field
    .listOf(field.oneOf(clientKinds))
    .describe(
      'The clients that may request it. managed (default): registered by an administrator. first_party, dcr: registered themselves (RFC 7591). cimd: have a metadata document. all: every client of the organisation.',
    ),
  clients: field.listOf(field.text(2048)).describe('Clients that may request it besides these, by client_id.'),
  claims: claims.describe(
    'Claims about the user in its access tokens and their introspection, as of clients (source, name, in, shape, prefix, scope, attribute, value). scope is a scope of the resource. The claims of the client are not in its tokens.',
  ),
  maxClaimBytes: field
    .integer(256, 32_768)
    .describe('Octets that the claims may add to a token; default 4096. Beyond it, NAME_overflow is true instead.'),
  hostsMetadata: field.boolean.describe('Whether this server publishes its metadata (RFC 9728).'),
  documentationUri: field.webUri.nullable().describe('The URL of its documentation for developers.'),
}
