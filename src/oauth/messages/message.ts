// `oauth/messages` defines the messages of the OAuth endpoints, one file per message, each as one zod schema.
// The parsed type, the OpenAPI parameters, bodies and responses all come from that schema.
// A message is parsed by the step that owns it, after client authentication, with `parseMessage`.
// Rules between parameters, and rules that depend on the client, belong to the endpoint.

import { z } from 'zod'
import { OAuthError } from '../errors.ts'
import { rejectDuplicates, type Parameters } from '../parameters.ts'

/** What the OpenAPI document adds to the description of a parameter. */
interface ParameterExtras {
  /** The accepted values, for documentation: the endpoint rejects others with its own error code. */
  values?: readonly string[]
  example?: string
}

/** A parameter of a query or form. All of them are text (RFC 6749, Appendix A). */
export function parameter(description: string, { values, example }: ParameterExtras = {}): z.ZodString {
  return z.string().meta({
    description,
    ...(values !== undefined && { enum: [...values] }),
    ...(example !== undefined && { example }),
  })
}

/** The parameter of RFC 8707 §2. */
export const resourceParameter = parameter(
  'The identifier of the API that the access token is for (RFC 8707). Repeat the parameter for several.',
  { example: 'https://files.example.com/api' },
).optional()

/** An instant in a message, or a lifetime; both are whole seconds. */
export const epochSeconds = z.int().meta({ description: 'Seconds since 1970-01-01T00:00:00Z.' })
export const seconds = (description: string): z.ZodInt => z.int().meta({ description })

/**
 * Parses the parameters of a message. Parameters that the schema does not name are ignored (RFC 6749 §3.1, §3.2).
 * Throws `invalid_request` for a parameter that is sent twice, and for a required one that is missing.
 */
export function parseMessage<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  parameters: Parameters,
): z.output<z.ZodObject<Shape>> {
  rejectDuplicates(parameters)
  const values = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, parameters.get(name)]))
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  const [name] = parsed.error.issues[0]?.path ?? []
  throw new OAuthError('invalid_request', `The parameter '${String(name)}' is missing.`)
}
