import { z } from 'zod'
import { parameter } from '../../../oauth/messages/message.ts'
import {
  formBody,
  emptyResponse,
  htmlResponse,
  queryParameters,
  redirectResponse,
  responseRef,
  type Operation,
  type OperationKey,
  type Responses,
} from './operation.ts'

// The pages are for users. Their forms are described so that the document names every route of the server.

const pendingRequest = parameter('The id of the pending authorization request of this browser.')
const csrf = parameter('The CSRF token of the page, bound to the browser.')
const invitationToken = parameter('The token of the link.')
const mailedToken = parameter('The token of the link in the mail.')
const action = (...values: string[]) => parameter('The button.', { values }).optional()

const pageOperation: Operation = { tags: ['Hosted pages'], security: [] }
const errorResponses: Responses = {
  400: responseRef('ErrorPage'),
  403: responseRef('ErrorPage'),
  429: responseRef('ErrorPage'),
  503: responseRef('ErrorPage'),
}
const linkUnavailable = htmlResponse('A page that says that the link is not valid any more.')
const pendingErrorResponses: Responses = { ...errorResponses, 410: responseRef('ErrorPage') }
const redirectToAuthorize = redirectResponse('Continues the authorization request.')

function interactionOperations(
  name: string,
  path: string,
  { page, form, buttons }: { page: string; form: string; buttons: string[] },
): Record<OperationKey, Operation> {
  return {
    [`GET ${path}`]: {
      ...pageOperation,
      operationId: `show${name}Page`,
      summary: page,
      parameters: queryParameters(z.object({ request: pendingRequest })),
      responses: { 200: htmlResponse('The page.'), 302: redirectToAuthorize, ...pendingErrorResponses },
    },
    [`POST ${path}`]: {
      ...pageOperation,
      operationId: `submit${name}Page`,
      summary: form,
      requestBody: formBody(z.object({ request: pendingRequest, csrf, action: action(...buttons) })),
      responses: { 303: redirectToAuthorize, ...pendingErrorResponses },
    },
  }
}

/** The hosted pages. */
export const pageOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /auth/login': {
    ...pageOperation,
    operationId: 'showLoginPage',
    summary: 'Show the sign-in page',
    description:
      'Without a pending request, the page signs the user in without an application, or shows who is signed in.',
    parameters: queryParameters(z.object({ request: pendingRequest.optional() })),
    responses: {
      200: htmlResponse('The page.'),
      302: redirectResponse('Continues the request if the user has signed in since.'),
      ...pendingErrorResponses,
    },
  },
  'POST /auth/login': {
    ...pageOperation,
    operationId: 'submitLoginPage',
    summary: 'Submit the sign-in page',
    requestBody: formBody(
      z.object({
        request: pendingRequest.optional(),
        csrf,
        email: parameter('The email address.').optional(),
        password: parameter('The password.').optional(),
        action: action('sign-in', 'cancel'),
      }),
    ),
    responses: {
      303: redirectToAuthorize,
      401: htmlResponse('The page with an error: the credentials are wrong, or the account is blocked.'),
      ...pendingErrorResponses,
    },
  },
  ...interactionOperations('Account', '/auth/account', {
    page: 'Show the account selection page',
    form: 'Submit the account selection page',
    buttons: ['continue', 'use-another'],
  }),
  ...interactionOperations('Consent', '/oauth2/consent', {
    page: 'Show the consent page',
    form: 'Submit the consent page',
    buttons: ['allow', 'deny'],
  }),
  'GET /device': {
    ...pageOperation,
    operationId: 'showDevicePage',
    summary: 'Show the page to enter a user code',
    parameters: queryParameters(
      z.object({
        user_code: parameter('The code to fill in. The user compares it with that of the device.').optional(),
      }),
    ),
    responses: { 200: htmlResponse('The page.'), ...errorResponses },
  },
  'POST /device': {
    ...pageOperation,
    operationId: 'submitDevicePage',
    summary: 'Submit a user code',
    requestBody: formBody(z.object({ csrf, user_code: parameter('The code.'), action: action('continue') })),
    responses: {
      303: redirectResponse('To sign-in and consent.'),
      400: htmlResponse('The page with an error: the code is unknown.'),
      403: htmlResponse('The page with an error: the page has expired.'),
      429: htmlResponse('The page with an error: too many codes were tried.'),
      503: responseRef('ErrorPage'),
    },
  },
  'GET /forgot-password': {
    ...pageOperation,
    operationId: 'showForgotPasswordPage',
    summary: 'Show the page to ask for another password',
    parameters: queryParameters(z.object({ request: pendingRequest.optional() })),
    responses: { 200: htmlResponse('The page.'), ...errorResponses },
  },
  'POST /forgot-password': {
    ...pageOperation,
    operationId: 'submitForgotPasswordPage',
    summary: 'Mail a link to choose another password',
    requestBody: formBody(
      z.object({
        csrf,
        request: pendingRequest.optional(),
        email: parameter('The email address.').optional(),
        action: action('send'),
      }),
    ),
    responses: {
      200: htmlResponse('The page that asks for the code, whether or not the address has an account.'),
      ...errorResponses,
    },
  },
  'GET /reset-password': {
    ...pageOperation,
    operationId: 'showResetPasswordPage',
    summary: 'Show the page to choose another password',
    description: 'The link in the mail. Opening it changes nothing.',
    parameters: queryParameters(z.object({ token: mailedToken })),
    responses: { 200: htmlResponse('The page.'), 404: linkUnavailable, ...errorResponses },
  },
  'POST /reset-password': {
    ...pageOperation,
    operationId: 'submitResetPasswordPage',
    summary: 'Set another password, or enter the code of the mail',
    requestBody: formBody(
      z.object({
        csrf,
        request: pendingRequest.optional(),
        token: mailedToken.optional(),
        new_password: parameter('The new password.').optional(),
        revoke_api_keys: parameter('true ends the API keys of the user.').optional(),
        email: parameter('Without a token: the email address.').optional(),
        code: parameter('Without a token: the code in the mail.').optional(),
        action: action('set-password', 'code'),
      }),
    ),
    responses: {
      200: htmlResponse('The password is changed, or, after a code, the page to choose it.'),
      404: linkUnavailable,
      ...errorResponses,
    },
  },
  'GET /secure-account': {
    ...pageOperation,
    operationId: 'showSecureAccountPage',
    summary: 'Show the page to close an account to others',
    description: 'The link in the mail about a changed password. Opening it changes nothing.',
    parameters: queryParameters(z.object({ token: mailedToken })),
    responses: { 200: htmlResponse('The page.'), 404: linkUnavailable, ...errorResponses },
  },
  'POST /secure-account': {
    ...pageOperation,
    operationId: 'submitSecureAccountPage',
    summary: 'Close an account to others',
    description: 'The password stops working, and all sessions, grants and API keys of the user end.',
    requestBody: formBody(z.object({ csrf, token: mailedToken, action: action('secure') })),
    responses: {
      303: redirectResponse('To the page to choose another password.'),
      404: linkUnavailable,
      ...errorResponses,
    },
  },
  'GET /verify-email': {
    ...pageOperation,
    operationId: 'showVerifyEmailPage',
    summary: 'Show the page to verify an e-mail address',
    description:
      'The link in the mail. Opening it changes nothing. Without a token, the page asks for the code of the mail.',
    parameters: queryParameters(z.object({ token: mailedToken.optional() })),
    responses: { 200: htmlResponse('The page.'), 404: linkUnavailable, ...errorResponses },
  },
  'POST /verify-email': {
    ...pageOperation,
    operationId: 'submitVerifyEmailPage',
    summary: 'Verify an e-mail address',
    requestBody: formBody(
      z.object({
        csrf,
        token: mailedToken.optional(),
        email: parameter('Without a token: the email address.').optional(),
        code: parameter('Without a token: the code in the mail.').optional(),
        action: action('verify'),
      }),
    ),
    responses: {
      200: htmlResponse('The address is verified.'),
      303: redirectResponse('To the page again, if it has expired.'),
      404: linkUnavailable,
      ...errorResponses,
    },
  },
  'GET /invitation': {
    ...pageOperation,
    operationId: 'showInvitationPage',
    summary: 'Show the page of an invitation',
    parameters: queryParameters(z.object({ token: invitationToken })),
    responses: {
      200: htmlResponse('The page.'),
      404: htmlResponse('A page that says that the invitation cannot be accepted.'),
      ...errorResponses,
    },
  },
  'POST /invitation': {
    ...pageOperation,
    operationId: 'submitInvitationPage',
    summary: 'Submit the page of an invitation',
    requestBody: formBody(
      z.object({
        csrf,
        token: invitationToken,
        given_name: parameter('The first name.').optional(),
        family_name: parameter('The last name.').optional(),
        new_password: parameter('The password of the new account.').optional(),
        action: action('accept'),
      }),
    ),
    responses: {
      303: redirectResponse('To the sign-in page: the user is signed in.'),
      404: htmlResponse('A page that says that the invitation cannot be accepted.'),
      409: htmlResponse('The page with an error: the address has an account.'),
      ...errorResponses,
    },
  },
  'GET /oauth2/check-session': {
    ...pageOperation,
    operationId: 'checkSession',
    summary: 'Get the frame that reports changes of the session',
    description:
      'OpenID Connect Session Management section 3.2. Clients load it in a frame and send a client_id and a session_state by postMessage.',
    responses: {
      200: htmlResponse('The page. It has no visible content.'),
      304: emptyResponse('Not modified.'),
      429: responseRef('ErrorPage'),
      503: responseRef('ErrorPage'),
    },
  },
  'GET /oauth2/authorize/resume': {
    ...pageOperation,
    operationId: 'resumeAuthorization',
    summary: 'Continue a pending authorization request',
    parameters: queryParameters(
      z.object({
        request: pendingRequest,
        answer: parameter('cancel rejects the request.', { values: ['cancel'] }).optional(),
      }),
    ),
    responses: {
      200: htmlResponse('The browser has completed the request before, or a form posts the response to the client.'),
      302: redirectResponse('To the next page, or to the client with the response.'),
      ...pendingErrorResponses,
    },
  },
}
