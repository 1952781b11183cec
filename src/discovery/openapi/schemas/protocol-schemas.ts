import type { OpenAPIV3_1 } from 'openapi-types'
import { z } from 'zod'
import { clientMetadata, registeredClient } from '../../../clients/registration/client-metadata-schema.ts'
import { deviceAuthorizationResponse } from '../../../oauth/messages/device-authorization-response.ts'
import { introspectionResponse } from '../../../oauth/messages/introspection-response.ts'
import { pushedAuthorizationResponse } from '../../../oauth/messages/pushed-authorization-response.ts'
import { tokenResponse } from '../../../oauth/messages/token-response.ts'
import { userinfoResponse } from '../../../oauth/messages/userinfo-response.ts'
import { protectedResourceMetadata } from '../../protected-resource-metadata.ts'
import { providerMetadata } from '../../provider-metadata.ts'
import { oauthErrors, problemTypes } from '../error-reference.ts'
import { toJsonSchema } from './json-schema.ts'

const described = (description: string) => z.string().meta({ description })

const oauthError = z
  .object({
    error: z.enum(Object.keys(oauthErrors)),
    error_description: described('What is wrong, for the developer of the client. Do not show it to users.'),
  })
  .meta({ description: 'RFC 6749 section 5.2.' })

const problem = z
  .object({
    type: described('The URL of the description of this problem type.'),
    title: described('The problem type in words.'),
    status: z.int().meta({ description: 'The HTTP status.' }),
    detail: described('What is wrong with this request, for the developer.'),
    message: described('The same text as detail.'),
    instance: described('The id of the request, as in the header X-Request-Id.'),
    errors: z
      .array(
        z.object({
          path: z
            .array(z.union([z.string(), z.int()]))
            .meta({ description: 'The path to the value: member names and array indexes.' }),
          code: z.string(),
          message: described('Completes the sentence that begins with the path.'),
        }),
      )
      .meta({ description: 'All invalid values, for the type validation-error.' })
      .optional(),
  })
  .meta({ description: `RFC 9457. The types: ${Object.keys(problemTypes).join(', ')}.` })

const jsonPatch = z
  .array(
    z.object({
      op: z.enum(['add', 'remove', 'replace', 'move', 'copy', 'test']),
      path: described('A JSON pointer (RFC 6901).'),
      from: described('For move and copy.').optional(),
      value: z.unknown().meta({ description: 'For add, replace and test.' }).optional(),
    }),
  )
  .max(100)
  .meta({ description: 'RFC 6902.' })

const keyMember = z.string().optional()
const jwkSet = z
  .object({
    keys: z.array(
      z.object({
        kty: z.string(),
        kid: z.string(),
        use: z.string(),
        alg: z.string(),
        n: keyMember,
        e: keyMember,
        crv: keyMember,
        x: keyMember,
        y: keyMember,
      }),
    ),
  })
  .meta({
    description: 'RFC 7517. The public keys: current, next and previous signing keys, and encryption keys (use enc).',
  })

const health = z.object({
  status: z.string(),
  timestamp: described('ISO 8601.').optional(),
  reason: described('Why the database is not ready.').optional(),
})

/** The schemas of the messages that no route schema describes, by their name in the document. */
export const protocolSchemas: Readonly<Record<string, OpenAPIV3_1.SchemaObject>> = Object.fromEntries(
  Object.entries({
    ClientMetadata: clientMetadata,
    RegisteredClient: registeredClient,
    Problem: problem,
    JsonPatch: jsonPatch,
    OAuthError: oauthError,
    DeviceAuthorizationResponse: deviceAuthorizationResponse,
    PushedAuthorizationResponse: pushedAuthorizationResponse,
    TokenResponse: tokenResponse,
    Introspection: introspectionResponse,
    UserInfo: userinfoResponse,
    ProviderMetadata: providerMetadata,
    ProtectedResourceMetadata: protectedResourceMetadata,
    JwkSet: jwkSet,
    Health: health,
  }).map(([name, schema]) => [name, toJsonSchema(schema)]),
)
