import { randomUUID, sign } from 'node:crypto'
import { check, expect } from '../load/connection.mjs'
import { authorize, basic, exchange, introspect, post, refresh, signIn } from '../load/flows.mjs'
import { emailOf, PEOPLE } from '../servers/people.mjs'
import { SESSION_SECONDS } from './stage.mjs'

// The simulated actions with their rates and expected results. Each action checks every response. The shared state is
// that of clients and browsers: session cookies, refresh tokens, access tokens. An action removes an item while it uses
// it, so that no two actions use the same one.

const ACCESS_SECONDS = 3_600
/** Fraction of its lifetime for which an item is used: an item near its expiry may expire during the request. */
const SAFE = 0.7

/** The actions over a stage. `now` returns seconds of the fast clock. */
export function createActs({ webs, machine, signing, issuer }, { connection, now }) {
  const sessions = []
  const families = []
  const tokens = []

  const any = (list) => list[Math.floor(Math.random() * list.length)]
  const person = () => Math.floor(Math.random() * PEOPLE)
  const take = (list) => list.splice(Math.floor(Math.random() * list.length), 1)[0]
  const tokenForm = (target, form, client = target.clients.ES256) =>
    post(connection, target.paths.token, form, { authorization: basic(client) })
  const refused = async (target, form) => {
    const answer = expect(await tokenForm(target, form), 400)
    check(JSON.parse(answer.text).error === 'invalid_grant', 'invalid_grant', answer.text)
  }
  const deadToken = ({ target, refreshToken }) =>
    refused(target, { grant_type: 'refresh_token', refresh_token: refreshToken })

  /** A session with sufficient remaining lifetime, or undefined. */
  function liveSession() {
    while (sessions.length > 0 && sessions[0].until < now()) sessions.shift()
    return any(sessions)
  }

  async function flow(jar) {
    const { target, lifetime } = any(webs)
    const got = await exchange(connection, target, await authorize(connection, target, jar))
    const at = now()
    tokens.push({ target, token: got.access_token, sub: got.sub, until: at + ACCESS_SECONDS * SAFE })
    return { target, refreshToken: got.refresh_token, idToken: got.id_token, until: at + lifetime, begun: at, lifetime }
  }

  async function rotate(family) {
    const next = await refresh(connection, family.target, family.refreshToken)
    family.refreshToken = next.refresh_token
    tokens.push({ target: family.target, token: next.access_token, until: now() + ACCESS_SECONDS * SAFE })
  }

  /** A refresh token family that is still valid. Expired ones are tried once more, must fail, and are removed. */
  async function liveFamily() {
    const family = take(families)
    if (!family) return undefined
    if (now() < family.begun + family.lifetime * SAFE) return family
    if (now() < family.until) families.push(family)
    else await deadToken(family)
    return undefined
  }

  function liveToken() {
    while (tokens.length > 0 && tokens[0].until < now()) tokens.shift()
    return take(tokens)
  }

  async function inactive(target, token) {
    const answer = await introspect(connection, target, target.clients.ES256, token)
    check(answer.active === false, 'a dead token', JSON.stringify(answer))
  }

  function assertion() {
    const { target, privateKey } = signing
    const { id } = target.clients.ES256
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { iss: id, sub: id, aud: issuer, jti: randomUUID(), exp: Math.floor(now()) + 1_800 }
    const input = `${part({ alg: 'ES256', kid: 'one' })}.${part(claims)}`
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  }

  return {
    /** Signs in at the page and abandons the code. */
    signIn: {
      perSecond: 1.5,
      async act() {
        const until = now() + SESSION_SECONDS * SAFE
        sessions.push({ jar: await signIn(connection, any(webs).target, person()), until })
      },
    },
    wrongPassword: {
      perSecond: 0.5,
      async act() {
        const body = JSON.stringify({ email: emailOf(person()), password: 'a wrong one' })
        const headers = { 'content-type': 'application/json', 'x-org-domain': 'bench' }
        expect(await connection.send({ method: 'POST', path: machine.paths.login, headers, body }), 401)
      },
    },
    codeFlow: {
      perSecond: 8,
      async act() {
        const session = liveSession()
        if (session) families.push(await flow(session.jar))
      },
    },
    codeAbandoned: {
      perSecond: 1.5,
      async act() {
        const session = liveSession()
        if (session) await authorize(connection, any(webs).target, session.jar)
      },
    },
    requestAbandoned: {
      perSecond: 2,
      async act() {
        const { paths, clients } = any(webs).target
        const parameters = new URLSearchParams({
          response_type: 'code',
          client_id: clients.ES256.id,
          redirect_uri: 'https://app.example.com/callback',
          scope: 'openid',
          code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
          code_challenge_method: 'S256',
        })
        const answer = expect(await connection.send({ path: `${paths.authorize}?${parameters}` }), 302, 303)
        check(answer.headers.location.startsWith('/'), 'a page of the server', answer.headers.location)
      },
    },
    codeReplayed: {
      perSecond: 0.3,
      async act() {
        const session = liveSession()
        if (!session) return
        const { target } = any(webs)
        const code = await authorize(connection, target, session.jar)
        const got = await exchange(connection, target, code)
        await exchange(connection, target, code).then(
          () => check(false, 'a refusal of a code that was used', code),
          ({ message }) => check(message.includes('invalid_grant'), 'invalid_grant', message),
        )
        await deadToken({ target, refreshToken: got.refresh_token })
      },
    },
    refresh: {
      perSecond: 20,
      async act() {
        const family = await liveFamily()
        if (!family) return
        await rotate(family)
        families.push(family)
      },
    },
    refreshReplayed: {
      perSecond: 0.3,
      async act() {
        const family = await liveFamily()
        if (!family) return
        const first = family.refreshToken
        await rotate(family)
        await rotate(family)
        await deadToken({ ...family, refreshToken: first })
        await deadToken(family)
      },
    },
    refreshTokenRevoked: {
      perSecond: 0.7,
      async act() {
        const family = await liveFamily()
        if (!family) return
        const { target, refreshToken: token } = family
        const authorization = basic(target.clients.ES256)
        expect(await post(connection, target.paths.revocation, { token }, { authorization }), 200)
        await deadToken(family)
      },
    },
    accessTokenRevoked: {
      perSecond: 2,
      async act() {
        const session = liveSession()
        if (!session) return
        const { target } = any(webs)
        const got = await exchange(connection, target, await authorize(connection, target, session.jar))
        const token = got.access_token
        const authorization = basic(target.clients.ES256)
        expect(await post(connection, target.paths.revocation, { token }, { authorization }), 200)
        await inactive(target, token)
      },
    },
    introspection: {
      perSecond: 6,
      async act() {
        const held = liveToken()
        if (!held) return
        const answer = await introspect(connection, held.target, held.target.clients.ES256, held.token)
        // Its family may have been revoked since; then it must be inactive.
        check(typeof answer.active === 'boolean', 'an answer', JSON.stringify(answer))
      },
    },
    userinfo: {
      perSecond: 6,
      async act() {
        const session = liveSession()
        if (!session) return
        const { target } = any(webs)
        const got = await exchange(connection, target, await authorize(connection, target, session.jar))
        const headers = { authorization: `Bearer ${got.access_token}` }
        const answer = expect(await connection.send({ path: target.paths.userinfo, headers }), 200)
        check(JSON.parse(answer.text).sub === got.sub, 'the person', answer.text)
      },
    },
    signOut: {
      perSecond: 0.5,
      async act() {
        const jar = await signIn(connection, webs[0].target, person())
        const family = await flow(jar)
        const query = new URLSearchParams({ id_token_hint: family.idToken })
        const answer = await connection.send({ path: `${family.target.paths.logout}?${query}`, headers: jar.header() })
        expect(answer, 200)
        await deadToken(family)
      },
    },
    machine: {
      perSecond: 6,
      async act() {
        const form = { grant_type: 'client_credentials', scope: 'reports:read' }
        const { access_token: token } = JSON.parse(expect(await tokenForm(machine, form), 200).text)
        const answer = await introspect(connection, machine, machine.clients.ES256, token)
        check(answer.active === true, 'a live token', JSON.stringify(answer))
      },
    },
    machineByAssertion: {
      perSecond: 2,
      async act() {
        const { target } = signing
        const form = {
          grant_type: 'client_credentials',
          scope: 'reports:read',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion(),
        }
        expect(await post(connection, target.paths.token, form), 200)
        expect(await post(connection, target.paths.token, form), 401)
      },
    },
    wrongSecret: {
      perSecond: 1,
      async act() {
        const { id } = machine.clients.ES256
        expect(await tokenForm(machine, { grant_type: 'client_credentials' }, { id, secret: 'not the secret' }), 401)
      },
    },
  }
}
