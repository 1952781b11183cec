// `node bench/webhooks.mjs [events]`: how many webhooks a second one process delivers to one receiver that responds at once,
// over kept connections, with a queue of this number of events (20,000). Over a temporary PostgreSQL.
import { register } from 'tsx/esm/api'
import { createServer } from 'node:http'

const count = Number(process.argv[2] ?? 20_000)

const QUEUE = `
  INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, resource_type, resource_id, metadata)
  SELECT gen_random_uuid(), o.id, $2::timestamptz, 'user.updated', 'user', 'update', true, 'user', gen_random_uuid()::text, '{}'
  FROM organisations o, generate_series(1, $1::int)`

register()
const { startTestCluster } = await import('../test/support/cluster.ts')
const { createTestApp } = await import('../test/support/app.ts')
const { createDatabase, stop } = await startTestCluster()
const { connectionString } = await createDatabase()
let received = 0
let connections = 0
let isDone = () => {}
const receiver = createServer((request, response) => {
  received += 1
  if (received === count) isDone()
  request.resume().on('end', () => response.end())
})
receiver.on('connection', () => (connections += 1))
await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve))
const test = await createTestApp({ connectionString, allow: ['localhost'] })
try {
  const cookie = await test.signIn()
  const created = await test.app.inject({
    method: 'POST',
    url: '/v1/admin/webhooks',
    headers: { cookie },
    payload: { url: `http://localhost:${receiver.address().port}/`, events: ['user.*'] },
  })
  if (created.statusCode !== 201) throw new Error(created.body)
  const filling = performance.now()
  await test.database.pool.query(QUEUE, [count, test.clock.now()])
  const perInsert = ((performance.now() - filling) * 1000) / count
  await test.database.pool.query('ANALYZE webhook_deliveries')
  const started = performance.now()
  const { user, system } = process.cpuUsage()
  const done = new Promise((resolve) => (isDone = resolve))
  test.webhookDelivery.flush()
  await done
  const seconds = (performance.now() - started) / 1000
  const cpu = process.cpuUsage({ user, system })
  console.log({
    events: count,
    connections,
    perSecond: Math.round(count / seconds),
    microsecondsToQueue: Math.round(perInsert),
    // Sender and receiver are one process here.
    cpuMicrosecondsPerDelivery: Math.round((cpu.user + cpu.system) / count),
  })
} finally {
  await test.close()
  receiver.closeAllConnections()
  receiver.close()
  await stop()
}
