// `members` is what can be set of a client, and what each of it means: forms, command lines and documents are made from it.

import type { z } from 'zod'
import { redirection, logout } from './addresses.ts'
import { administration, application, display, life } from './application.ts'
import { authentication } from './authentication.ts'
import { authorization, people } from './authorization.ts'
import { signatures, tokens } from './tokens.ts'

/** What every client has from the beginning. */
export const requiredMembers = application
/** What has a default. */
export const optionalMembers = {
  ...administration,
  ...redirection,
  ...authorization,
  ...authentication,
  ...tokens,
  ...people,
  ...signatures,
  ...display,
  ...logout,
  ...life,
}

const everyMember: Readonly<Record<string, z.ZodType>> = { ...requiredMembers, ...optionalMembers }

/** What a member means, and its heading, as members of its JSON Schema; empty where it cannot be set. */
export function noteOf(member: string): Record<string, string> {
  const { description: meaning, 'x-group': heading } = everyMember[member]?.meta() ?? {}
  return {
    ...(meaning !== undefined && { description: meaning }),
    ...(typeof heading === 'string' && { 'x-group': heading }),
  }
}
