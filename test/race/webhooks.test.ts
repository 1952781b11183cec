import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'
import { expectStatus, send, stringMember } from './http-client.ts'
import { mapConcurrently, printFigures, RACE_TIMEOUT_MS, readCount, repeat, stopwatch } from './race-report.ts'
import { startServerGroup, type ServerGroup } from './server-group.ts'

const EVENTS = readCount('RACE_EVENTS', 60)

describe('a server process that is killed while it delivers', () => {
  let bench: ServerGroup
  let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>
  beforeAll(async () => {
    receiver = await startWebhookReceiver()
    bench = await startServerGroup({ environment: { OUTBOUND_ALLOW: 'localhost' } })
  }, RACE_TIMEOUT_MS)
  afterAll(async () => {
    await bench?.close()
    await receiver?.close()
  })

  it(
    'loses no event, and repeats one only with its id',
    async () => {
      const elapsed = stopwatch()
      const headers = { cookie: bench.cookie }
      const post = (path: string, json: unknown) => send(bench.at(0, path), { headers, json })
      const webhook = { url: `${receiver.base}/hook`, events: ['role.created'] }
      expectStatus(await post('/v1/admin/webhooks', webhook), 201)
      // What is received now gets no response: it is in delivery when its process is killed, in one process or the other.
      receiver.respond = () => undefined
      const roles = await mapConcurrently(repeat(EVENTS), 8, async (_, index) => {
        const created = await post('/v1/admin/roles', { name: `Role ${index}`, slug: `role-${index}` })
        return stringMember(expectStatus(created, 201), 'id')
      })
      await eventually(
        () => receiver.received.length,
        (received) => received > 0,
      )
      await Promise.all([bench.serverAt(0).kill('SIGKILL'), bench.serverAt(1).kill('SIGKILL')])
      const unanswered = receiver.received.length
      const received = [...receiver.received]
      receiver.reset()
      await bench.restart(1)
      // As if the leases of what was in delivery had ended.
      await bench.query(`UPDATE webhook_deliveries SET next_attempt_at = now() WHERE status = 'pending'`)
      const pending = () => bench.query(`SELECT FROM webhook_deliveries WHERE status <> 'delivered'`)
      await eventually(pending, (left) => left.length === 0)
      received.push(...receiver.received)

      const subjects = new Map(
        received.map(({ headers: { 'webhook-id': id = '' }, json }) => [
          id,
          (json()['data'] as { resource: { id: string } }).resource.id,
        ]),
      )
      expect([...subjects.values()].toSorted()).toEqual(roles.toSorted())
      expect(received.length).toBeGreaterThan(EVENTS)
      printFigures('webhooks and kill -9', {
        events: EVENTS,
        unanswered,
        received: received.length,
        seconds: elapsed(),
      })
    },
    RACE_TIMEOUT_MS,
  )
})
