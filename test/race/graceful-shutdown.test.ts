import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { OWNER, statusOf } from '../support/server-processes.ts'
import { startServerGroup, serverIndexOf, type ServerGroup } from './server-group.ts'
import { RACE_TIMEOUT_MS, printFigures, stopwatch, repeat } from './race-report.ts'
import { stringMember, type HttpResult } from './http-client.ts'

const SIGN_INS = 20

describe('SIGTERM under load', () => {
  let bench: ServerGroup
  afterEach(() => bench?.close())

  it(
    'turns readiness false first, and no request of clients that switch servers fails',
    async () => {
      bench = await startServerGroup({ environment: { SHUTDOWN_DELAY_SEC: '2' } })
      const client = await bench.registerClient({ refreshTokenReuseWindow: 0 })
      const tokens = (await bench.tokens(client, 16)).map((answer) => stringMember(answer, 'refresh_token'))
      const [leaving, staying] = [0, 1]
      const seen: (number | undefined)[] = []
      const answers: HttpResult[] = []
      let welcome = true
      const stop = new AbortController()

      /** What a load balancer does: asks for readiness, and sends nothing more to who says no. */
      const balance = async () => {
        while (seen.at(-1) !== undefined || seen.length === 0) {
          const status = await statusOf(bench.at(leaving, '/health/ready'))
          if (status !== seen.at(-1)) seen.push(status)
          welcome = status === 200
          await sleep(10)
        }
      }
      const rotate = async (first: string, index: number) => {
        for (let token = first; !stop.signal.aborted;) {
          const side = welcome ? serverIndexOf(index) : staying
          const answer = await bench.refresh(side, client, token)
          answers.push(answer)
          if (answer.status !== 200) return
          token = stringMember(answer, 'refresh_token')
        }
      }
      const balancing = balance()
      const rotating = Promise.all(tokens.map(rotate))
      while (answers.length < 100) await sleep(10)
      const elapsed = stopwatch()
      const end = await bench.serverAt(leaving).kill('SIGTERM')
      const seconds = elapsed()
      stop.abort()
      await Promise.all([balancing, rotating])
      const failed = answers.filter(({ status }) => status !== 200)
      printFigures('SIGTERM under load', { requests: answers.length, failed: failed.length, 'drain (s)': seconds })

      expect(failed).toEqual([])
      expect(seen).toEqual([200, 503, undefined])
      expect(end).toEqual({ code: 0, signal: null })
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'finishes what is under way, closes what is idle, and exits with 0',
    async () => {
      bench = await startServerGroup()
      const { port } = bench.serverAt(0)
      const opened = repeat(SIGN_INS + 2).map(() => openConnection(port))
      const [idle, slow, ...signIns] = await Promise.all(opened)
      if (!idle || !slow) throw new Error('There is no connection')
      // Idle: used, and kept open.
      idle.write(message('GET', '/health/live'))
      await idle.answered()
      // Under way: a form of which half has come, and sign-ins. All have left when the signal is given, read or not.
      const form = message('POST', '/oauth2/token', 'grant_type=client_credentials&client_id=unknown', FORM)
      slow.write(form.slice(0, -10))
      for (const signIn of signIns) signIn.write(message('POST', '/v1/auth/login', JSON.stringify(OWNER), JSON_TYPE))
      await nextTurn()
      const ended = bench.serverAt(0).kill('SIGTERM')
      while ((await statusOf(bench.at(0, '/health/live'))) !== undefined) await sleep(5)
      slow.write(form.slice(-10))

      const answers = await Promise.all(signIns.map((signIn) => signIn.closed))
      const finished = answers.filter((answer) => answer.startsWith('HTTP/1.1 200 '))
      printFigures('SIGTERM with requests under way', { 'sign-ins': answers.length, finished: finished.length })
      expect(finished).toHaveLength(SIGN_INS)
      expect(await slow.closed).toMatch(/^HTTP\/1\.1 401 [^]*connection: close[^]*"invalid_client"/i)
      expect(await idle.closed).toMatch(/^HTTP\/1\.1 200 /)
      expect(await ended).toEqual({ code: 0, signal: null })
    },
    RACE_TIMEOUT_MS,
  )
})

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

function message(method: string, path: string, body = '', type = 'text/plain'): string {
  const head = [`${method} ${path} HTTP/1.1`, 'host: localhost', `content-length: ${body.length}`]
  return [...head, ...(body === '' ? [] : [`content-type: ${type}`]), '', body].join('\r\n')
}

/** A connection of its own. `closed` resolves with all that came over it, or the error that ended it. */
async function openConnection(port: number) {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  await once(socket, 'connect')
  let heard = ''
  socket.on('data', (text: string) => (heard += text))
  const closed = new Promise<string>((resolve) => {
    socket.on('error', (error) => resolve(error.message))
    socket.on('close', () => resolve(heard))
  })
  return { closed, write: (text: string) => socket.write(text), answered: () => once(socket, 'data') }
}
