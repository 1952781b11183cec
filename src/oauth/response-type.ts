/** The response types that a client can register, as spelled in the IANA registry (OAuth 2.0 Multiple Response Types). */
export const responseTypes = [
  'code',
  'id_token',
  'id_token token',
  'code id_token',
  'code token',
  'code id_token token',
] as const
export type ResponseType = (typeof responseTypes)[number]

/** How a response is encoded: as parameters, or as a JWT that contains them (JARM §2.3). */
export const responseModes = [
  'query',
  'fragment',
  'form_post',
  'query.jwt',
  'fragment.jwt',
  'form_post.jwt',
  'jwt',
] as const
export type ResponseMode = (typeof responseModes)[number]
/** Where the parameters of a response are sent, and whether they are in a JWT. */
export interface ResponseEncoding {
  transport: 'query' | 'fragment' | 'form_post'
  asJwt: boolean
}

/** What the authorization endpoint can issue. */
export type IssuedArtifact = 'code' | 'id_token' | 'token'

/** Parses a response type. The order of its words does not matter (§3). */
export function parseResponseType(text: string): ResponseType | undefined {
  return responseTypeBySortedWords.get(sortWords(text))
}

const sortWords = (text: string) => (text.includes(' ') ? text.split(' ').sort().join(' ') : text)
const responseTypeBySortedWords = new Map(responseTypes.map((type) => [sortWords(type), type]))

export function responseTypeIncludes(type: string, artifact: IssuedArtifact): boolean {
  return type.split(' ').includes(artifact)
}

/** Whether the response contains tokens. Those must not be sent in a query, which browsers and servers record. */
export function issuesFrontChannelTokens(type: string): boolean {
  return type !== 'code'
}

/** The grant types that a client must register for a response type (OpenID Connect Registration §2). */
export function requiredGrantTypes(type: string): ('authorization_code' | 'implicit')[] {
  return [
    ...(responseTypeIncludes(type, 'code') ? (['authorization_code'] as const) : []),
    ...(issuesFrontChannelTokens(type) ? (['implicit'] as const) : []),
  ]
}

const encodingByMode: Readonly<
  Record<ResponseMode, { transport: ResponseEncoding['transport'] | undefined; asJwt: boolean }>
> = {
  query: { transport: 'query', asJwt: false },
  fragment: { transport: 'fragment', asJwt: false },
  form_post: { transport: 'form_post', asJwt: false },
  'query.jwt': { transport: 'query', asJwt: true },
  'fragment.jwt': { transport: 'fragment', asJwt: true },
  'form_post.jwt': { transport: 'form_post', asJwt: true },
  jwt: { transport: undefined, asJwt: true },
}

/** The encoding of a response mode, with the default transport of the response type (§3.0, §5; JARM §2.3.4). */
export function resolveResponseEncoding(
  mode: ResponseMode | undefined,
  type: ResponseType | undefined,
): ResponseEncoding {
  const defaultTransport = type !== undefined && issuesFrontChannelTokens(type) ? 'fragment' : 'query'
  const { transport, asJwt } = mode === undefined ? { transport: undefined, asJwt: false } : encodingByMode[mode]
  return { transport: transport ?? defaultTransport, asJwt }
}
