import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'

const PEER = JSON.parse(readFileSync(new URL('node_modules/oidc-provider/package.json', import.meta.url), 'utf8'))

/** The machine and versions of the run. */
export async function describeMachine(meter, { concurrency, rounds, seconds, fill, workers }) {
  const settings = Object.entries(await meter.settings()).map(([name, value]) => `${name} ${value}`)
  return [
    `Machine     ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}`,
    `Node        ${process.version}`,
    `PostgreSQL  ${await meter.version()}: ${settings.join(', ')}`,
    `Peer        node-oidc-provider ${PEER.version}`,
    `Runs        ${rounds} round(s) of ${seconds} s at ${concurrency.join(', ')} connections`,
    ...(workers > 1 ? [`Workers     ${workers} processes of this server`] : []),
    ...(fill
      ? [`Tables      ${fill.users} users, ${fill.clients} clients, ${fill.grants} grants before the first run`]
      : []),
  ].join('\n')
}

/**
 * Medians over the rounds, as a Markdown table. The ratios compare CPU per request of server and PostgreSQL together:
 * the other servers to this one, and this one to the floor.
 */
export function table(results) {
  const cells = new Map()
  for (const row of results) cells.set(keyOf(row), [...(cells.get(keyOf(row)) ?? []), row])
  const rows = [...cells.values()].map(medians)
  const ours = new Map(rows.filter(({ server }) => server === 'cerberus').map((row) => [placeOf(row), row]))
  const floors = new Map(rows.filter(({ server }) => server === 'floor').map((row) => [placeOf(row), row]))
  const lines = rows.toSorted(byPlace).map((row) => {
    const floor = floors.get(placeOf(row))
    const aboveFloor = row.server === 'cerberus' && floor ? `${(costOf(row) / costOf(floor)).toFixed(1)}×` : ''
    const own = ours.get(placeOf(row))
    const ratio = row.server === 'cerberus' || own === undefined ? '' : `${(costOf(row) / costOf(own)).toFixed(1)}×`
    const { scenario, concurrency, server, perSecond, p50, p99, serverMs, postgresMs, statements, wrong } = row
    return [
      scenario,
      concurrency,
      server,
      Math.round(perSecond).toLocaleString('en'),
      p50.toFixed(2),
      p99.toFixed(2),
      serverMs.toFixed(3),
      postgresMs.toFixed(3),
      statements.toFixed(2),
      ratio,
      aboveFloor,
      wrong === 0 ? '' : wrong,
    ]
  })
  const head =
    'scenario,connections,server,req/s,p50 ms,p99 ms,server CPU ms,PG CPU ms,statements,CPU ÷ ours,CPU ÷ floor,wrong'
  return markdown([head.split(','), ...lines])
}

/** Figures per server instead of per scenario: size, memory, start time. */
export function describeServers(sides, results) {
  const lines = sides.map(({ name, server, bytesPerFlow }) => {
    const most = (figure) => Math.max(...results.filter((row) => row.server === name).map((row) => row[figure]))
    return [
      name,
      Math.round(server.startedInMs),
      Math.round(server.idleMemory),
      Math.round(most('memory')),
      bytesPerFlow === undefined ? '–' : Math.round(bytesPerFlow),
      most('generatorLagP99').toFixed(1),
      `${Math.round(most('generatorBusy') * 100)} %`,
    ]
  })
  const head =
    'server,start ms,RSS MB at start,max. RSS MB,bytes per code flow,max. generator lag p99 ms,max. generator CPU'
  return markdown([head.split(','), ...lines])
}

const ORDER = ['cerberus', 'floor', 'peer-postgres', 'peer-memory']

function byPlace(a, b) {
  // Rows of one scenario stay together, in the order of measurement.
  return placeOf(a) === placeOf(b) ? ORDER.indexOf(a.server) - ORDER.indexOf(b.server) : a.place - b.place
}

function medians(rows, index) {
  const [first] = rows
  const middle = (name) => {
    const sorted = rows.map((row) => row[name]).sort((a, b) => a - b)
    return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2
  }
  const figures = ['perSecond', 'p50', 'p99', 'serverMs', 'postgresMs', 'statements']
  return {
    ...first,
    ...Object.fromEntries(figures.map((name) => [name, middle(name)])),
    place: index,
    wrong: rows.reduce((sum, { errors }) => sum + errors.length, 0),
  }
}

const placeOf = ({ scenario, concurrency }) => `${scenario} ${concurrency}`
const keyOf = (row) => `${placeOf(row)} ${row.server}`
const costOf = ({ serverMs, postgresMs }) => serverMs + postgresMs

export function markdown([head, ...rows]) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => String(row[column]).length)))
  const line = (row) => `| ${row.map((cell, column) => String(cell).padEnd(widths[column])).join(' | ')} |`
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n')
}
