// `admin/clients/diagnostics` owns the operations that explain a client: its warnings, its events, and what a request would do.

import { z } from 'zod'
import { findClient, type ClientFinder } from '../../../clients/management/find-client.ts'
import { lint, lintAttributes, warningSchema } from '../../../clients/settings/lint.ts'
import type { UserAttributeRepository } from '../../../model/users/user-attribute.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from '../client-path.ts'

export interface ClientLinter extends ClientFinder {
  userAttributes: Pick<UserAttributeRepository, 'list'>
}

export const lintClientOperation = (services: ClientLinter) =>
  adminOperation({
    method: 'GET',
    path: `${CLIENT_PATH}/lint`,
    operationId: 'lintClient',
    tag: CLIENTS_TAG,
    permission: 'clients:read',
    summary: 'List the risky settings of a client',
    description:
      'Settings that are valid, why they are risky, and what would be better; and claims of attributes that are not defined.',
    schema: { params: clientParams, response: { 200: z.object({ data: z.array(warningSchema) }) } },
    errors: [404],
    async handle({ context, request }) {
      const client = await findClient(services, context, request.params.id)
      const namesAttributes = client.claims.some(({ attribute }) => attribute !== undefined)
      const definitions = namesAttributes ? await services.userAttributes.list(context.organisationId) : []
      return {
        data: [
          ...lint(client),
          ...lintAttributes(
            client,
            definitions.map(({ name }) => name),
          ),
        ],
      }
    },
  })
