import { parameter } from '../../../oauth/messages/message.ts'
import { htmlResponse, responseRef, type Operation, type Responses } from './operation.ts'

// What the descriptions of the pages share.

export const pendingRequest = parameter('The id of the pending authorization request of this browser.')
export const csrf = parameter('The CSRF token of the page, bound to the browser.')
export const invitationToken = parameter('The token of the link.')
export const mailedToken = parameter('The token of the link in the mail.')
export const action = (...values: string[]) => parameter('The button.', { values }).optional()

export const pageOperation: Operation = { tags: ['Hosted pages'], security: [] }
export const errorResponses: Responses = {
  400: responseRef('ErrorPage'),
  403: responseRef('ErrorPage'),
  429: responseRef('ErrorPage'),
  503: responseRef('ErrorPage'),
}
export const linkUnavailable = htmlResponse('A page that says that the link is not valid any more.')
export const pendingErrorResponses: Responses = { ...errorResponses, 410: responseRef('ErrorPage') }
