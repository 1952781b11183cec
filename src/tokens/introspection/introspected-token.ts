import type { ClientCache } from '../../model/clients/client-cache.ts'
import type { AccessTokenRepository, ActiveToken, InspectedToken } from '../../model/grants/access-token.ts'
import type { SubjectDetails } from '../../model/grants/grant.ts'
import { findActiveAccessToken, type AccessTokenReadOptions, type ActiveAccessToken } from '../access-token.ts'
import { accessReads, INTROSPECTION_PLACES } from '../released-claims/access-reads.ts'
import { claimRulesOf, rulesFor } from '../released-claims/claim-rules.ts'
import { releasedClaims } from '../released-claims/claim-values.ts'

/** The user of an introspected token, and the claims that the client of the token has configured for introspection. */
export interface IntrospectedSubject {
  email: string
  claims: Record<string, unknown>
}

export interface IntrospectedTokenOptions extends AccessTokenReadOptions {
  clients: Pick<ClientCache, 'find'>
  accessTokens: Pick<AccessTokenRepository, 'inspect' | 'inspectForUserinfo'>
}

/** Finds an active access token for introspection. Makes one read, which is larger only for clients with such claims. */
export async function findIntrospectedToken(
  token: string,
  options: IntrospectedTokenOptions,
): Promise<ActiveAccessToken<IntrospectedSubject> | undefined> {
  const { clients, accessTokens } = options
  const read = async (
    inspected: InspectedToken,
  ): Promise<ActiveToken<{ email: string } | SubjectDetails> | undefined> => {
    const client = await clients.find(inspected.clientId)
    const hasClaims = client !== undefined && claimRulesOf(client).some((rule) => rule.in.includes('introspection'))
    if (!hasClaims) return accessTokens.inspect(inspected)
    return accessTokens.inspectForUserinfo({ ...inspected, accessReads: accessReads(client, INTROSPECTION_PLACES) })
  }
  const active = await findActiveAccessToken(token, read, options)
  if (!active?.subject) return active && { ...active, subject: undefined }
  const { subject } = active
  if ('email' in subject) return { ...active, subject: { email: subject.email, claims: {} } }
  const client = await clients.find(active.token.clientId)
  const context = { scopes: active.token.scopes, requested: subject.claims }
  const claims =
    client === undefined
      ? {}
      : releasedClaims(rulesFor(client, 'introspection', context), { client, access: subject, user: subject.user })
  return { ...active, subject: { email: subject.user.email, claims } }
}
