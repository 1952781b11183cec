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

export const responseModes = ['query', 'fragment', 'form_post'] as const
export type ResponseMode = (typeof responseModes)[number]

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

/** How a response goes back where the request does not say (§3.0, §5). */
export function defaultResponseMode(type: ResponseType | undefined): ResponseMode {
  return type !== undefined && issuesInFront(type) ? 'fragment' : 'query'
}
