import { FACTS_KEY, type OperationFacts } from '../../../http/json-api/operation.ts'
import { problemResponses } from '../schemas/shared-responses.ts'
import type { Operation } from './operation.ts'

/** Every operation rejects a query string that is not UTF-8. */
const MALFORMED_QUERY_STATUS = 400

/** An operation collected from a route, with the facts that its schema carries under `FACTS_KEY`. */
export type RouteOperation = Operation & { [FACTS_KEY]?: OperationFacts }

/** The operation of a route with what its definition says beside the schemas. */
export function describeRoute({ [FACTS_KEY]: facts, ...operation }: RouteOperation): Operation {
  if (!facts) return operation
  const { operationId, security, errorStatuses, example, alternatives, headers = [] } = facts
  const body = operation.requestBody
  const json = body && 'content' in body ? body.content['application/json'] : undefined
  return {
    ...operation,
    operationId,
    security,
    ...(headers.length > 0 && { parameters: [...(operation.parameters ?? []), ...headers] }),
    ...(json && { requestBody: { ...body, content: { 'application/json': { ...json, example }, ...alternatives } } }),
    responses: { ...operation.responses, ...problemResponses(MALFORMED_QUERY_STATUS, ...errorStatuses) },
  }
}
