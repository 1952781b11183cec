import type { FastifyInstance, FastifySchema } from 'fastify'
import {
  defineOperation,
  sessionOrTokenSecurity,
  type Operation,
  type OperationDefinition,
} from '../http/json-api/operation.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import { ifMatchHeader } from './preconditions.ts'

/** An operation of the management API that can be mounted. */
export interface AdminOperation extends Operation<AdminContext> {
  /** The permission that the caller must hold. */
  permission: string
  /** Whether callers who hold it within a team may call it, for members of such teams. */
  withinTeams: boolean
  /** Whether only administrators of the operator's organisation may call it. */
  operatorOnly: boolean
}

/** The operations of one resource. `prepare` changes the scope that they are mounted in, and no other. */
export interface AdminResource {
  operations: readonly AdminOperation[]
  prepare?: (scope: FastifyInstance) => void
}

export interface AdminOperationDefinition<Schema extends FastifySchema> extends Omit<
  OperationDefinition<AdminContext, Schema>,
  'security' | 'errorStatuses' | 'headers'
> {
  permission: string
  withinTeams?: boolean
  operatorOnly?: boolean
  /** The statuses of its problem responses, besides 401, 403, 429 and 503, which every operation here has. */
  errors?: readonly number[]
  /** Whether it honours `If-Match`. */
  acceptsIfMatch?: boolean
}

const organisationHeader = {
  in: 'header',
  name: 'X-Org-Domain',
  required: false,
  description:
    'The slug of the organisation that you mean; default that of the session or token. Another one is rejected with 403.',
  schema: { type: 'string' },
  example: 'acme',
} as const

/** Makes an operation of the management API. Its description in the OpenAPI document begins with the permission. */
export function adminOperation<const Schema extends FastifySchema>({
  permission,
  withinTeams = false,
  operatorOnly = false,
  errors = [],
  acceptsIfMatch = false,
  description,
  ...definition
}: AdminOperationDefinition<Schema>): AdminOperation {
  const scope = operatorOnly
    ? ", in the operator's organisation"
    : withinTeams
      ? ', in the organisation or within a team'
      : ''
  const requirement = `Needs ${permission}${scope}.`
  const operation = defineOperation<AdminContext, Schema>({
    ...(definition as OperationDefinition<AdminContext, Schema>),
    description: description === undefined ? requirement : `${requirement} ${description}`,
    security: sessionOrTokenSecurity,
    errorStatuses: [401, 403, ...errors],
    headers: [organisationHeader, ...(acceptsIfMatch ? [ifMatchHeader] : [])],
  })
  return { ...operation, permission, withinTeams, operatorOnly }
}
