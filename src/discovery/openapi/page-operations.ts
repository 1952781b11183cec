import {
  form,
  nothing,
  page,
  query,
  redirect,
  shared,
  type Field,
  type Operation,
  type OperationKey,
  type Responses,
} from './operation.ts'

// The pages are for people. Their forms are here so that nothing the server answers to is left out; programs have no
// business with them.

const waiting = {
  request: { description: 'The authorization request that waits for this step, of this browser.' },
} satisfies Record<string, Field>
const csrf = { description: 'The hidden field of the page, bound to the browser.', required: true } satisfies Field
const action = (...values: string[]): Field => ({ description: 'The button.', enum: values })

const pages: Operation = { tags: ['Hosted pages'], security: [] }
const refusals: Responses = {
  400: shared('ErrorPage'),
  403: shared('ErrorPage'),
  429: shared('ErrorPage'),
  503: shared('ErrorPage'),
}
const onward = redirect('On with the authorization request.')

function step(name: string, path: string, subject: string, buttons: string[]): Record<OperationKey, Operation> {
  return {
    [`GET ${path}`]: {
      ...pages,
      operationId: `show${name}Page`,
      summary: `The page: ${subject}`,
      parameters: query({ request: { ...waiting.request, required: true } }),
      responses: { 200: page('The page.'), 302: onward, ...refusals },
    },
    [`POST ${path}`]: {
      ...pages,
      operationId: `submit${name}Page`,
      summary: `Its form: ${subject}`,
      requestBody: form({ request: { ...waiting.request, required: true }, csrf, action: action(...buttons) }, {}),
      responses: { 303: onward, ...refusals },
    },
  }
}

/** The hosted pages. */
export const pageOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /auth/login': {
    ...pages,
    operationId: 'showLoginPage',
    summary: 'The page: sign in',
    description: 'Without a waiting request it is for the person’s own sake, and says who is signed in.',
    parameters: query(waiting),
    responses: { 200: page('The page.'), ...refusals },
  },
  'POST /auth/login': {
    ...pages,
    operationId: 'submitLoginPage',
    summary: 'Its form: sign in',
    requestBody: form(
      {
        ...waiting,
        csrf,
        email: { description: 'The e-mail address.' },
        password: { description: 'The password.' },
        action: action('sign-in', 'cancel'),
      },
      {},
    ),
    responses: {
      303: onward,
      401: page('The page again: wrong credentials, or an account that is blocked.'),
      ...refusals,
    },
  },
  ...step('Account', '/auth/account', 'go on as whom?', ['continue', 'use-another']),
  ...step('Consent', '/oauth2/consent', 'do you agree?', ['allow', 'deny']),
  'GET /device': {
    ...pages,
    operationId: 'showDevicePage',
    summary: 'The page: enter the code of a device',
    parameters: query({ user_code: { description: 'Filled in, to be compared.' } }),
    responses: { 200: page('The page.'), 429: shared('ErrorPage'), 503: shared('ErrorPage') },
  },
  'POST /device': {
    ...pages,
    operationId: 'submitDevicePage',
    summary: 'Its form: enter the code of a device',
    requestBody: form(
      { csrf, user_code: { description: 'The code.', required: true }, action: action('continue') },
      {},
    ),
    responses: {
      303: redirect('On to sign in, and to the question.'),
      400: page('The page again: there is no such code.'),
      403: page('The page again: it had expired.'),
      429: page('The page again: too many codes were tried.'),
      503: shared('ErrorPage'),
    },
  },
  'GET /oauth2/check-session': {
    ...pages,
    operationId: 'checkSession',
    summary: 'The page that clients frame to hear of changes of the session',
    description: 'OpenID Connect Session Management §3.2: it answers a client_id and a session_state by postMessage.',
    responses: { 200: page('The page. It shows nothing.'), 304: nothing('Nothing new.'), 429: shared('ErrorPage') },
  },
  'GET /oauth2/authorize/resume': {
    ...pages,
    operationId: 'resumeAuthorization',
    summary: 'Go on with a waiting authorization request',
    parameters: query({
      request: { ...waiting.request, required: true },
      answer: { description: 'cancel gives the request up.', enum: ['cancel'] },
    }),
    responses: { 302: redirect('To the next page, or to the client with the answer.'), ...refusals },
  },
}
