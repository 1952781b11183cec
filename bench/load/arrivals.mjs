// An open-loop load generator: requests are sent at a fixed rate without waiting for responses, and each is measured
// from its scheduled time. It can also run a closed loop with a number of connections, to find the peak of a server. It
// runs in a separate process, controlled by its parent.
import { setPriority } from 'node:os'
import { emailOf, PASSWORD, PEOPLE } from '../servers/people.mjs'
import { openConnection } from './connection.mjs'
import { authorize, authorizePath, basic, exchange, exchangeForm, introspect, signIn } from './flows.mjs'
import { openWire } from './wire.mjs'

const FAMILIES = 512

let target
let people
let families
let accessTokens

function message(method, path, headers, body = '') {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`)
  if (method === 'POST') lines.push(`content-length: ${Buffer.byteLength(body)}`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}

function form(path, client, parameters) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(client) }
  return message('POST', path, headers, new URLSearchParams(parameters).toString())
}

const pick = (list) => list[Math.floor(Math.random() * list.length)]
const tokenIn = (body) => /"refresh_token":"([^"]+)"/.exec(body)?.[1]

/**
 * The kinds of work. Each sends one or several requests in sequence and reports the outcome of each to `tell`: correct,
 * rejected or lost, and the scheduled time of the request.
 */
const kinds = {
  machine(send) {
    const { client, form: parameters } = target.machines.ES256
    const bytes = form(target.paths.token, client, { grant_type: 'client_credentials', ...parameters })
    send(bytes, ({ status, body }) => status === 200 && body.includes('"access_token"'))
  },
  refresh(send) {
    const token = families.pop()
    // All are in progress: their clients wait for them.
    if (token === undefined) return kinds.machine(send)
    const parameters = { grant_type: 'refresh_token', refresh_token: token }
    const bytes = form(target.paths.token, target.clients.ES256, parameters)
    send(bytes, ({ status, body }) => status === 200 && tokenIn(body) !== undefined, {
      right: ({ body }) => void families.push(tokenIn(body)),
      // A token whose response was lost may have been rotated: its client starts a new code flow.
      wrong: (answer) => answer?.status === 503 && families.push(token),
    })
  },
  introspect(send) {
    const bytes = form(target.paths.introspection, target.clients.ES256, { token: pick(accessTokens) })
    send(bytes, ({ status, body }) => status === 200 && body.includes('"active":true'))
  },
  flow(send) {
    const bytes = message('GET', authorizePath(target, 'ES256'), pick(people).header())
    const codeIn = ({ head }) => /\r\nlocation: [^\r]*[?&]code=([^&\r]+)/i.exec(head)?.[1]
    send(bytes, (answer) => (answer.status === 302 || answer.status === 303) && codeIn(answer) !== undefined, {
      right(answer) {
        const second = form(target.paths.token, target.clients.ES256, exchangeForm(decodeURIComponent(codeIn(answer))))
        send(
          second,
          ({ status, body }) => status === 200 && body.includes('"id_token"') && tokenIn(body) !== undefined,
          {
            right: ({ body }) => void (families.length < FAMILIES && families.push(tokenIn(body))),
          },
        )
        return true
      },
    })
  },
  signIn(send) {
    const credentials = { email: emailOf(Math.floor(Math.random() * PEOPLE)), password: PASSWORD }
    const headers = { 'content-type': 'application/json', 'x-org-domain': 'bench' }
    const bytes = message('POST', '/v1/auth/login', headers, JSON.stringify(credentials))
    send(bytes, ({ status }) => status === 200)
  },
}

const orders = {
  async open(order) {
    target = order.target
    try {
      setPriority(-5)
    } catch {
      // Only root may raise the priority of the generator above the server.
    }
    const connection = openConnection(target.url)
    people = []
    families = []
    accessTokens = []
    for (let person = 0; person < 8; person += 1) people.push(await signIn(connection, target, person))
    await connection.close()
    const connections = Array.from({ length: 16 }, () => openConnection(target.url))
    await Promise.all(
      connections.map(async (each, index) => {
        while (families.length < FAMILIES) {
          const jar = people[index % people.length]
          const tokens = await exchange(each, target, await authorize(each, target, jar))
          families.push(tokens.refresh_token)
          if (accessTokens.length < 64) accessTokens.push(tokens.access_token)
        }
        await introspect(each, target, target.clients.ES256, accessTokens[0])
        await each.close()
      }),
    )
  },

  /**
   * Sends kinds of work chosen from the list `mix` for `seconds`: `rate` per second if given, otherwise as fast as
   * `connections` allow. Returns the outcomes by the second in which the requests were scheduled.
   */
  async run({ rate, mix, seconds, connections, patience = 5_000, linger = patience }) {
    const wire = openWire(target.url, { connections, patience })
    const began = performance.now()
    const until = began + seconds * 1000
    const tallies = Array.from({ length: Math.ceil(seconds) + 1 }, () => ({ good: 0, refused: 0, lost: 0, wrong: 0 }))
    const latencies = tallies.map(() => [])
    const strange = new Map()
    const underWay = new Set()
    const cpu = process.cpuUsage()

    function ask(kind, due, then) {
      kinds[kind]((bytes, isRight, { right, wrong } = {}) => {
        // A follow-up request is scheduled when the previous response has arrived.
        const from = due ?? performance.now()
        due = undefined
        const place = Symbol(kind)
        underWay.add(place)
        wire.send(bytes, (answer) => {
          underWay.delete(place)
          const second = Math.min(tallies.length - 1, Math.floor((from - began) / 1000))
          const outcome = judge(answer, isRight)
          tallies[second][outcome] += 1
          if (outcome === 'good') {
            latencies[second].push(performance.now() - from)
            // The work continues with another request.
            if (right?.(answer) === true) return
          } else {
            if (outcome === 'wrong') strange.set(`${answer.status} ${answer.body.slice(0, 200)}`, kind)
            wrong?.(answer)
          }
          then?.(outcome)
        })
      })
    }

    if (rate === undefined) {
      const again = (outcome) => {
        if (performance.now() >= until) return
        const next = () => performance.now() < until && ask(pick(mix), performance.now(), again)
        // A rejected client retries, but not immediately.
        if (outcome === 'refused') setTimeout(next, 1000)
        else next()
      }
      for (let index = 0; index < connections; index += 1) again()
    } else {
      let sent = 0
      const timer = setInterval(() => {
        const now = Math.min(performance.now(), until)
        for (const due = ((now - began) / 1000) * rate; sent < due; sent += 1) {
          ask(pick(mix), began + (sent / rate) * 1000)
        }
      }, 1)
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
      clearInterval(timer)
    }
    while (performance.now() < until || (underWay.size > 0 && performance.now() < until + linger)) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const { user, system } = process.cpuUsage(cpu)
    wire.close()
    return {
      seconds: tallies.map((tally, index) => ({ ...tally, ...percentiles(latencies[index]) })),
      whole: percentiles(latencies.flat()),
      busy: (user + system) / 1000 / (performance.now() - began),
      strange: [...strange.keys()].slice(0, 5),
    }
  },

  /** Keeps `connections` sign-ins waiting until the order `quiet`. */
  async crowd({ connections }) {
    const wire = openWire(target.url, { connections, patience: 60_000 })
    crowd = { wire, done: 0, failed: 0, over: false }
    const state = crowd
    const enter = () => {
      kinds.signIn((bytes, isRight) =>
        wire.send(bytes, (answer) => {
          if (state.over) return
          const right = answer !== undefined && isRight(answer)
          if (right) state.done += 1
          else state.failed += 1
          setTimeout(enter, right ? 0 : 1000)
        }),
      )
    }
    for (let index = 0; index < connections; index += 1) enter()
  },

  async quiet() {
    crowd.over = true
    crowd.wire.close()
    return { done: crowd.done, failed: crowd.failed }
  },
}
let crowd

function judge(answer, isRight) {
  if (answer === undefined) return 'lost'
  if (answer.status === 503) return 'refused'
  return isRight(answer) ? 'good' : 'wrong'
}

function percentiles(latencies) {
  const sorted = Float64Array.from(latencies).sort()
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

process.on('message', ({ order, ...rest }) => {
  orders[order](rest).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: error.stack }),
  )
})
process.on('disconnect', () => process.exit())
