// `pages/docs` renders the API reference at `/docs` from the OpenAPI document.
// It works without JavaScript.
// The document itself belongs to `discovery/openapi`.

import type { OpenAPIV3_1 } from 'openapi-types'
import { renderToString } from 'preact-render-to-string'
import { endpointsOf, OperationArticle, type Endpoint } from './operation.tsx'
import { Rows, rowsOf, type Schema } from './schema.tsx'
import { docsStyle } from './style.ts'
import { Logo } from '../theme/icons.tsx'
import { dark, light } from '../theme/palette.ts'

/** What readers should know of an error. */
interface ErrorReference {
  status: number
  meaning: string
  remedy: string
}

export interface DocsProps {
  document: OpenAPIV3_1.Document
  /** By the slug that the `type` of a problem ends with: `#problem-<slug>`. */
  problemTypes: Readonly<Record<string, ErrorReference>>
  oauthErrors: Readonly<Record<string, ErrorReference>>
}

interface Group {
  name: string
  description: string | undefined
  endpoints: Endpoint[]
}

/** The description of the whole interface as one page, beginning `<!doctype html>`. */
export function docsPage({ document, problemTypes, oauthErrors }: DocsProps): string {
  const { info, servers = [], tags = [], components } = document
  const endpoints = endpointsOf(document)
  const groups = tags.map(({ name, description }) => ({
    name,
    description,
    endpoints: endpoints.filter(({ operation }) => operation.tags?.[0] === name),
  }))
  const issuer = servers[0]?.url ?? ''
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content={light.card} />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content={dark.card} />
        <title>Cerberus API</title>
        <style dangerouslySetInnerHTML={{ __html: docsStyle }} />
      </head>
      <body>
        <Contents groups={groups} version={info.version} />
        <main id="content">
          <Introduction issuer={issuer} description={info.description ?? ''} document={document} />
          {groups.map((group) => (
            <section id={toAnchor(group.name)} aria-labelledby={`title-${toAnchor(group.name)}`}>
              <div class="head">
                <h2 id={`title-${toAnchor(group.name)}`}>{group.name}</h2>
                <p class="lead">{group.description}</p>
              </div>
              {group.endpoints.map((endpoint) => (
                <OperationArticle document={document} endpoint={endpoint} />
              ))}
            </section>
          ))}
          <Schemas schemas={components?.schemas ?? {}} />
          <ErrorReferenceSection
            id="problems"
            title="Problems"
            lead="Everything under /v1 answers a refusal with application/problem+json (RFC 9457). Its type is the address of a paragraph here."
            prefix="problem"
            notes={problemTypes}
          />
          <ErrorReferenceSection
            id="errors"
            title="OAuth errors"
            lead="The OAuth endpoints answer with error and error_description, as JSON or in the redirect back to the client; as long as it is not certain where that may lead, a page shows them."
            prefix="error"
            notes={oauthErrors}
          />
        </main>
      </body>
    </html>
  )
  return `<!doctype html>${renderToString(page)}`
}

function toAnchor(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]+/g, '-')
}

function Contents({ groups, version }: { groups: Group[]; version: string }) {
  return (
    <nav aria-label="Contents">
      <a class="skip" href="#content">
        Skip the contents
      </a>
      <a class="brand" href="#content">
        <Logo />
        <span>Cerberus</span>
        <span class="version">API {version}</span>
      </a>
      <details>
        <summary>Contents</summary>
        <ul class="groups">
          {groups.map(({ name, endpoints }) => (
            <li>
              <a href={`#${toAnchor(name)}`}>{name}</a>
              <ul>
                {endpoints.map(({ operation: { operationId, summary } }) => (
                  <li>
                    <a href={`#operation-${operationId}`}>{summary}</a>
                  </li>
                ))}
              </ul>
            </li>
          ))}
          {['Schemas', 'Problems', 'OAuth errors'].map((title, index) => (
            <li>
              <a href={`#${['schemas', 'problems', 'errors'][index]}`}>{title}</a>
            </li>
          ))}
        </ul>
      </details>
    </nav>
  )
}

interface IntroductionProps {
  issuer: string
  description: string
  document: OpenAPIV3_1.Document
}

function Introduction({ issuer, description, document }: IntroductionProps) {
  const schemes = Object.entries(document.components?.securitySchemes ?? {}).flatMap(([name, scheme]) =>
    'description' in scheme && !('$ref' in scheme) ? [{ name, description: scheme.description }] : [],
  )
  const titles: Readonly<Record<string, string>> = {
    session: 'Session cookie',
    accessToken: 'Access token',
    clientSecretBasic: 'HTTP Basic',
  }
  return (
    <section aria-labelledby="title">
      <div class="head">
        <h1 id="title">Cerberus API</h1>
        <p class="lead">{description}</p>
      </div>
      <dl class="facts">
        <div>
          <dt>Issuer</dt>
          <dd>
            <code>{issuer}</code>
          </dd>
        </div>
        <div>
          <dt>Metadata</dt>
          <dd>
            <a href="/.well-known/openid-configuration">/.well-known/openid-configuration</a>
          </dd>
        </div>
        <div>
          <dt>For programs</dt>
          <dd>
            <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1)
          </dd>
        </div>
        {schemes.map((scheme) => (
          <div>
            <dt>{titles[scheme.name] ?? scheme.name}</dt>
            <dd>{scheme.description}</dd>
          </div>
        ))}
        <div>
          <dt>Request id</dt>
          <dd>
            Every answer has the header <code>X-Request-Id</code>, yours if you sent one of 8 to 64 letters, digits,{' '}
            <code>_</code> and <code>-</code>. It is what the log is searched for.
          </dd>
        </div>
      </dl>
    </section>
  )
}

function Schemas({ schemas }: { schemas: Readonly<Record<string, Schema>> }) {
  return (
    <section id="schemas" aria-labelledby="title-schemas">
      <div class="head">
        <h2 id="title-schemas">Schemas</h2>
        <p class="lead">What bodies hold, wherever more than one operation has the same.</p>
      </div>
      {Object.entries(schemas).map(([name, schema]) => (
        <article id={`schema-${name}`}>
          <div class="head">
            <h3>{name}</h3>
            {'description' in schema && schema.description && <p class="text">{schema.description}</p>}
          </div>
          <Rows rows={rowsOf(schema)} />
        </article>
      ))}
    </section>
  )
}

interface ErrorReferenceProps {
  id: string
  title: string
  lead: string
  prefix: string
  notes: Readonly<Record<string, ErrorReference>>
}

function ErrorReferenceSection({ id, title, lead, prefix, notes }: ErrorReferenceProps) {
  return (
    <section id={id} aria-labelledby={`title-${id}`}>
      <div class="head">
        <h2 id={`title-${id}`}>{title}</h2>
        <p class="lead">{lead}</p>
      </div>
      <div class="notes">
        {Object.entries(notes).map(([name, { status, meaning, remedy }]) => (
          <div id={`${prefix}-${name}`}>
            <h3>
              <code>{name}</code> <span class="status">{status}</span>
            </h3>
            <p>{meaning}</p>
            <p>{remedy}</p>
          </div>
        ))}
      </div>
    </section>
  )
}
