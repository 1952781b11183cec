import type { ValidationIssue } from '../http/problem-dialect.ts'
import { isObject } from '../lib/object.ts'
import type { DocumentRules } from '../model/client-document.ts'
import type { Client, ClientSettings } from '../model/client.ts'
import { isClientIdUrl } from '../oauth/client-id-url.ts'
import { OAuthError } from '../oauth/errors.ts'
import { completeSettings } from './metadata.ts'
import { chosenByClient, membersOfClients, readMetadata } from './registered-metadata.ts'
import { refuseMachine } from './registration.ts'
import { missingStatement, readSoftwareStatement, type SoftwareStatementOptions } from './software-statement.ts'
import { sectorProblem } from './subject.ts'

export interface DocumentOptions extends SoftwareStatementOptions {
  fetchDocument: (url: string) => Promise<string>
}

/** Nobody could have agreed on a secret (draft-ietf-oauth-client-id-metadata-document §3.1). */
const methods = ['none', 'private_key_jwt']
const secrets = ['client_secret', 'client_secret_expires_at']

/**
 * The settings of the client whose metadata document this is (draft-ietf-oauth-client-id-metadata-document §3.1), read as a
 * registration is, under the rules of the organisation. Throws what a registration would throw.
 */
export async function readMetadataDocument(
  clientId: string,
  text: string,
  rules: DocumentRules,
  options: DocumentOptions,
): Promise<ClientSettings> {
  const said = parse(text)
  if (said['client_id'] !== clientId) throw invalid('client_id must be there, and be the address of the document.')
  const secret = secrets.find((name) => (said[name] ?? undefined) !== undefined)
  if (secret !== undefined) throw invalid(`${secret} must not be in a document that anybody can read.`)
  const method = said['token_endpoint_auth_method'] ?? 'none'
  if (typeof method !== 'string' || !methods.includes(method)) {
    throw invalid(`token_endpoint_auth_method must be one of ${methods.join(', ')}.`)
  }
  const body = { ...said, token_endpoint_auth_method: method }
  const statement = await readSoftwareStatement(body, rules.organisationId, options)
  if (!statement && rules.softwareStatementRequired) throw missingStatement()
  const ceiling = { scopes: [...rules.clientIdMetadataScopes], profile: rules.profile }
  const { given } = readMetadata(body, ceiling, statement)
  refuseMachine(given, statement)
  const settings = completeSettings(given)
  // A statement may say another one in its place.
  if (!methods.includes(settings.tokenEndpointAuthMethod)) {
    throw invalid(`token_endpoint_auth_method must be one of ${methods.join(', ')}.`)
  }
  const problem = await sectorProblem(settings, options.fetchDocument)
  if (problem !== undefined) throw invalid(`sector_identifier_uri ${problem}.`)
  return settings
}

/** What a document decides of its client, each time that it is read; PKCE that was demanded stays so. */
export function decidedByDocument(settings: ClientSettings, client: Client): Partial<ClientSettings> {
  const { clientType, requirePkce } = settings
  return { ...chosenByClient(settings), clientType, requirePkce: requirePkce || client.requirePkce }
}

/** By shared secrets such a client proves nothing, and it is nobody's own application. */
const decided = new Set([...membersOfClients, 'additionalTokenEndpointAuthMethods', 'isFirstParty', 'requireConsent'])

/** What the metadata document of a client says, nobody else does. */
export function documentIssues({ clientId }: Client, changed: Partial<ClientSettings>): ValidationIssue[] {
  if (!isClientIdUrl(clientId)) return []
  const message = 'is what its metadata document says, at its clientId, and cannot be changed here'
  return Object.keys(changed).flatMap((name) => (decided.has(name) ? [{ path: [name], code: 'custom', message }] : []))
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {}
  throw invalid('It must be a JSON object.')
}

function invalid(description: string): OAuthError {
  return new OAuthError('invalid_client_metadata', description)
}
