import type { OpenAPIV3_1 } from 'openapi-types'
import { problemResponses } from '../schemas/shared-responses.ts'
import { type Operation, type OperationKey } from './operation.ts'

/** What the schemas of routes do not say of an operation. */
export interface RouteDescription {
  operationId: string
  security: NonNullable<Operation['security']>
  /** The problems that it answers with, besides 429 and 503. */
  errorStatuses: readonly number[]
  /** A body that makes sense. */
  example?: unknown
  /** What the body may be besides JSON. */
  alternatives?: Readonly<Record<string, OpenAPIV3_1.MediaTypeObject>>
  /** Whether it honours `If-Match`. */
  acceptsIfMatch?: true
}

/** Requests of the administration API name the organisation they mean. */
const organisationHeader = {
  in: 'header',
  name: 'X-Org-Domain',
  required: false,
  description:
    'The slug of the organisation that you mean. Left out, it is the one of the session; another one’s is refused.',
  schema: { type: 'string' },
  example: 'acme',
} as const

const ifMatchHeader = {
  in: 'header',
  name: 'If-Match',
  required: false,
  description: 'The ETag of the state that you have read: the request is refused with 412 if there is another by now.',
  schema: { type: 'string' },
} as const

/** A collected operation with its description. */
export function describeRoute(key: OperationKey, routeOperation: Operation, description: RouteDescription): Operation {
  const { operationId, security, errorStatuses, example, alternatives, acceptsIfMatch } = description
  const body = routeOperation.requestBody
  const json = body && 'content' in body ? body.content['application/json'] : undefined
  return {
    ...routeOperation,
    operationId,
    security,
    ...(key.includes(' /v1/admin/') && {
      parameters: [
        ...(routeOperation.parameters ?? []),
        organisationHeader,
        ...(acceptsIfMatch ? [ifMatchHeader] : []),
      ],
    }),
    ...(json && { requestBody: { ...body, content: { 'application/json': { ...json, example }, ...alternatives } } }),
    responses: { ...routeOperation.responses, ...problemResponses(...errorStatuses) },
  }
}
