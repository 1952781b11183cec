import { type ApiRequest, jsonBody } from '../transport/request.ts'

const PATH = '/v1/admin/signing-keys'

/** A signing key, without its private part. Times are ISO 8601. */
export interface SigningKey {
  kid: string
  alg: string
  /** `next` is published and signs later; `retired` verifies only. */
  state: 'next' | 'current' | 'retired'
  createdAt: string
  /** The time from which it signs. */
  activatesAt: string
}

export interface KeyRotation {
  /** Undefined: the keys of all algorithms. */
  algorithms?: string[]
  /** `now` signs with the new keys at once; `known` waits until clients have read them from the JWKS. */
  when: 'now' | 'known'
}

export const listSigningKeys = (): ApiRequest<{ data: SigningKey[] }> => ({ method: 'GET', path: PATH })

export interface RotatedKeys {
  data: SigningKey[]
  /** The algorithms whose keys stay, because they were replaced or published less than five minutes ago. Undefined: an older server. */
  unchanged?: { alg: string; rotatableFrom: string }[]
}

export const rotateSigningKeys = (rotation: KeyRotation): ApiRequest<RotatedKeys> => ({
  ...jsonBody(rotation),
  method: 'POST',
  path: `${PATH}/rotate`,
})
