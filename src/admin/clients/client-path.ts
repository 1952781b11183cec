// `admin/clients` owns the operations on the clients of an organisation.
// Sub-folders: `lifecycle` (enable, disable, clone, revoke), `secrets`, `grants` and `consents` of one client.
// `resource.ts` lists the operations. What they do belongs to `clients/management`.

import { z } from 'zod'

export const CLIENTS_TAG = 'Clients'
export const CLIENTS_PATH = '/v1/admin/clients'
export const CLIENT_PATH = `${CLIENTS_PATH}/:id`

/** The path parameters of an operation on one client. */
export const clientParams = z.object({ id: z.string().describe('The id of the client, or its clientId.') })
