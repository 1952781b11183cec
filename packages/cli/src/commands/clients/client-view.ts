import { getOpenApiDocument, isObject } from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import type { ClientView } from '../../output/client-output.ts'
import { sendOrThrow } from '../../requests/send.ts'
import type { Session } from '../../sign-in/session.ts'

/** The option of every command that shows a client. */
export interface ViewOptions {
  full?: true
}

export const addViewOption = (command: Command): Command =>
  command.option('--full', 'show all members, also settings with their default value')

/** How a command shows the client that it read or changed. `change` is the data that it sent. */
export function viewOf({ server }: Session, { full }: ViewOptions, change?: unknown): ClientView {
  return {
    readDocument: async () => (await sendOrThrow(server, getOpenApiDocument())).body,
    full: full ?? false,
    changed: changedMembers(change),
  }
}

/** The members that data sets: those of an object, or the first step of each path of a JSON Patch (RFC 6902). */
function changedMembers(change: unknown): string[] {
  if (isObject(change)) return Object.keys(change)
  if (!Array.isArray(change)) return []
  return change.flatMap((operation: unknown) => {
    const path = isObject(operation) ? operation['path'] : undefined
    return typeof path === 'string' ? [path.split('/')[1] ?? ''] : []
  })
}
