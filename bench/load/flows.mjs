import { createHash, randomBytes } from 'node:crypto'
import { emailOf, PASSWORD, REDIRECT_URI } from '../servers/people.mjs'
import { check, createCookieJar, expect } from './connection.mjs'

// The protocol steps of clients and browsers, the same for every server.

const FORM = 'application/x-www-form-urlencoded'
const VERIFIER = randomBytes(32).toString('base64url')
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')
const STATE = 'a-state'
const NONCE = 'a-nonce'

export function basic({ id, secret }) {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`
}

export function post(connection, path, form, headers = {}) {
  const body = new URLSearchParams(form).toString()
  return connection.send({ method: 'POST', path, headers: { 'content-type': FORM, ...headers }, body })
}

export function authorizePath({ paths, clients }, alg) {
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: clients[alg].id,
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile email',
    state: STATE,
    nonce: NONCE,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  })
  return `${paths.authorize}?${parameters}`
}

function readCode({ headers: { location } }) {
  check(location?.startsWith(`${REDIRECT_URI}?`), 'a redirect to the client', location)
  const answer = new URL(location).searchParams
  check(answer.get('state') === STATE && answer.has('code'), 'a code and the state', location)
  return answer.get('code')
}

/** Requests a code with the session in `jar`. */
export async function authorize(connection, target, jar, alg = 'ES256') {
  const answer = await connection.send({ path: authorizePath(target, alg), headers: jar.header() })
  jar.take(answer)
  return readCode(expect(answer, 302, 303))
}

export function exchangeForm(code) {
  return { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER }
}

/** Exchanges a code. Checks form and algorithm of the tokens, and that the ID token belongs to this request. */
export async function exchange(connection, target, code, alg = 'ES256') {
  const client = target.clients[alg]
  const answer = await post(connection, target.paths.token, exchangeForm(code), { authorization: basic(client) })
  const tokens = JSON.parse(expect(answer, 200).text)
  check(tokens.access_token && tokens.refresh_token && tokens.id_token, 'three tokens', answer.text)
  const [header, claims] = tokens.id_token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')))
  check(header.alg === alg && claims.nonce === NONCE && claims.aud === client.id, 'the ID token asked for', claims)
  return { ...tokens, sub: claims.sub }
}

/** Refreshes the tokens. */
export async function refresh(connection, target, token) {
  const answer = await post(
    connection,
    target.paths.token,
    { grant_type: 'refresh_token', refresh_token: token },
    { authorization: basic(target.clients.ES256) },
  )
  const tokens = JSON.parse(expect(answer, 200).text)
  check(tokens.access_token && tokens.id_token, 'an access token and an ID token', answer.text)
  check(tokens.refresh_token && tokens.refresh_token !== token, 'another refresh token', answer.text)
  return tokens
}

export async function introspect(connection, target, client, token) {
  const answer = await post(connection, target.paths.introspection, { token }, { authorization: basic(client) })
  return JSON.parse(expect(answer, 200).text)
}

/**
 * Signs a user in to a client: authorization request, page, password, redirect, code exchange. Returns the browser's
 * cookies.
 */
export async function signIn(connection, target, person) {
  const jar = createCookieJar()
  const follow = async (request) => {
    const answer = await connection.send({ ...request, headers: { ...request.headers, ...jar.header() } })
    jar.take(answer)
    return answer
  }
  const next = ({ headers: { location } }) => {
    const url = new URL(location, target.url)
    return { path: url.pathname + url.search }
  }
  const page = await follow(next(expect(await follow({ path: authorizePath(target, 'ES256') }), 302, 303)))
  const { email, password, action } = target.signInForm
  const form = new URLSearchParams(hiddenFields(expect(page, 200).text))
  form.set(email, emailOf(person))
  form.set(password, PASSWORD)
  if (action !== undefined) form.set('action', action)
  const entered = await follow({
    method: 'POST',
    path: new URL(/<form[^>]* action="([^"]*)"/.exec(page.text)[1], target.url).pathname,
    headers: { 'content-type': FORM, 'sec-fetch-site': 'same-origin' },
    body: form.toString(),
  })
  readCode(expect(await follow(next(expect(entered, 302, 303))), 302, 303))
  return jar
}

function hiddenFields(html) {
  const attribute = (tag, name) => new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
  return [...html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([tag]) => [
    attribute(tag, 'name'),
    attribute(tag, 'value'),
  ])
}
