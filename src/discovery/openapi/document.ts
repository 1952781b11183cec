// `openapi` describes the whole HTTP interface for programs (OpenAPI 3.1). Routes with a schema describe their bodies
// themselves and get here what a schema cannot say; the OAuth endpoints, which parse their own messages, and the pages
// are described by hand. test/spec/http/openapi.test.ts holds the document against the server.

import { withSettingDescriptions } from './schemas/client-setting-descriptions.ts'
import { describeRoute } from './operations/describe-route.ts'
import { routeDescriptions } from './operations/route-descriptions.ts'
import { buildCurlExample } from './curl-example.ts'
import { discoveryOperations } from './operations/discovery-operations.ts'
import { registrationOperations } from './operations/registration-operations.ts'
import { oauthOperations } from './operations/oauth-operations.ts'
import type { Document, Operation, OperationKey, Schema } from './operations/operation.ts'
import { pageOperations } from './operations/page-operations.ts'
import { sharedResponses, componentSchemas } from './schemas/schemas.ts'

/** The version of the interface; it goes with that of the package. */
const API_VERSION = '0.1.0'

export interface DocumentOptions {
  issuer: string
  /** The name of the session cookie. */
  sessionCookie: string
  /** What the routes say of themselves. */
  routeDocument: Document
}

const tags = [
  {
    name: 'Authorization',
    description: 'Where clients send browsers: to ask a person for authorization, and to sign them out.',
  },
  { name: 'Tokens', description: 'What clients and resource servers do with codes and tokens.' },
  { name: 'Discovery', description: 'What the server can do, and the keys that verify what it signs.' },
  { name: 'Sign-in', description: 'Signing in and out by JSON, for consoles and scripts.' },
  { name: 'Own account', description: 'What people see and change of themselves.' },
  { name: 'Clients', description: 'The clients of an organisation, kept by its administrators.' },
  { name: 'Registration', description: 'Clients that register themselves, and who may.' },
  { name: 'Signing keys', description: 'The keys that all tokens are signed with, kept by the operator.' },
  { name: 'Health', description: 'For load balancers and those who watch over the server.' },
  {
    name: 'Hosted pages',
    description: 'The pages that people see, listed for completeness: programs have no business with them.',
  },
]

const handWrittenOperations: Readonly<Record<OperationKey, Operation>> = {
  ...oauthOperations,
  ...registrationOperations,
  ...discoveryOperations,
  ...pageOperations,
}

/** The document. Operations stand in the order of their tags; every one has an operationId and an example command. */
export function buildApiDocument({ issuer, sessionCookie, routeDocument }: DocumentOptions): Document {
  const operations = new Map<OperationKey, Operation>(
    Object.entries(handWrittenOperations) as [OperationKey, Operation][],
  )
  for (const [path, item] of Object.entries(routeDocument.paths ?? {})) {
    for (const [method, operation] of Object.entries(item ?? {})) {
      const key = `${method.toUpperCase()} ${path}` as OperationKey
      const description = routeDescriptions[key]
      if (operations.has(key)) continue
      const route = operation as Operation
      operations.set(key, description ? describeRoute(key, route, description) : route)
    }
  }
  const paths: Record<string, Record<string, Operation>> = {}
  const tagIndex = ([, operation]: [string, Operation]) => tags.findIndex(({ name }) => operation.tags?.includes(name))
  for (const [key, operation] of [...operations].toSorted((a, b) => tagIndex(a) - tagIndex(b))) {
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
      description:
        'Clients send people here to sign in and get tokens for them; administrators keep the clients. Bodies under /oauth2 are forms and their answers JSON, everything under /v1 is JSON, and errors there are problem+json.',
    },
    servers: [{ url: issuer }],
    externalDocs: { url: `${issuer}/docs`, description: 'The same as a page.' },
    tags,
    paths,
    components: {
      schemas: { ...routeDocument.components?.schemas, ...componentSchemas },
      responses: sharedResponses,
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie,
          description: 'The session of somebody who has signed in, by the page or by POST /v1/auth/login.',
        },
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'An access token that was issued here. /v1/me needs the scopes profile and email, userinfo the scope openid, /v1/admin the permission of the operation as a scope. One of the token_type DPoP is sent by that scheme instead, with a proof.',
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
            'client_id and client_secret, each form-encoded. A client that is registered for client_secret_post or none sends them in the form instead.',
        },
      },
    },
  })
}

/**
 * Drops the schemas that nothing refers to. Of a schema that is only sent, or only answered, the name needs no suffix to
 * tell the two apart.
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
