// `discovery/openapi/schemas` holds the JSON schemas and responses that several operations of the OpenAPI document use.
// They are made from zod schemas: those of the OAuth messages, of client registration and of the management API.
// The operations belong to `discovery/openapi/operations`.

import { z } from 'zod'
import { profileChangeSchema, profileSchema } from '../../../account/me/profile.ts'
import { clientListSchema } from '../../../admin/clients/list-clients.ts'
import { clientChangeSchema, newClientWithIdSchema } from '../../../clients/settings/schema.ts'
import { warningSchema } from '../../../clients/settings/lint.ts'
import { dryRunSchema } from '../../../admin/dry-run.ts'
import {
  clientWithWarningsSchema,
  clientSchema,
  clientWithSecretSchema,
} from '../../../admin/clients/client-representation.ts'

// The schemas of routes that get a name in the document; all others stand where they are used.
const namedSchemas = {
  Client: clientSchema,
  ClientWithWarnings: clientWithWarningsSchema,
  ClientWarning: warningSchema,
  ClientDryRun: dryRunSchema,
  ClientWithSecret: clientWithSecretSchema,
  ClientList: clientListSchema,
  NewClient: newClientWithIdSchema,
  ClientChange: clientChangeSchema,
  Profile: profileSchema,
  ProfileChange: profileChangeSchema,
} as const

/** Gives these schemas their names. Must be called before the document of the routes is made. */
export function nameRouteSchemas(): void {
  for (const [id, schema] of Object.entries(namedSchemas)) {
    z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id })
  }
}
