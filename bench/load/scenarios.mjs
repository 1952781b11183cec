import { PEOPLE } from '../servers/people.mjs'
import { check, expect } from './connection.mjs'
import { authorize, basic, exchange, introspect, post, refresh, signIn } from './flows.mjs'

// The scenarios. `prepare` runs before the measurement and returns the step that is repeated. The step gets a worker
// (`connection`, `index`, `jar`: the cookies of a signed-in user) and throws if a response is wrong. It returns false
// when it has no more work. `measures` describes one request of the table.

const TOKENS_EACH = 4

async function eachWorker(workers, make) {
  return Promise.all(workers.map((worker) => make(worker)))
}

/** Access tokens of users, the same number for each worker. */
async function userTokens({ target, workers }) {
  const perWorker = workers.length > 64 ? 1 : TOKENS_EACH
  return eachWorker(workers, async ({ connection, jar }) => {
    const found = []
    while (found.length < perWorker) {
      found.push(await exchange(connection, target, await authorize(connection, target, jar)))
    }
    return found
  })
}

async function machineToken(connection, target, { client, form }, alg) {
  const answer = await post(
    connection,
    target.paths.token,
    { grant_type: 'client_credentials', ...form },
    { authorization: basic(client) },
  )
  const { access_token: token, token_type: type } = JSON.parse(expect(answer, 200).text)
  check(typeof token === 'string' && type === 'Bearer', 'a bearer token', answer.text)
  if (alg === undefined) check(token.split('.').length === 1, 'an opaque token', token)
  else check(JSON.parse(Buffer.from(token.split('.', 1)[0], 'base64url')).alg === alg, `a JWT of ${alg}`, token)
  return token
}

const document = (path, holds) => ({
  measures: 'one GET',
  async prepare({ target }) {
    return async ({ connection }) => {
      const answer = expect(await connection.send({ path: target.paths[path] }), 200)
      check(holds(JSON.parse(answer.text), target), `the ${path} document`, answer.text)
    }
  },
})

const machine = (kind, alg) => ({
  measures: 'one token request',
  exists: (target) => target.machines[kind] !== undefined,
  async prepare({ target, workers: [first] }) {
    if (alg === undefined) {
      // An opaque token is introspected once, to check that it is active.
      const token = await machineToken(first.connection, target, target.machines[kind], alg)
      const { client } = target.machines[kind]
      const answer = await introspect(first.connection, target, client, token)
      check(answer.active && answer.client_id === client.id, 'an active token', JSON.stringify(answer))
    }
    return async ({ connection }) => {
      await machineToken(connection, target, target.machines[kind], alg)
    }
  },
})

const clientList = (query, holds) => ({
  measures: 'one page of the clients of the organisation, for an administrator',
  exists: ({ administrator }) => administrator !== undefined,
  async prepare({ target }) {
    const { path, headers } = target.administrator
    return async ({ connection }) => {
      const answer = expect(await connection.send({ path: `${path}?limit=50${query}`, headers }), 200)
      check(holds(JSON.parse(answer.text)), 'a page of clients', answer.text)
    }
  },
})

const codeFlow = (alg) => ({
  measures: 'authorize and token: two requests, ending in an access, a refresh and an ID token',
  async prepare({ target }) {
    return async ({ connection, jar }) => {
      await exchange(connection, target, await authorize(connection, target, jar, alg), alg)
    }
  },
})

export const scenarios = {
  discovery: document('discovery', (metadata, { issuer }) => metadata.issuer === issuer),
  jwks: document('jwks', ({ keys }) => keys.some(({ kty }) => kty === 'RSA') && keys.some(({ kty }) => kty === 'EC')),
  'machine-es256': machine('ES256', 'ES256'),
  'machine-rs256': machine('RS256', 'RS256'),
  'machine-opaque': machine('opaque', undefined),

  'machine-many-clients': {
    measures: 'one token request by one of all the clients that --fill made, drawn anew each time',
    exists: ({ fillers }) => fillers?.count > 0,
    async prepare({ target }) {
      const { count, secret } = target.fillers
      return async ({ connection }) => {
        const client = { id: `filler-${1 + Math.floor(Math.random() * count)}`, secret }
        await machineToken(connection, target, { client, form: { scope: 'reports:read' } }, 'ES256')
      }
    },
  },

  authorize: {
    measures: 'one authorization request with a live session, answered with a code',
    async prepare({ target }) {
      return async ({ connection, jar }) => {
        await authorize(connection, target, jar)
      }
    },
  },

  'code-flow-es256': codeFlow('ES256'),
  'code-flow-rs256': codeFlow('RS256'),

  refresh: {
    measures: 'one rotation',
    async prepare({ target, workers }) {
      const newest = new Map()
      await eachWorker(workers, async ({ index, connection, jar }) => {
        const tokens = await exchange(connection, target, await authorize(connection, target, jar))
        newest.set(index, tokens.refresh_token)
      })
      return async ({ index, connection }) => {
        newest.set(index, (await refresh(connection, target, newest.get(index))).refresh_token)
      }
    },
  },

  'introspect-user': {
    measures: 'one live token of a person',
    async prepare(stage) {
      const tokens = await userTokens(stage)
      return async ({ index, connection, turn }) => {
        const { access_token: token, sub } = tokens[index][turn % tokens[index].length]
        const answer = await introspect(connection, stage.target, stage.target.clients.ES256, token)
        check(answer.active === true && answer.sub === sub, 'an active token', JSON.stringify(answer))
      }
    },
  },

  'introspect-machine': {
    measures: 'one live token of a client',
    async prepare({ target, workers }) {
      const { introspected } = target
      const tokens = await eachWorker(workers, ({ connection }) =>
        post(
          connection,
          target.paths.token,
          { grant_type: 'client_credentials', ...introspected.form },
          { authorization: basic(introspected.client) },
        ).then((answer) => JSON.parse(expect(answer, 200).text).access_token),
      )
      return async ({ index, connection }) => {
        const answer = await introspect(connection, target, introspected.client, tokens[index])
        check(answer.active && answer.client_id === introspected.client.id, 'an active token', JSON.stringify(answer))
      }
    },
  },

  userinfo: {
    measures: 'one live token of a person',
    async prepare(stage) {
      const tokens = await userTokens(stage)
      return async ({ index, connection, turn }) => {
        const { access_token: token, sub } = tokens[index][turn % tokens[index].length]
        const headers = { authorization: `Bearer ${token}` }
        const answer = expect(await connection.send({ path: stage.target.paths.userinfo, headers }), 200)
        const claims = JSON.parse(answer.text)
        check(claims.sub === sub && claims.email && claims.name, 'the claims of the person', answer.text)
      }
    },
  },

  revocation: {
    measures: 'one live access token of a person',
    // The number of tokens made beforehand; the run ends when all are revoked.
    supply: 600,
    async prepare({ target, workers, seconds }) {
      const client = target.clients.ES256
      const each = Math.ceil((this.supply * Math.max(1, Math.min(seconds, 5))) / workers.length)
      const live = new Map()
      await eachWorker(workers, async ({ index, connection, jar }) => {
        const first = await exchange(connection, target, await authorize(connection, target, jar))
        const tokens = [first.access_token]
        for (let newest = first.refresh_token; tokens.length < each;) {
          const next = await refresh(connection, target, newest)
          tokens.push(next.access_token)
          newest = next.refresh_token
        }
        live.set(index, tokens)
      })
      const revoked = new Map()
      return Object.assign(
        async ({ index, connection }) => {
          const token = live.get(index).pop()
          if (token === undefined) return false
          expect(await post(connection, target.paths.revocation, { token }, { authorization: basic(client) }), 200)
          revoked.set(index, token)
        },
        {
          /** After the measurement: the revoked tokens must be inactive. */
          async verify(worker) {
            const token = revoked.get(worker.index)
            if (token === undefined) return
            const answer = await introspect(worker.connection, target, client, token)
            check(answer.active === false, 'a revoked token', JSON.stringify(answer))
          },
        },
      )
    },
  },

  'client-list': clientList('', ({ total }) => total > 0),
  'client-search': clientList('&search=Machine%20ES256', ({ total }) => total >= 1),

  'password-sign-in': {
    measures: 'a whole journey: authorize, page, password, back, code (four requests, one hash)',
    // More than the server's hashing queue holds; the others are rejected immediately.
    most: 128,
    async prepare({ target }) {
      return async ({ index, connection, turn }) => {
        await signIn(connection, target, (index + turn * 31) % PEOPLE)
      }
    },
  },
}
