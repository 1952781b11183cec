import type { ShownClient } from './client-requests.ts'
import type { Description } from './operations.ts'

/**
 * What of a client can be set, as the server's description has it, in its order: what can be sent back, or to another
 * server. Members that are another name of one, and none of its own, are left out.
 */
export function settingsOf(client: ShownClient, { membersOf }: Description): ShownClient {
  const settable = new Set([...membersOf('createClient'), ...membersOf('replaceClient')])
  settable.delete('pkceRequired')
  return Object.fromEntries(
    [...settable].filter((member) => member in client).map((member) => [member, client[member]]),
  )
}
