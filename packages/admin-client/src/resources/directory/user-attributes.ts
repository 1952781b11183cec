import { type ApiRequest, jsonBody, withQuery } from '../../transport/request.ts'

const ATTRIBUTES_PATH = '/v1/admin/user-attributes'

/** An attribute that the organisation defines for its users. Times are ISO 8601. */
export interface UserAttribute {
  name: string
  type: string
  /** `editable`, `readable` or `hidden`: what users may do with their own value. */
  access: string
  required: boolean
  unique: boolean
  searchable: boolean
  pattern: string | null
  maxLength: number | null
  options: string[]
  titles: { en?: string; de?: string }
  createdAt: string
  updatedAt: string
}

const attributePath = (name: string) => `${ATTRIBUTES_PATH}/${encodeURIComponent(name)}`

export const listUserAttributes = (): ApiRequest<{ data: UserAttribute[]; total: number }> => ({
  method: 'GET',
  path: ATTRIBUTES_PATH,
})

export const getUserAttribute = (name: string): ApiRequest<UserAttribute> => ({
  method: 'GET',
  path: attributePath(name),
})

export const createUserAttribute = (definition: unknown): ApiRequest<UserAttribute> => ({
  ...jsonBody(definition),
  method: 'POST',
  path: ATTRIBUTES_PATH,
})

export const updateUserAttribute = (name: string, changes: unknown): ApiRequest<UserAttribute> => ({
  ...jsonBody(changes),
  method: 'PATCH',
  path: attributePath(name),
})

/** How many users have a value, which deleting the attribute would delete. */
export const countUserAttributeValues = (name: string): ApiRequest<{ dryRun: true; users: number }> => ({
  method: 'DELETE',
  path: withQuery(attributePath(name), { dryRun: 'true' }),
})

/** Deletes the values of `users` users, too; another number is rejected. */
export const deleteUserAttribute = (name: string, users: number): ApiRequest => ({
  method: 'DELETE',
  path: withQuery(attributePath(name), { users: String(users) }),
})
