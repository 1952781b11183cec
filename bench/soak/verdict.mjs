import { markdown } from '../report.mjs'

// Flat means: the mean of the last third of the run exceeds that of the middle third by at most a percentage plus a
// constant. In the first third everything fills up, because the longest lifetime has not passed yet. The constant
// covers the normal variation of small tables and processes.

const MB = 2 ** 20
const allowed = {
  rows: { share: 0.05, besides: 50 },
  bytes: { share: 0.1, besides: MB },
  memory: { share: 0.1, besides: 16 * MB },
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length

function compare(values, { share, besides }) {
  const third = Math.floor(values.length / 3)
  const middle = mean(values.slice(third, 2 * third))
  const last = mean(values.slice(2 * third))
  return { middle, last, flat: last <= middle * (1 + share) + besides }
}

const MEMORY = { heap: 'heap after collection', rss: 'RSS of the server', postgres: 'private memory of PostgreSQL' }

/** Whether everything is flat, with a table of rows and bytes and one with each tenth of the run. */
export function judge(samples) {
  const names = Object.keys(samples.at(-1).tables)
  const at = (name, figure) => samples.map(({ tables }) => tables[name]?.[figure] ?? 0)
  const points = [1, 2, 3, 4, 5, 6].map((part) => Math.ceil((samples.length * part) / 6) - 1)
  const figures = names.map((name) => ({
    name,
    rows: compare(at(name, 'rows'), allowed.rows),
    bytes: compare(at(name, 'bytes'), allowed.bytes),
  }))
  const memory = Object.entries(MEMORY).map(([figure, name]) => ({
    name,
    ...compare(
      samples.map((sample) => sample[figure]),
      allowed.memory,
    ),
  }))
  const day = (index) => `day ${samples[index].day.toFixed(0)}`
  const tables = markdown([
    ['table', ...points.map((index) => `rows ${day(index)}`), 'growth', 'MB, middle', 'MB, last', 'dead rows', 'flat'],
    ...figures.map(({ name, rows, bytes }) => [
      name,
      ...points.map((index) => at(name, 'rows')[index].toLocaleString('en')),
      growth(rows),
      (bytes.middle / MB).toFixed(2),
      (bytes.last / MB).toFixed(2),
      Math.round(mean(at(name, 'dead').slice(-10))).toLocaleString('en'),
      verdict(rows.flat && bytes.flat),
    ]),
  ])
  const overTime = markdown([
    ['', ...points.map(day), 'growth', 'flat'],
    ...memory.map(({ name, flat, ...sides }) => {
      const figure = Object.keys(MEMORY).find((key) => MEMORY[key] === name)
      return [`${name}, MB`, ...points.map((i) => (samples[i][figure] / MB).toFixed(1)), growth(sides), verdict(flat)]
    }),
    ...[
      ['p99 of a request, ms', 'p99', 1],
      ['event loop lag p99, ms', 'lagP99', 1],
      ['statements a request, chores included', 'statements', 2],
      ['requests between two looks', 'requests', 0],
    ].map(([name, figure, digits]) => [name, ...points.map((i) => samples[i][figure].toFixed(digits)), '', '']),
  ])
  const flat = figures.every(({ rows, bytes }) => rows.flat && bytes.flat) && memory.every((each) => each.flat)
  return { flat, text: `${tables}\n\n${overTime}` }
}

const growth = ({ middle, last }) => (middle === 0 ? '–' : `${((last / middle - 1) * 100).toFixed(1)} %`)
const verdict = (flat) => (flat ? 'yes' : 'NO')
