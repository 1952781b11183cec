import {
  addSoftwareStatementIssuer,
  type ApiRequest,
  createInitialAccessToken,
  deleteInitialAccessToken,
  getRegistrationPolicy,
  listInitialAccessTokens,
  listSoftwareStatementIssuers,
  removeSoftwareStatementIssuer,
  replaceSoftwareStatementIssuer,
  setRegistrationPolicy,
} from 'cerberus-idp-admin-client'
import { Command } from 'commander'
import { Failure } from '../failure.ts'
import { confirm } from '../input/confirm.ts'
import { DATA_HELP, readData } from '../input/data.ts'
import { log } from '../output/log.ts'
import { print, printList } from '../output/print.ts'
import type { Session } from '../sign-in/session.ts'
import { invocationOf } from './invocation.ts'

/** `cerberus registration`: dynamic client registration (RFC 7591 §3). */
export function registrationCommand(): Command {
  const registration = new Command('registration').description('dynamic client registration')
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
  const policy = registration.command('policy').description('registration policy of the organisation')
  policy
    .command('get')
    .description('show the policy')
    .action(async (_options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      print((await open().send(getRegistrationPolicy())).body, format)
    })
  policy
    .command('set <policy>')
    .description('set the policy: closed, token or open; other settings stay unless an option changes them')
    .option('--profile <name>', 'profile of dynamically registered clients')
    .option('--software-statement', 'require a software statement of a trusted issuer')
    .option('--no-software-statement', 'require no software statement')
    .option(
      '--metadata-documents <mode>',
      'clients whose client_id is the address of their metadata document: off, hosts or any',
    )
    .option('--metadata-host <host...>', 'the allowed hosts of metadata documents')
    .option('--metadata-scope <scope...>', 'the scopes that such clients may have at most')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<PolicyOptions>(command)
      const request = setRegistrationPolicy({
        policy: name,
        ...(options.profile !== undefined && { profile: options.profile }),
        ...(options.softwareStatement !== undefined && { softwareStatementRequired: options.softwareStatement }),
        ...(options.metadataDocuments !== undefined && { clientIdMetadataDocuments: options.metadataDocuments }),
        ...(options.metadataHost && { clientIdMetadataHosts: options.metadataHost }),
        ...(options.metadataScope && { clientIdMetadataScopes: options.metadataScope }),
      })
      print((await open().send(request)).body, format)
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
    .description('list the initial access tokens, without the tokens themselves')
    .action(async (_options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      const { data } = (await open().send(listInitialAccessTokens())).body
      printList(data, format, [
        { member: 'id', isIdentifier: true },
        'name',
        'usesLeft',
        'scopes',
        'expiresAt',
        'lastUsedAt',
      ])
    })
  token
    .command('create <name>')
    .description('create an initial access token, which is shown once')
    .option('--uses <number>', 'number of clients that it can register')
    .option('--expires-in <seconds>', 'its lifetime')
    .option('--scope <scope...>', 'the scopes that its clients may have at most')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<TokenOptions>(command)
      const request = createInitialAccessToken({
        name,
        ...(options.uses !== undefined && { uses: number('--uses', options.uses) }),
        ...(options.expiresIn !== undefined && { expiresIn: number('--expires-in', options.expiresIn) }),
        ...(options.scope && { scopes: options.scope }),
      })
      print((await open().send(request)).body, format)
    })
  addRemoval(token, {
    verb: 'delete',
    description: 'revoke an initial access token; clients registered with it stay',
    name: async (session, id) =>
      (await session.send(listInitialAccessTokens())).body.data.find((one) => one.id === id)?.name,
    question: 'Revoke the initial access token',
    done: 'Revoked the initial access token',
    request: deleteInitialAccessToken,
  })
}

function addIssuers(registration: Command): void {
  const issuer = registration.command('issuer').description('trusted issuers of software statements')
  issuer
    .command('list')
    .description('list the trusted issuers')
    .action(async (_options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      const { data } = (await open().send(listSoftwareStatementIssuers())).body
      printList(data, format, [{ member: 'id', isIdentifier: true }, 'issuer', 'jwksUri', 'scopes', 'updatedAt'])
    })
  issuer
    .command('add')
    .description('trust an issuer: issuer, jwks or jwksUri, scopes')
    .requiredOption('-d, --data <data>', DATA_HELP)
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ data: string }>(command)
      print((await open().send(addSoftwareStatementIssuer(readData(options.data)))).body, format)
    })
  issuer
    .command('replace <id>')
    .description('replace the keys and scopes of an issuer')
    .requiredOption('-d, --data <data>', DATA_HELP)
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ data: string }>(command)
      print((await open().send(replaceSoftwareStatementIssuer(id, readData(options.data)))).body, format)
    })
  addRemoval(issuer, {
    verb: 'remove',
    description: 'stop trusting an issuer; clients registered with its statements stay',
    name: async (session, id) =>
      (await session.send(listSoftwareStatementIssuers())).body.data.find((one) => one.id === id)?.issuer,
    question: 'Remove the issuer',
    done: 'Removed the issuer',
    request: removeSoftwareStatementIssuer,
  })
}

interface Removal {
  verb: string
  description: string
  question: string
  /** How users know what is removed; undefined: it does not exist. */
  name(session: Session, id: string): Promise<string | undefined>
  done: string
  request(id: string): ApiRequest
}

function addRemoval(parent: Command, { verb, description, question, name, done, request }: Removal): void {
  parent
    .command(`${verb} <id>`)
    .description(description)
    .option('-y, --yes', 'do it without confirmation')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open } = invocationOf<{ yes?: true }>(command)
      const session = open()
      await confirm(async () => {
        const named = await name(session, id)
        return named === undefined ? `${question} ${id}?` : `${question} “${named}” (${id})?`
      }, options.yes ?? false)
      await session.send(request(id))
      log(`${done} ${id}.`)
    })
}

function number(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Failure('usage', `${option} must be a whole number.`)
  return Number(text)
}
