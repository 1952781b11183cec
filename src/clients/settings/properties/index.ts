// `members` is what can be set of a client, and what each of it means: forms, command lines and documents are made from it.

import type { z } from 'zod'
import { redirection, logout } from './addresses.ts'
import { administration, application, display, lifecycle } from './application.ts'
import { authentication } from './authentication.ts'
import { authorization, signIn } from './authorization.ts'
import { signatures, tokens } from './tokens.ts'

/** What every client has from the beginning. */
export const requiredProperties = application
/** What has a default. */
export const optionalProperties = {
  ...administration,
  ...redirection,
  ...authorization,
  ...authentication,
  ...tokens,
  ...signIn,
  ...signatures,
  ...display,
  ...logout,
  ...lifecycle,
}

const allProperties: Readonly<Record<string, z.ZodType>> = { ...requiredProperties, ...optionalProperties }

/** What a member means, and its heading, as members of its JSON Schema; empty where it cannot be set. */
export function describeProperty(property: string): Record<string, string> {
  const { description: meaning, 'x-group': heading } = allProperties[property]?.meta() ?? {}
  return {
    ...(meaning !== undefined && { description: meaning }),
    ...(typeof heading === 'string' && { 'x-group': heading }),
  }
}
