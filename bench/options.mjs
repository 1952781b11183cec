import { parseArgs } from 'node:util'

const USAGE = `npm run bench -- [options]

  --quick               one round of short runs at 32 connections: about two minutes
  --scenario <names>    only these, by commas; --list shows them
  --concurrency <n,…>   connections, 1,32,256 unless said otherwise
  --rounds <n>          how often everything is repeated; the medians are printed (3)
  --seconds <n>         length of one run (3)
  --servers <names>     only these, by commas: cerberus, peer-postgres, floor, peer-memory
  --workers <n>         processes that serve, of this server alone (1)
  --fill <u,c,g>        fill the tables first: users, clients, grants, such as 1000000,100000,10000000
  --profile <folder>    sample this server alone, one .cpuprofile a scenario, and print where its time goes
  --json <file>         every figure of every run, besides the tables
  --list                the scenarios`

/** Parses the command line. Prints the usage and exits if it is invalid. */
export function readOptions(known) {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        scenario: { type: 'string' },
        concurrency: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        servers: { type: 'string' },
        workers: { type: 'string' },
        fill: { type: 'string' },
        profile: { type: 'string' },
        json: { type: 'string' },
      },
    })
    if (values.help) return end(USAGE, 0)
    if (values.list) return end(known.scenarios.join('\n'), 0)
    const { quick } = values
    const profile = values.profile
    const [users, clients, grants] = values.fill === undefined ? [] : numbers(values.fill, 0, 20_000_000, 3)
    return {
      profile,
      json: values.json,
      scenarios: names(values.scenario, known.scenarios),
      servers: profile === undefined ? names(values.servers, known.servers) : ['cerberus'],
      concurrency: numbers(values.concurrency ?? (quick || profile !== undefined ? '32' : '1,32,256'), 1, 1024),
      rounds: numbers(values.rounds ?? (quick || profile !== undefined ? '1' : '3'), 1, 20, 1)[0],
      seconds: numbers(values.seconds ?? (quick ? '1' : '3'), 0.2, 60, 1)[0],
      workers: numbers(values.workers ?? '1', 1, 256, 1)[0],
      fill: users === undefined ? undefined : { users, clients, grants },
    }
  } catch (error) {
    return end(`${error.message}\n\n${USAGE}`, 1)
  }
}

function names(text, known) {
  const wanted = text === undefined ? known : text.split(',')
  const strange = wanted.filter((name) => !known.includes(name))
  if (strange.length > 0) throw new Error(`Unknown: ${strange.join(', ')}. Known: ${known.join(', ')}.`)
  return known.filter((name) => wanted.includes(name))
}

function numbers(text, least, most, count) {
  const found = text.split(',').map(Number)
  if (found.some((number) => !(number >= least && number <= most)) || (count !== undefined && found.length !== count)) {
    throw new Error(`'${text}' must be ${count ?? 'some'} number(s) from ${least} to ${most}.`)
  }
  return found
}

function end(text, status) {
  console.log(text)
  process.exit(status)
}
