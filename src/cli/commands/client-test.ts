import { Command } from 'commander'
import { clientPath, json, type Check } from '../client-requests.ts'
import { readData } from '../data.ts'
import { exitCodes, Failure } from '../failure.ts'
import { invocationOf } from '../invocation.ts'
import { show, tell, type Format } from '../output.ts'
import { paged, readPages, showFound, withQuery, type PageOptions } from '../pages.ts'

const columns = ['name', 'outcome', 'expected', 'seen', 'advice']

/** `cerberus client test` and `events`: what is the matter with a client, and what was done to it. */
export function addClientTest(client: Command): void {
  client
    .command('test <id>')
    .description('look at a client from end to end: settings, keys, addresses, an authorization request')
    .option(
      '--parameters <data>',
      'those of the request to look at, as data; or the address that a browser was sent to',
    )
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ parameters?: string }>(command)
      const body = json(options.parameters === undefined ? {} : { parameters: parametersOf(options.parameters) })
      const tested = await open().call({ method: 'POST', path: clientPath(id, '/test'), ...body })
      const { passed, checks, request } = tested.body as { passed: boolean; checks: Check[]; request: Check[] }
      if (format !== 'table') show(tested.body, format)
      else {
        const about = (what: string) => (check: Check) => ({ about: what, ...check })
        show([...checks.map(about('client')), ...request.map(about('request'))], format, ['about', ...columns])
        tellFailed([...checks, ...request])
      }
      if (!passed) process.exitCode = exitCodes.failedCheck
    })

  const events = client.command('events <id>').description('what was done to a client, by whom, the newest first')
  paged(events).action(async (id: string, _options: unknown, command: Command) => {
    const { options, open, format } = invocationOf<PageOptions>(command)
    const found = await readPages(open(), (query) => withQuery(clientPath(id, '/events'), query), options)
    showFound(found, format, ['occurredAt', 'type', 'success', 'email', 'ipAddress', 'requestId', 'metadata'], 'events')
  })
}

/** `cerberus trace`: why an authorization request was refused. */
export function traceCommand(): Command {
  const trace = new Command('trace').description('why authorization requests were refused')
  trace
    .command('get <reference>')
    .description('by the reference on the error page, for an hour')
    .action(async (reference: string, _options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      const { body } = await open().call({
        method: 'GET',
        path: `/v1/admin/traces/${encodeURIComponent(reference)}`,
      })
      showTrace(body as Record<string, unknown> & { checks: Check[] }, format)
    })
  return trace
}

function showTrace(trace: Record<string, unknown> & { checks: Check[] }, format: Format): void {
  if (format !== 'table') return show(trace, format)
  show(trace.checks, format, columns)
  tell(`${String(trace['error'])}, of the client ${String(trace['clientId'])} at ${String(trace['createdAt'])}.`)
}

function tellFailed(checks: readonly Check[]): void {
  const failed = checks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
  tell(failed.length === 0 ? 'Nothing failed.' : `Failed: ${failed.join(', ')}.`)
}

/** Parameters as data, or those of an address; one that is there twice cannot be told apart from a mistake. */
function parametersOf(given: string): unknown {
  if (!URL.canParse(given) || !/^https?:/.test(given)) return readData(given)
  const sent = [...new URL(given).searchParams]
  const names = sent.map(([name]) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Failure('invalid', `The address has ${twice} twice: that alone is refused.`)
  return Object.fromEntries(sent)
}
