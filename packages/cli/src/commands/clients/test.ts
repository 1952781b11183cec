import { type Check, type ClientEvent, listClientEvents, testClient } from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import { exitCodes, Failure } from '../../failure.ts'
import { readData } from '../../input/data.ts'
import { printChecks } from '../../output/check-output.ts'
import { log } from '../../output/log.ts'
import { addPageOptions, type PageOptions, printPagedList, readPagedList } from '../../output/paged-list.ts'
import { print } from '../../output/print.ts'
import type { Columns } from '../../output/table.ts'
import { invocationOf } from '../invocation.ts'

const eventColumns: Columns<ClientEvent> = [
  { member: 'occurredAt', heading: 'TIME' },
  'type',
  { member: 'success', heading: 'OK' },
  'email',
  'ipAddress',
  'requestId',
  'metadata',
]

/** `cerberus client test` and `events`: diagnosis of a client, and its audit events. */
export function addClientTest(client: Command): void {
  client
    .command('test <id>')
    .description('test a client: its settings, keys and addresses, and an authorization request')
    .option(
      '--parameters <data>',
      'parameters of the authorization request, as data, or the address that a browser was sent to',
    )
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ parameters?: string }>(command)
      const parameters = options.parameters === undefined ? undefined : readParameters(options.parameters)
      const { body } = await open().send(testClient(id, parameters))
      const { passed, checks, request } = body
      if (format !== 'table') print(body, format)
      else {
        const about = (subject: 'client' | 'request') => (check: Check) => ({ about: subject, ...check })
        printChecks([...checks.map(about('client')), ...request.map(about('request'))], format)
        logFailed([...checks, ...request])
      }
      if (!passed) process.exitCode = exitCodes.failedCheck
    })

  const events = client.command('events <id>').description('list the audit events of a client, newest first')
  addPageOptions(events).action(async (id: string, _options: unknown, command: Command) => {
    const { options, open, format } = invocationOf<PageOptions>(command)
    const found = await readPagedList(open(), (query) => listClientEvents(id, query), options)
    printPagedList(found, format, eventColumns, 'events')
  })
}

function logFailed(checks: readonly Check[]): void {
  const failed = checks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
  log(failed.length === 0 ? 'No check failed.' : `Failed: ${failed.join(', ')}.`)
}

/** Parameters as data, or those of an address. The server takes each name once, so a duplicate is an error here. */
function readParameters(argument: string): unknown {
  if (!URL.canParse(argument) || !/^https?:/.test(argument)) return readData(argument)
  const parameters = [...new URL(argument).searchParams]
  const names = parameters.map(([name]) => name)
  const duplicate = names.find((name, index) => names.indexOf(name) !== index)
  if (duplicate !== undefined) {
    throw new Failure('invalid', `The address has ${duplicate} twice. The server rejects duplicate parameters.`)
  }
  return Object.fromEntries(parameters)
}
