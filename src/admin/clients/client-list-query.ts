import { z } from 'zod'
import { authenticationMethods } from '../../clients/authentication/methods/index.ts'
import { clientGrantTypes } from '../../clients/settings/properties/authorization.ts'
import { validationError } from '../../http/errors/problem.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import { isValidUnicode } from '../../lib/text/unicode.ts'
import type { ClientQuery } from '../../model/clients/client-repository.ts'
import {
  conflictingPageParameters,
  conflictIssues,
  enumParameter,
  integerParameter,
  pageOf,
  pageParameters,
} from '../paging.ts'

const sortFields = ['name', 'clientId', 'createdAt', 'updatedAt', 'expiresAt', 'lastUsedAt'] as const

/** Text to search for, in one parameter. */
const textParameter = (expected: string) =>
  z
    .string({ error: `must be ${expected}, sent once` })
    .refine(isValidUnicode, { error: 'must not contain the character NUL' })

/** The query string of the list of clients: which page, in which order, and which clients. */
export const clientListQuerySchema = z.object({
  ...pageParameters,
  sort: enumParameter(sortFields.flatMap((field) => [field, `-${field}` as const])).describe(
    'The member to sort by, with a hyphen in front for descending order; default -createdAt.',
  ),
  order: enumParameter(['asc', 'desc']).describe('The order of a sort without a hyphen.'),
  search: textParameter('text')
    .max(200, { error: 'must have at most 200 characters' })
    .optional()
    .describe(
      'Part of the id, client_id, name, description, a redirect URI, an origin, a contact or the software_id. Case is ignored.',
    ),
  clientType: enumParameter(['confidential', 'public']),
  isActive: enumParameter(['true', 'false']),
  group: textParameter('a group').optional().describe('The exact name of one of its groups.'),
  externalId: textParameter('an externalId').optional().describe('The exact externalId. At most one client has it.'),
  attribute: textParameter('name=value')
    .refine((text) => /^[^=]+=/.test(text), { error: 'must be name=value' })
    .optional()
    .describe('name=value: an attribute that has this value, or a list that contains it.'),
  grantType: enumParameter(clientGrantTypes),
  tokenEndpointAuthMethod: enumParameter(authenticationMethods.map(({ name }) => name)).describe(
    'One of its authentication methods, tokenEndpointAuthMethod or an additional one.',
  ),
  redirectHost: z
    .string({ error: 'must be a host, sent once' })
    .regex(/^[A-Za-z0-9.[\]:-]{1,253}$/, { error: 'must be a host, sent once' })
    .optional()
    .describe('The host of one of its redirect URIs, without the port.'),
  expiresWithin: integerParameter(0, 3_650).describe(
    'The client expires within this number of days; 0: it has expired.',
  ),
  unused: integerParameter(0, 3_650).describe(
    'The client was last used, or created if never used, at least this number of days ago.',
  ),
  status: enumParameter(['active', 'inactive']).describe('Another name of isActive.'),
})

type ClientListQuery = z.output<typeof clientListQuerySchema>

/** Which clients a query string asks for. Throws a 400 problem where two parameters say the same. */
export function readClientListQuery(query: ClientListQuery, now: Date): Omit<ClientQuery, 'organisationId'> {
  rejectConflictingParameters(query)
  const sort = query.sort ?? '-createdAt'
  const active = query.isActive === undefined ? query.status && query.status === 'active' : query.isActive === 'true'
  return {
    ...pageOf(query),
    sort: {
      by: sortFields.find((field) => sort.endsWith(field)) ?? 'createdAt',
      descending: sort.startsWith('-') || query.order === 'desc',
    },
    search: query.search?.trim() || undefined,
    clientType: query.clientType,
    isActive: active,
    group: query.group,
    externalId: query.externalId,
    attribute: query.attribute === undefined ? undefined : readAttribute(query.attribute),
    grantType: query.grantType,
    authMethod: query.tokenEndpointAuthMethod,
    redirectHost: query.redirectHost,
    expiringBefore:
      query.expiresWithin === undefined ? undefined : addSeconds(now, Number(query.expiresWithin) * 86_400),
    unusedSince: query.unused === undefined ? undefined : addSeconds(now, -Number(query.unused) * 86_400),
  }
}

function readAttribute(text: string): { name: string; value: string } {
  const [name = ''] = text.split('=', 1)
  return { name, value: text.slice(name.length + 1) }
}

function rejectConflictingParameters(query: ClientListQuery): void {
  const issues = conflictIssues(query, [...conflictingPageParameters, ['status', 'isActive']])
  if (query.order !== undefined && (query.sort ?? '-').startsWith('-')) {
    const message = 'needs a sort without a hyphen: a hyphen means descending'
    issues.push({ path: ['order'], code: 'custom', message })
  }
  if (issues.length > 0) throw validationError(issues)
}
