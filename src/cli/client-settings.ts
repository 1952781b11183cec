import type { ShownClient } from './client-requests.ts'
import type { Description } from './operations.ts'

/** What a client can be given, in the order of the server's description; not what is another name of one of these. */
export function settableMembers({ membersOf }: Description): Set<string> {
  const settable = new Set([...membersOf('createClient'), ...membersOf('replaceClient')])
  settable.delete('pkceRequired')
  return settable
}

/**
 * What of a client can be set, as the server's description has it, in its order: what can be sent back, or to another
 * server.
 */
export function settingsOf(client: ShownClient, description: Description): ShownClient {
  return Object.fromEntries(
    [...settableMembers(description)].filter((member) => member in client).map((member) => [member, client[member]]),
  )
}
