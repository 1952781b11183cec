/** Every response type that a client can register, in the spelling of the registry (OAuth 2.0 Multiple Response Types). */
export const responseTypes = [
  'code',
  'id_token',
  'id_token token',
  'code id_token',
  'code token',
  'code id_token token',
] as const
export type ResponseType = (typeof responseTypes)[number]

/** How a response goes back: as parameters, or as one JWT that holds them (JARM §2.3). */
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
/** What carries the parameters of a response, and whether these are in a JWT. */
export interface ResponseEncoding {
  transport: 'query' | 'fragment' | 'form_post'
  asJwt: boolean
}

/** What a response type asks the authorization endpoint for. */
export type IssuedArtifact = 'code' | 'id_token' | 'token'

/** The response type that `text` names: the order of its words means nothing (§3). */
export function parseResponseType(text: string): ResponseType | undefined {
  return responseTypeBySortedWords.get(sortWords(text))
}

const sortWords = (text: string) => (text.includes(' ') ? text.split(' ').sort().join(' ') : text)
const responseTypeBySortedWords = new Map(responseTypes.map((type) => [sortWords(type), type]))

export function responseTypeIncludes(type: string, artifact: IssuedArtifact): boolean {
  return type.split(' ').includes(artifact)
}

/** Whether tokens pass through the browser, where the address bar, its history and the server's log must not see them. */
export function issuesFrontChannelTokens(type: string): boolean {
  return type !== 'code'
}

/** The grants that a client must hold for a response type (OpenID Connect Registration §2). */
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

/** What carries a response; where the mode does not say by what, it is what is usual for the type (§3.0, §5; JARM §2.3.4). */
export function resolveResponseEncoding(
  mode: ResponseMode | undefined,
  type: ResponseType | undefined,
): ResponseEncoding {
  const defaultTransport = type !== undefined && issuesFrontChannelTokens(type) ? 'fragment' : 'query'
  const { transport, asJwt } = mode === undefined ? { transport: undefined, asJwt: false } : encodingByMode[mode]
  return { transport: transport ?? defaultTransport, asJwt }
}
