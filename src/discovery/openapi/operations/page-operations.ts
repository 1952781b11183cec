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
} from './operation.ts'
import {
  pendingRequest,
  csrf,
  invitationToken,
  action,
  pageOperation,
  errorResponses,
  pendingErrorResponses,
} from './page-operation.ts'
import { recoveryPageOperations } from './recovery-page-operations.ts'

// The pages are for users. Their forms are described so that the document names every route of the server.

const pendingSignIn = parameter('The id of the pending sign-in of this browser.')
const credential = parameter(
  'With the action `passkey`: what the browser returned for the passkey, as JSON.',
).optional()
const offer = parameter('Whether the page offers a passkey after a sign-in with a password.', {
  values: ['true'],
}).optional()
const returnTo = parameter('The page of this server to return to.').optional()
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
    parameters: queryParameters(z.object({ request: pendingRequest.optional(), return_to: returnTo })),
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
        credential,
        return_to: returnTo,
        action: action('sign-in', 'passkey', 'cancel'),
      }),
    ),
    responses: {
      303: redirectToAuthorize,
      401: htmlResponse('The page with an error: the credentials are wrong, or the account is blocked.'),
      ...pendingErrorResponses,
    },
  },
  'GET /auth/second-factor': {
    ...pageOperation,
    operationId: 'showSecondFactorPage',
    summary: 'Show the page for the second factor',
    description:
      'For a sign-in whose password was right. Without one, a session that an authorization request finds too weak gains a second factor.',
    parameters: queryParameters(
      z.object({ sign_in: pendingSignIn.optional(), request: pendingRequest.optional(), return_to: returnTo }),
    ),
    responses: {
      200: htmlResponse('The page.'),
      302: redirectResponse('To the sign-in page if the sign-in has expired, or to this page with a new one.'),
      ...pendingErrorResponses,
    },
  },
  'POST /auth/second-factor': {
    ...pageOperation,
    operationId: 'submitSecondFactorPage',
    summary: 'Submit a second factor',
    requestBody: formBody(
      z.object({
        sign_in: pendingSignIn,
        request: pendingRequest.optional(),
        csrf,
        code: parameter('A code of the authenticator app, or a recovery code.').optional(),
        credential,
        return_to: returnTo,
        action: action('verify', 'passkey', 'cancel'),
      }),
    ),
    responses: {
      200: htmlResponse('The recovery codes of a factor that was just set up.'),
      303: redirectToAuthorize,
      401: htmlResponse('The page with an error: the code is wrong or was used.'),
      ...pendingErrorResponses,
    },
  },
  'GET /account/passkeys': {
    ...pageOperation,
    operationId: 'showPasskeysPage',
    summary: 'Show the page on which users manage their passkeys',
    parameters: queryParameters(
      z.object({
        done: parameter('What has just happened.', { values: ['added', 'renamed', 'removed'] }).optional(),
        offer,
        request: pendingRequest.optional(),
      }),
    ),
    responses: {
      200: htmlResponse('The page.'),
      302: redirectResponse('To the sign-in page, for browsers without a session.'),
      ...errorResponses,
    },
  },
  'POST /account/passkeys': {
    ...pageOperation,
    operationId: 'submitPasskeysPage',
    summary: 'Add, rename or remove a passkey',
    requestBody: formBody(
      z.object({
        csrf,
        credential,
        id: parameter('The id of the passkey to rename or remove.').optional(),
        name: parameter('The new name.').optional(),
        offer,
        request: pendingRequest.optional(),
        action: action('passkey', 'rename', 'remove'),
      }),
    ),
    responses: { 303: redirectResponse('To the page again, or to where an offer was made.'), ...errorResponses },
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
  ...recoveryPageOperations,
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
        action: action('accept', 'join'),
      }),
    ),
    responses: {
      200: htmlResponse('A page that says that the user has joined the organisation with an account that existed.'),
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
