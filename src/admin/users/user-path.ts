// `admin/users` owns the operations on the users of an organisation: accounts, memberships, roles and sessions.
// `resource.ts` lists the operations. What they do belongs to `users`; what users do for themselves to `account`.

import { z } from 'zod'

export const USERS_TAG = 'Users'
export const USERS_PATH = '/v1/admin/users'
export const USER_PATH = `${USERS_PATH}/:id`

export const userId = z.uuid({ error: 'must be the id of a user' })

/** The path parameters of an operation on one user. */
export const userParams = z.object({ id: userId })
