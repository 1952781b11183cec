// `properties` defines and describes the settings of a client. Forms, command lines and documents are made from it.

import type { z } from 'zod'
import { redirection, logout } from './addresses.ts'
import { administration, application, display, lifecycle } from './application.ts'
import { authentication } from './authentication.ts'
import { authorization, signIn } from './authorization.ts'
import { claims } from './claims.ts'
import { signatures, tokens } from './tokens.ts'

/** The settings that every new client must have. */
export const requiredProperties = application
/** What a new client can be given besides settings. */
export { clientIdProperty } from './application.ts'
/** The settings with a default. */
export const optionalProperties = {
  ...administration,
  ...redirection,
  ...authorization,
  ...authentication,
  ...tokens,
  ...claims,
  ...signIn,
  ...signatures,
  ...display,
  ...logout,
  ...lifecycle,
}

const allProperties: Readonly<Record<string, z.ZodType>> = { ...requiredProperties, ...optionalProperties }

/** The description and heading of a member, for its JSON Schema. Empty for a member that cannot be set. */
export function describeProperty(property: string): Record<string, string> {
  const { description: meaning, 'x-group': heading } = allProperties[property]?.meta() ?? {}
  return {
    ...(meaning !== undefined && { description: meaning }),
    ...(typeof heading === 'string' && { 'x-group': heading }),
  }
}
