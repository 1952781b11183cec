import { type ApiRequest, jsonBody } from '../transport/request.ts'

const PATH = '/v1/admin/signing-keys'

export interface SigningKey {
  kid: string
  alg: string
  state: string
  createdAt: string
  activatesAt: string | null
}

export interface KeyRotation {
  /** Undefined: the keys of all algorithms. */
  algorithms?: string[]
  /** `now` signs with the new keys at once; `known` waits until clients have read them from the JWKS. */
  when: 'now' | 'known'
}

export const listSigningKeys = (): ApiRequest<{ data: SigningKey[] }> => ({ method: 'GET', path: PATH })

export const rotateSigningKeys = (rotation: KeyRotation): ApiRequest<{ data: SigningKey[] }> => ({
  ...jsonBody(rotation),
  method: 'POST',
  path: `${PATH}/rotate`,
})
