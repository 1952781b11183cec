import { Command } from 'commander'
import { json } from '../client-requests.ts'
import { confirm } from '../confirm.ts'
import { DATA, readData } from '../data.ts'
import { Failure } from '../failure.ts'
import { invocationOf } from '../invocation.ts'
import { show, tell } from '../output.ts'

const POLICY = '/v1/admin/registration-policy'
const TOKENS = '/v1/admin/initial-access-tokens'
const ISSUERS = '/v1/admin/software-statement-issuers'

/** `cerberus registration`: who may register clients, and by what (RFC 7591 §3). */
export function registrationCommand(): Command {
  const registration = new Command('registration').description('clients that register themselves, and who may')
  addPolicy(registration)
  addTokens(registration)
  addIssuers(registration)
  return registration
}

interface PolicyOptions {
  profile?: string
  softwareStatement?: boolean
  metadataDocuments?: string
  metadataHost?: string[]
  metadataScope?: string[]
}

function addPolicy(registration: Command): void {
  const policy = registration.command('policy').description('who may register clients')
  policy
    .command('get')
    .description('show the policy')
    .action(async (_options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      show((await open().call({ method: 'GET', path: POLICY })).body, format)
    })
  policy
    .command('set <policy>')
    .description('closed, token or open; the rest stays as it is unless it is said')
    .option('--profile <name>', 'the profile that such clients are under')
    .option('--software-statement', 'only with a software statement of an issuer that is believed')
    .option('--no-software-statement', 'also without one')
    .option(
      '--metadata-documents <mode>',
      'clients whose client_id is the address of their metadata: off, hosts or any',
    )
    .option('--metadata-host <host...>', 'the hosts that such addresses may be on')
    .option('--metadata-scope <scope...>', 'the scopes that such clients may have at most')
    .action(async (which: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<PolicyOptions>(command)
      const body = json({
        policy: which,
        ...(options.profile !== undefined && { profile: options.profile }),
        ...(options.softwareStatement !== undefined && { softwareStatementRequired: options.softwareStatement }),
        ...(options.metadataDocuments !== undefined && { clientIdMetadataDocuments: options.metadataDocuments }),
        ...(options.metadataHost && { clientIdMetadataHosts: options.metadataHost }),
        ...(options.metadataScope && { clientIdMetadataScopes: options.metadataScope }),
      })
      show((await open().call({ method: 'PUT', path: POLICY, ...body })).body, format)
    })
}

interface TokenOptions {
  uses?: string
  expiresIn?: string
  scope?: string[]
}

function addTokens(registration: Command): void {
  const token = registration.command('token').description('initial access tokens')
  token
    .command('list')
    .description('list them; never the tokens themselves')
    .action(async (_options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      const { body } = await open().call({ method: 'GET', path: TOKENS })
      show((body as { data: unknown }).data, format, ['id', 'name', 'usesLeft', 'scopes', 'expiresAt', 'lastUsedAt'])
    })
  token
    .command('create <name>')
    .description('make one, shown this once')
    .option('--uses <number>', 'how many clients it is good for')
    .option('--expires-in <seconds>', 'for how long')
    .option('--scope <scope...>', 'the most that its clients may have')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<TokenOptions>(command)
      const body = json({
        name,
        ...(options.uses !== undefined && { uses: number('--uses', options.uses) }),
        ...(options.expiresIn !== undefined && { expiresIn: number('--expires-in', options.expiresIn) }),
        ...(options.scope && { scopes: options.scope }),
      })
      show((await open().call({ method: 'POST', path: TOKENS, ...body })).body, format)
    })
  addRemoval(token, 'delete', TOKENS, 'revoke one; clients that were registered with it stay', 'initial access token')
}

function addIssuers(registration: Command): void {
  const issuer = registration.command('issuer').description('whose software statements are believed')
  issuer
    .command('list')
    .description('list them')
    .action(async (_options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      const { body } = await open().call({ method: 'GET', path: ISSUERS })
      show((body as { data: unknown }).data, format, ['id', 'issuer', 'jwksUri', 'scopes', 'updatedAt'])
    })
  issuer
    .command('add')
    .description('believe one: issuer, jwks or jwksUri, scopes')
    .requiredOption('-d, --data <data>', DATA)
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ data: string }>(command)
      show((await open().call({ method: 'POST', path: ISSUERS, ...json(readData(options.data)) })).body, format)
    })
  issuer
    .command('replace <id>')
    .description('replace its keys and scopes')
    .requiredOption('-d, --data <data>', DATA)
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ data: string }>(command)
      const path = `${ISSUERS}/${encodeURIComponent(id)}`
      show((await open().call({ method: 'PUT', path, ...json(readData(options.data)) })).body, format)
    })
  addRemoval(issuer, 'remove', ISSUERS, 'believe one no more; clients that it vouched for stay', 'issuer')
}

function addRemoval(parent: Command, verb: string, place: string, description: string, thing: string): void {
  parent
    .command(`${verb} <id>`)
    .description(description)
    .option('-y, --yes', 'do not ask')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open } = invocationOf<{ yes?: true }>(command)
      const session = open()
      await confirm(`Take away the ${thing} ${id}?`, options.yes ?? false)
      await session.call({ method: 'DELETE', path: `${place}/${encodeURIComponent(id)}` })
      tell(`The ${thing} ${id} is gone.`)
    })
}

function number(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Failure('usage', `${option} is a whole number.`)
  return Number(text)
}
