import { problemResponses } from '../schemas/shared-responses.ts'
import { responseRef, type Operation, type OperationKey, type Responses } from './operation.ts'

/** Adds the responses to a body that is malformed, too large or of another media type, in the format of the endpoint. */
export function withBodyErrors(key: OperationKey, operation: Operation): Operation {
  if (/^(?:GET|DELETE) /.test(key)) return operation
  return { ...operation, responses: { ...bodyErrors(key, operation), ...operation.responses } }
}

function bodyErrors(key: OperationKey, { responses }: Operation): Responses {
  if (key.includes(' /v1/')) return problemResponses(400, 413, 415)
  const isPage = JSON.stringify(responses).includes('#/components/responses/ErrorPage')
  // RFC 6749 §5.2 prescribes 400 for a body of another type.
  return isPage
    ? { 400: responseRef('ErrorPage'), 413: responseRef('ErrorPage'), 415: responseRef('ErrorPage') }
    : { 400: responseRef('OAuthBadRequest'), 413: responseRef('OAuthBadRequest') }
}
