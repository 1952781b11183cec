import {
  formBody,
  emptyResponse,
  htmlResponse,
  queryParameters,
  redirectResponse,
  responseRef,
  type FormField,
  type Operation,
  type OperationKey,
  type Responses,
} from './operation.ts'

// The pages are for people. Their forms are here so that nothing the server answers to is left out; programs have no
// business with them.

const pendingRequestField = {
  request: { description: 'The authorization request that waits for this step, of this browser.' },
} satisfies Record<string, FormField>
const csrfField = {
  description: 'The hidden field of the page, bound to the browser.',
  required: true,
} satisfies FormField
const actionField = (...values: string[]): FormField => ({ description: 'The button.', enum: values })

const pageOperation: Operation = { tags: ['Hosted pages'], security: [] }
const errorResponses: Responses = {
  400: responseRef('ErrorPage'),
  403: responseRef('ErrorPage'),
  429: responseRef('ErrorPage'),
  503: responseRef('ErrorPage'),
}
const redirectToAuthorize = redirectResponse('On with the authorization request.')

function interactionOperations(
  name: string,
  path: string,
  subject: string,
  buttons: string[],
): Record<OperationKey, Operation> {
  return {
    [`GET ${path}`]: {
      ...pageOperation,
      operationId: `show${name}Page`,
      summary: `The page: ${subject}`,
      parameters: queryParameters({ request: { ...pendingRequestField.request, required: true } }),
      responses: { 200: htmlResponse('The page.'), 302: redirectToAuthorize, ...errorResponses },
    },
    [`POST ${path}`]: {
      ...pageOperation,
      operationId: `submit${name}Page`,
      summary: `Its form: ${subject}`,
      requestBody: formBody(
        {
          request: { ...pendingRequestField.request, required: true },
          csrf: csrfField,
          action: actionField(...buttons),
        },
        {},
      ),
      responses: { 303: redirectToAuthorize, ...errorResponses },
    },
  }
}

/** The hosted pages. */
export const pageOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /auth/login': {
    ...pageOperation,
    operationId: 'showLoginPage',
    summary: 'The page: sign in',
    description: 'Without a waiting request it is for the person’s own sake, and says who is signed in.',
    parameters: queryParameters(pendingRequestField),
    responses: { 200: htmlResponse('The page.'), ...errorResponses },
  },
  'POST /auth/login': {
    ...pageOperation,
    operationId: 'submitLoginPage',
    summary: 'Its form: sign in',
    requestBody: formBody(
      {
        ...pendingRequestField,
        csrf: csrfField,
        email: { description: 'The e-mail address.' },
        password: { description: 'The password.' },
        action: actionField('sign-in', 'cancel'),
      },
      {},
    ),
    responses: {
      303: redirectToAuthorize,
      401: htmlResponse('The page again: wrong credentials, or an account that is blocked.'),
      ...errorResponses,
    },
  },
  ...interactionOperations('Account', '/auth/account', 'go on as whom?', ['continue', 'use-another']),
  ...interactionOperations('Consent', '/oauth2/consent', 'do you agree?', ['allow', 'deny']),
  'GET /device': {
    ...pageOperation,
    operationId: 'showDevicePage',
    summary: 'The page: enter the code of a device',
    parameters: queryParameters({ user_code: { description: 'Filled in, to be compared.' } }),
    responses: { 200: htmlResponse('The page.'), 429: responseRef('ErrorPage'), 503: responseRef('ErrorPage') },
  },
  'POST /device': {
    ...pageOperation,
    operationId: 'submitDevicePage',
    summary: 'Its form: enter the code of a device',
    requestBody: formBody(
      { csrf: csrfField, user_code: { description: 'The code.', required: true }, action: actionField('continue') },
      {},
    ),
    responses: {
      303: redirectResponse('On to sign in, and to the question.'),
      400: htmlResponse('The page again: there is no such code.'),
      403: htmlResponse('The page again: it had expired.'),
      429: htmlResponse('The page again: too many codes were tried.'),
      503: responseRef('ErrorPage'),
    },
  },
  'GET /oauth2/check-session': {
    ...pageOperation,
    operationId: 'checkSession',
    summary: 'The page that clients frame to hear of changes of the session',
    description: 'OpenID Connect Session Management §3.2: it answers a client_id and a session_state by postMessage.',
    responses: {
      200: htmlResponse('The page. It shows nothing.'),
      304: emptyResponse('Nothing new.'),
      429: responseRef('ErrorPage'),
    },
  },
  'GET /oauth2/authorize/resume': {
    ...pageOperation,
    operationId: 'resumeAuthorization',
    summary: 'Go on with a waiting authorization request',
    parameters: queryParameters({
      request: { ...pendingRequestField.request, required: true },
      answer: { description: 'cancel gives the request up.', enum: ['cancel'] },
    }),
    responses: { 302: redirectResponse('To the next page, or to the client with the answer.'), ...errorResponses },
  },
}
