import { z } from 'zod'
import { parameter } from '../../../oauth/messages/message.ts'
import {
  formBody,
  htmlResponse,
  queryParameters,
  redirectResponse,
  type Operation,
  type OperationKey,
  type Responses,
} from './operation.ts'
import {
  pendingRequest,
  csrf,
  mailedToken,
  action,
  pageOperation,
  errorResponses,
  linkUnavailable,
} from './page-operation.ts'

/** The page of a mailed link about the address of an account, and its form. */
function emailChangePages(
  name: string,
  path: string,
  { page, form, response }: { page: string; form: string; response: Responses },
): Record<OperationKey, Operation> {
  const taken = htmlResponse('A page that says that another account has the address.')
  return {
    [`GET ${path}`]: {
      ...pageOperation,
      operationId: `show${name}Page`,
      summary: page,
      description: 'The link in the mail. Opening it changes nothing.',
      parameters: queryParameters(z.object({ token: mailedToken })),
      responses: { 200: htmlResponse('The page.'), 404: linkUnavailable, ...errorResponses },
    },
    [`POST ${path}`]: {
      ...pageOperation,
      operationId: `submit${name}Page`,
      summary: form,
      requestBody: formBody(z.object({ csrf, token: mailedToken, action: action('confirm') })),
      responses: { ...response, 404: linkUnavailable, 409: taken, ...errorResponses },
    },
  }
}

/** The pages of mailed links. */
export const recoveryPageOperations: Readonly<Record<OperationKey, Operation>> = {
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
        remove_passkeys: parameter('true removes the passkeys of the user.').optional(),
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
  ...emailChangePages('ChangeEmail', '/change-email', {
    page: 'Show the page to confirm a new e-mail address',
    form: 'Confirm a new e-mail address',
    response: { 200: htmlResponse('The account has the new address.') },
  }),
  ...emailChangePages('UndoEmailChange', '/undo-email-change', {
    page: 'Show the page to undo a change of the e-mail address',
    form: 'Undo a change of the e-mail address',
    response: { 303: redirectResponse('To the page to choose another password.') },
  }),
}
