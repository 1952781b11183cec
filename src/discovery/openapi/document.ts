// `discovery/openapi` builds the OpenAPI 3.1 document of the whole HTTP API.
// Bodies and parameters come from zod schemas: of the routes under /v1, and of the OAuth messages in `oauth/messages`.
// What a schema cannot state (summaries, security, responses) is in `operations/`, and for `/v1` beside the route.
// test/spec/http/openapi.test.ts compares the document with the routes and responses of the server.

import { withSettingDescriptions } from './schemas/client-setting-descriptions.ts'
import { withBodyErrors } from './operations/body-errors.ts'
import { describeRoute, type RouteOperation } from './operations/describe-route.ts'
import { buildCurlExample } from './curl-example.ts'
import { apiIntroduction } from './introduction.ts'
import { discoveryOperations } from './operations/discovery-operations.ts'
import { registrationOperations } from './operations/registration-operations.ts'
import { authorizationOperations } from './operations/authorization-operations.ts'
import { tokenOperations } from './operations/token-operations.ts'
import type { Document, Operation, OperationKey, Schema } from './operations/operation.ts'
import { pageOperations } from './operations/page-operations.ts'
import { protocolSchemas } from './schemas/protocol-schemas.ts'
import { sharedResponses } from './schemas/shared-responses.ts'

/** The version of the API. It equals the version of the package. */
const API_VERSION = '0.1.0'

export interface DocumentOptions {
  issuer: string
  /** The name of the session cookie. */
  sessionCookie: string
  /** The routes with their schemas, as an OpenAPI document. */
  routeDocument: Document
}

const tags = [
  {
    name: 'Authorization',
    description:
      'The endpoints that clients redirect browsers to: authorization and sign-out; also PAR and the device flow.',
  },
  { name: 'Tokens', description: 'Issuing, introspecting and revoking tokens, and userinfo.' },
  { name: 'Discovery', description: 'The metadata of the server, its public keys, and this description.' },
  { name: 'Sign-in', description: 'Signing in and out with JSON, for consoles and scripts.' },
  { name: 'Own account', description: 'The profile and the sessions of the signed-in user.' },
  { name: 'Organisation', description: 'The settings of an organisation.' },
  { name: 'Organisations', description: "Managing all organisations of the server, for the operator's organisation." },
  { name: 'Users', description: 'Managing the users of an organisation: accounts, memberships, roles and sessions.' },
  { name: 'User attributes', description: 'Defining attributes of users beside the standard claims.' },
  { name: 'Teams', description: 'Managing the teams of an organisation, their members and their roles.' },
  { name: 'Invitations', description: 'Inviting people to become users of an organisation.' },
  { name: 'Mails', description: 'The mails that the server sends for an organisation.' },
  { name: 'Domains', description: 'Proving by DNS that an organisation controls a domain.' },
  { name: 'Service accounts', description: 'Accounts of programs, with roles and API keys.' },
  { name: 'API keys', description: 'Credentials of users and service accounts for the management API.' },
  { name: 'Webhooks', description: 'Delivering the events of an organisation to URLs.' },
  { name: 'Events', description: 'Following the events of an organisation.' },
  { name: 'Clients', description: 'Managing the clients of an organisation.' },
  { name: 'Resources', description: 'The APIs that access tokens are issued for (RFC 8707).' },
  { name: 'Roles', description: 'Managing the roles of an organisation and their permissions.' },
  { name: 'Permissions', description: 'The permissions that roles can have.' },
  { name: 'Registration', description: 'Dynamic client registration, and the policy for it.' },
  { name: 'Signing keys', description: 'Listing and rotating the keys that sign tokens.' },
  { name: 'Audit log', description: 'Reading the audit events of an organisation.' },
  { name: 'Health', description: 'Health checks for load balancers and monitoring.' },
  {
    name: 'Hosted pages',
    description: 'The pages for users, listed for completeness. They are not an API.',
  },
]

const handWrittenOperations: Readonly<Record<OperationKey, Operation>> = {
  ...authorizationOperations,
  ...tokenOperations,
  ...registrationOperations,
  ...discoveryOperations,
  ...pageOperations,
}

/** Builds the document. Operations are ordered by tag; each has an operationId and an example curl command. */
export function buildApiDocument({ issuer, sessionCookie, routeDocument }: DocumentOptions): Document {
  const operations = new Map<OperationKey, Operation>(
    Object.entries(handWrittenOperations) as [OperationKey, Operation][],
  )
  for (const [path, item] of Object.entries(routeDocument.paths ?? {})) {
    for (const [method, operation] of Object.entries(item ?? {})) {
      const key = `${method.toUpperCase()} ${path}` as OperationKey
      if (!operations.has(key)) operations.set(key, describeRoute(operation as RouteOperation))
    }
  }
  const paths: Record<string, Record<string, Operation>> = {}
  const tagIndex = ([, operation]: [string, Operation]) => tags.findIndex(({ name }) => operation.tags?.includes(name))
  for (const [key, described] of [...operations].toSorted((a, b) => tagIndex(a) - tagIndex(b))) {
    const operation = withBodyErrors(key, described)
    const [method = '', path = ''] = key.split(' ')
    const curlExample = buildCurlExample(issuer, sessionCookie, method, path, operation)
    const item = (paths[path] ??= {})
    const withExample = { ...operation, 'x-codeSamples': [{ lang: 'Shell', label: 'curl', source: curlExample }] }
    item[method.toLowerCase()] = withExample
  }
  return pruneSchemas({
    openapi: '3.1.0',
    info: {
      title: 'Cerberus',
      version: API_VERSION,
      summary: 'OAuth 2.0 and OpenID Connect authorization server',
      description: apiIntroduction,
    },
    servers: [{ url: issuer }],
    externalDocs: { url: `${issuer}/docs`, description: 'The API reference.' },
    tags,
    paths,
    components: {
      schemas: { ...routeDocument.components?.schemas, ...protocolSchemas },
      responses: sharedResponses,
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie,
          description:
            'The session cookie of a signed-in user, from the sign-in page or POST /v1/auth/login. Browsers send it themselves: to try requests in the API reference, sign in at /auth/login.',
        },
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'An access token of this server. /v1/me needs the scopes profile and email, userinfo needs openid, and /v1/admin needs the permission of the operation as a scope. Send a token of the type DPoP with the scheme DPoP and a DPoP proof.',
        },
        registrationToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'An initial access token, or the registration access token of the client.',
        },
        clientSecretBasic: {
          type: 'http',
          scheme: 'basic',
          description:
            'client_id and client_secret, each form-encoded (RFC 6749 section 2.3.1). A client with the method client_secret_post or none sends them in the form instead.',
        },
      },
    },
  })
}

/**
 * Removes schemas without a reference. A schema that is used in requests only loses the suffix `Input`, which
 * distinguishes it from the schema of responses.
 */
function pruneSchemas(document: Document): Document {
  const all = document.components?.schemas ?? {}
  const used = new Set<string>()
  const collectReferences = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (used.has(name)) continue
      used.add(name)
      collectReferences(all[name])
    }
  }
  collectReferences([document.paths, document.components?.responses])
  const inputOnlyNames = [...used].filter((name) => name.endsWith('Input') && !used.has(name.slice(0, -5)))
  const keptSchemas = Object.entries(all)
    .map(([name, schema]): [string, Schema] => [name, /Client/.test(name) ? withSettingDescriptions(schema) : schema])
    .filter(([name]) => used.has(name))
    .map(([name, schema]): [string, unknown] => [inputOnlyNames.includes(name) ? name.slice(0, -5) : name, schema])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  let text = JSON.stringify({
    ...document,
    components: { ...document.components, schemas: Object.fromEntries(keptSchemas) },
  })
  for (const name of inputOnlyNames)
    text = text.replaceAll(`"#/components/schemas/${name}"`, `"#/components/schemas/${name.slice(0, -5)}"`)
  return JSON.parse(text) as Document
}
