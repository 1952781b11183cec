import type { ResourceOptions } from '../../clients/resources/named-resources.ts'
import type { ClientCache } from '../../model/clients/client-cache.ts'
import type { AccessTokenRepository, ActiveToken, InspectedToken } from '../../model/grants/access-token.ts'
import type { SubjectDetails } from '../../model/grants/grant.ts'
import { resourceIdentifierKey } from '../../oauth/resource-identifier.ts'
import {
  findActiveAccessToken,
  type AccessToken,
  type AccessTokenReadOptions,
  type ActiveAccessToken,
} from '../access-token.ts'
import { accessReads, INTROSPECTION_PLACES } from '../released-claims/access-reads.ts'
import { claimRulesOf, rulesFor } from '../released-claims/claim-rules.ts'
import { releasedClaims, type ClaimClient } from '../released-claims/claim-values.ts'
import { claimClientOf } from '../released-claims/resource-claims.ts'

/** The user of an introspected token, and the claims that the client of the token has configured for introspection. */
export interface IntrospectedSubject {
  email: string
  claims: Record<string, unknown>
}

export interface IntrospectedTokenOptions extends AccessTokenReadOptions, ResourceOptions {
  clients: Pick<ClientCache, 'find'>
  accessTokens: Pick<AccessTokenRepository, 'inspect' | 'inspectForUserinfo'>
}

/** Finds an active access token for introspection. Makes one read, which is larger only where there are such claims. */
export async function findIntrospectedToken(
  token: string,
  options: IntrospectedTokenOptions,
): Promise<ActiveAccessToken<IntrospectedSubject> | undefined> {
  const { accessTokens } = options
  const read = async (
    inspected: InspectedToken & Pick<AccessToken, 'audience'>,
  ): Promise<ActiveToken<{ email: string } | SubjectDetails> | undefined> => {
    const client = await findClaimClient(inspected, options)
    const hasClaims = client !== undefined && claimRulesOf(client).some((rule) => rule.in.includes('introspection'))
    if (!hasClaims) return accessTokens.inspect(inspected)
    return accessTokens.inspectForUserinfo({ ...inspected, accessReads: accessReads(client, INTROSPECTION_PLACES) })
  }
  const active = await findActiveAccessToken(token, read, options)
  if (!active?.subject) return active && { ...active, subject: undefined }
  const { subject } = active
  if ('email' in subject) return { ...active, subject: { email: subject.email, claims: {} } }
  const client = await findClaimClient(active.token, options)
  const context = { scopes: active.token.scopes, requested: subject.claims }
  const claims =
    client === undefined
      ? {}
      : releasedClaims(rulesFor(client, 'introspection', context), { client, access: subject, user: subject.user })
  return { ...active, subject: { email: subject.user.email, claims } }
}

/** Whose rules decide: the resources of the token, or its client. None for a token whose resource was deleted. */
async function findClaimClient(
  { clientId, organisationId, audience }: Pick<AccessToken, 'clientId' | 'organisationId' | 'audience'>,
  { issuer, clients, resourceCache }: IntrospectedTokenOptions,
): Promise<ClaimClient | undefined> {
  const client = await clients.find(clientId)
  if (!client || audience.includes(issuer)) return client
  const registered = await resourceCache.ofOrganisation(organisationId)
  const resources = audience.flatMap((identifier) => registered.get(resourceIdentifierKey(identifier)) ?? [])
  if (resources.length > 0) return claimClientOf(resources, client)
  return audience.every((identifier) => client.audience.includes(identifier)) ? client : undefined
}
