import { notFound, Problem } from '../../http/errors/problem.ts'
import type { Client } from '../../model/clients/client.ts'

/** The client, or the problem that there is none. */
export function requireClient(client: Client | undefined): Client {
  if (!client) throw clientNotFound()
  return client
}

export function externalIdConflict(): Problem {
  return new Problem(409, 'conflict', 'Another client of the organisation has this externalId.')
}

export function clientNotFound(): Problem {
  return notFound('There is no such client.')
}
