import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { OWNER, statusOf } from '../support/processes.ts'
import { openBench, sideOf, type Bench } from './bench.ts'
import { PATIENCE, report, stopwatch, times } from './figures.ts'
import { member, send, type Answer } from './http.ts'

describe('SIGTERM under load', () => {
  let bench: Bench
  afterEach(() => bench?.close())

  it(
    'turns readiness false first and fails nobody who then goes elsewhere',
    async () => {
      bench = await openBench({ environment: { SHUTDOWN_DELAY_SEC: '2' } })
      const client = await bench.registerClient({ refreshTokenReuseWindow: 0 })
      const tokens = (await bench.tokens(client, 16)).map((answer) => member(answer, 'refresh_token'))
      const [leaving, staying] = [0, 1]
      const seen: (number | undefined)[] = []
      const answers: Answer[] = []
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
          const side = welcome ? sideOf(index) : staying
          const answer = await bench.refresh(side, client, token)
          answers.push(answer)
          if (answer.status !== 200) return
          token = member(answer, 'refresh_token')
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
      report('SIGTERM under load', { requests: answers.length, failed: failed.length, 'drain (s)': seconds })

      expect(failed).toEqual([])
      expect(seen).toEqual([200, 503, undefined])
      expect(end).toEqual({ code: 0, signal: null })
    },
    PATIENCE,
  )

  it(
    'finishes what is under way, closes what is idle, and exits with 0',
    async () => {
      bench = await openBench()
      const side = 0
      // Idle: a connection that was used and is kept open.
      const idle = connect(bench.serverAt(side).port, '127.0.0.1')
      const idleClosed = new Promise((resolve) => idle.on('close', resolve))
      idle.on('error', () => undefined)
      idle.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n')
      await new Promise((resolve) => idle.once('data', resolve))
      // Under way: a form of which half has come, and sign-ins, which take their time.
      const slow = connect(bench.serverAt(side).port, '127.0.0.1')
      let answered = ''
      slow.setEncoding('utf8').on('data', (text: string) => (answered += text))
      const slowClosed = new Promise((resolve) => slow.on('close', resolve))
      const form = 'grant_type=client_credentials&client_id=nobody'
      slow.write(
        'POST /oauth2/token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n' +
          `content-length: ${form.length}\r\n\r\n${form.slice(0, 10)}`,
      )
      const signIns = times(20).map(() => send(bench.at(side, '/v1/auth/login'), { json: OWNER }))
      await Promise.race(signIns)
      const ended = bench.serverAt(side).kill('SIGTERM')
      while ((await statusOf(bench.at(side, '/health/live'))) !== undefined) await sleep(5)
      slow.write(form.slice(10))

      const answers = await Promise.all(signIns)
      await Promise.all([slowClosed, idleClosed])
      report('SIGTERM with requests under way', { 'sign-ins': answers.length, finished: answers.filter(isOk).length })
      expect(answers.filter((answer) => !isOk(answer))).toEqual([])
      expect(answered).toMatch(/^HTTP\/1\.1 401 [^]*connection: close[^]*"invalid_client"/i)
      expect(await ended).toEqual({ code: 0, signal: null })
    },
    PATIENCE,
  )
})

function isOk({ status }: Answer): boolean {
  return status === 200
}
