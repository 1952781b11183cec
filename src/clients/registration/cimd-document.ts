import { excerpt } from '../../lib/text/excerpt.ts'
import { parseForeignJson, UnacceptableJson } from '../../lib/json.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import { isObject } from '../../lib/object.ts'
import type { OrganisationRegistrationSettings } from '../../model/clients/registration-settings.ts'
import type { Client, ClientSettings } from '../../model/clients/client.ts'
import { isClientIdUrl } from '../../oauth/client-id-url.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { applyDefaults } from '../settings/schema.ts'
import { pickClientManagedSettings, clientManagedSettings, readMetadata } from './client-metadata.ts'
import {
  missingStatement,
  readSoftwareStatement,
  rejectClientCredentialsGrant,
  type SoftwareStatementOptions,
} from './software-statement.ts'
import { sectorProblem } from '../subject-identifier.ts'

export interface CimdDocumentOptions extends SoftwareStatementOptions {
  fetchText: (url: string) => Promise<string>
}

/** A public document cannot hold a shared secret (draft-ietf-oauth-client-id-metadata-document §3.1). */
const allowedAuthMethods = ['none', 'private_key_jwt']
const secretProperties = ['client_secret', 'client_secret_expires_at']

/**
 * Parses a client ID metadata document (draft-ietf-oauth-client-id-metadata-document §3.1) like a registration request,
 * under the rules of the organisation. Throws the same errors as a registration.
 */
export async function readCimdDocument(
  clientId: string,
  text: string,
  rules: OrganisationRegistrationSettings,
  options: CimdDocumentOptions,
): Promise<ClientSettings> {
  const document = parseDocument(text)
  if (document['client_id'] !== clientId)
    throw invalidMetadata('client_id is required and must be the URL of the document.')
  const secret = secretProperties.find((name) => (document[name] ?? undefined) !== undefined)
  if (secret !== undefined) throw invalidMetadata(`${secret} must not be in a public document.`)
  const method = document['token_endpoint_auth_method'] ?? 'none'
  if (typeof method !== 'string' || !allowedAuthMethods.includes(method)) {
    throw invalidMetadata(`token_endpoint_auth_method must be one of ${allowedAuthMethods.join(', ')}.`)
  }
  const body = { ...document, token_endpoint_auth_method: method }
  const statement = await readSoftwareStatement(body, rules.organisationId, options)
  if (!statement && rules.softwareStatementRequired) throw missingStatement()
  const ceiling = { scopes: [...rules.clientIdMetadataScopes], profile: rules.profile }
  const { given } = readMetadata(body, ceiling, statement)
  rejectClientCredentialsGrant(given, statement)
  const settings = applyDefaults(given)
  // A software statement may have overridden the method.
  if (!allowedAuthMethods.includes(settings.tokenEndpointAuthMethod)) {
    throw invalidMetadata(`token_endpoint_auth_method must be one of ${allowedAuthMethods.join(', ')}.`)
  }
  const problem = await sectorProblem(settings, options.fetchText)
  if (problem !== undefined) throw invalidMetadata(`sector_identifier_uri ${problem}.`)
  return settings
}

/** The settings that a document sets each time it is read. PKCE stays required once it was. */
export function settingsFromDocument(settings: ClientSettings, client: Client): Partial<ClientSettings> {
  const { clientType, requirePkce } = settings
  return { ...pickClientManagedSettings(settings), clientType, requirePkce: requirePkce || client.requirePkce }
}

/** Settings that administrators may not change: such a client has no shared secret and is not first-party. */
const documentProperties = new Set([
  ...clientManagedSettings,
  'additionalTokenEndpointAuthMethods',
  'isFirstParty',
  'requireConsent',
])

/** An issue for each changed setting that the metadata document of the client sets. */
export function documentIssues({ clientId }: Client, changed: Partial<ClientSettings>): ValidationIssue[] {
  if (!isClientIdUrl(clientId)) return []
  const message = 'is set by the metadata document at the clientId and cannot be changed here'
  return Object.keys(changed).flatMap((name) =>
    documentProperties.has(name) ? [{ path: [name], code: 'custom', message }] : [],
  )
}

function parseDocument(text: string): Record<string, unknown> {
  try {
    const value = parseForeignJson(text)
    if (isObject(value)) return value
  } catch (error) {
    if (!(error instanceof UnacceptableJson)) throw error
    if (error.code !== 'malformed') throw invalidMetadata(`${excerpt(error.path.join('.')) || 'It'} ${error.message}.`)
  }
  throw invalidMetadata('It must be a JSON object.')
}

function invalidMetadata(description: string): OAuthError {
  return new OAuthError('invalid_client_metadata', description)
}
