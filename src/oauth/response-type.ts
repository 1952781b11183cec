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
export interface Carriage {
  by: 'query' | 'fragment' | 'form_post'
  signed: boolean
}

/** What a response type asks the authorization endpoint for. */
export type Issued = 'code' | 'id_token' | 'token'

/** The response type that `text` names: the order of its words means nothing (§3). */
export function parseResponseType(text: string): ResponseType | undefined {
  return byWords.get(inOrder(text))
}

const inOrder = (text: string) => (text.includes(' ') ? text.split(' ').sort().join(' ') : text)
const byWords = new Map(responseTypes.map((type) => [inOrder(type), type]))

export function includes(type: string, issued: Issued): boolean {
  return type.split(' ').includes(issued)
}

/** Whether tokens pass through the browser, where the address bar, its history and the server's log must not see them. */
export function issuesInFront(type: string): boolean {
  return type !== 'code'
}

/** The grants that a client must hold for a response type (OpenID Connect Registration §2). */
export function grantsOf(type: string): ('authorization_code' | 'implicit')[] {
  return [
    ...(includes(type, 'code') ? (['authorization_code'] as const) : []),
    ...(issuesInFront(type) ? (['implicit'] as const) : []),
  ]
}

const carriages: Readonly<Record<ResponseMode, { by: Carriage['by'] | undefined; signed: boolean }>> = {
  query: { by: 'query', signed: false },
  fragment: { by: 'fragment', signed: false },
  form_post: { by: 'form_post', signed: false },
  'query.jwt': { by: 'query', signed: true },
  'fragment.jwt': { by: 'fragment', signed: true },
  'form_post.jwt': { by: 'form_post', signed: true },
  jwt: { by: undefined, signed: true },
}

/** What carries a response; where the mode does not say by what, it is what is usual for the type (§3.0, §5; JARM §2.3.4). */
export function carriageOf(mode: ResponseMode | undefined, type: ResponseType | undefined): Carriage {
  const usual = type !== undefined && issuesInFront(type) ? 'fragment' : 'query'
  const { by, signed } = mode === undefined ? { by: undefined, signed: false } : carriages[mode]
  return { by: by ?? usual, signed }
}
