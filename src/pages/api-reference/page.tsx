// `pages/api-reference` renders the page at `/docs`: the frame in which Swagger UI shows the OpenAPI document, and the
// reference of error codes below it, which needs no JavaScript.
// Problem types (RFC 9457) link to the error codes by fragment.
// The OpenAPI document and the static files belong to `discovery`.

import { renderToString } from 'preact-render-to-string'
import { Logo } from '../theme/icons.tsx'
import { dark, light } from '../theme/palette.ts'
import { apiReferenceStyle } from './style.ts'

interface ErrorReference {
  status: number
  meaning: string
  remedy: string
}

export interface ApiReferenceProps {
  /** URLs of stylesheets and of scripts, in the order in which they are loaded. */
  stylesheets: readonly string[]
  scripts: readonly string[]
  /** By the slug at the end of a problem `type`: `#problem-<slug>`. */
  problemTypes: Readonly<Record<string, ErrorReference>>
  /** By error code: `#error-<code>`. */
  oauthErrors: Readonly<Record<string, ErrorReference>>
}

/** The page as a whole HTML document. */
export function apiReferencePage({ stylesheets, scripts, problemTypes, oauthErrors }: ApiReferenceProps): string {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content={light.card} />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content={dark.card} />
        <title>Cerberus API</title>
        {stylesheets.map((href) => (
          <link rel="stylesheet" href={href} />
        ))}
        <style dangerouslySetInnerHTML={{ __html: apiReferenceStyle }} />
        {scripts.map((src) => (
          <script src={src} defer />
        ))}
      </head>
      <body>
        <header>
          <Logo />
          <span class="brand">Cerberus API</span>
          <nav aria-label="Contents">
            <a href="#problems">Problem types</a>
            <a href="#errors">OAuth errors</a>
            <a href="/openapi.json">OpenAPI document</a>
          </nav>
        </header>
        <main>
          <noscript>
            <div class="notice">
              <h1>The API reference needs JavaScript</h1>
              <p>
                The <a href="/openapi.json">OpenAPI document</a> has the same content. The error codes are listed below.
              </p>
            </div>
          </noscript>
          <div id="swagger-ui"></div>
          <ErrorList
            id="problems"
            title="Problem types"
            lead="Errors under /v1 are application/problem+json (RFC 9457). The member type links to an entry of this list."
            prefix="problem"
            errors={problemTypes}
          />
          <ErrorList
            id="errors"
            title="OAuth errors"
            lead="The endpoints under /oauth2 return error and error_description as JSON, or in the redirect to the client. Until the redirect URI is verified, a page shows them."
            prefix="error"
            errors={oauthErrors}
          />
        </main>
      </body>
    </html>
  )
  return `<!doctype html>${renderToString(page)}`
}

interface ErrorListProps {
  id: string
  title: string
  lead: string
  prefix: string
  errors: Readonly<Record<string, ErrorReference>>
}

const ErrorList = ({ id, title, lead, prefix, errors }: ErrorListProps) => (
  <section id={id} class="errors" aria-labelledby={`title-${id}`}>
    <h2 id={`title-${id}`}>{title}</h2>
    <p class="lead">{lead}</p>
    <dl>
      {Object.entries(errors).map(([name, { status, meaning, remedy }]) => (
        <div id={`${prefix}-${name}`}>
          <dt>
            <code>{name}</code> <span class="lead">{status}</span>
          </dt>
          <dd>{meaning}</dd>
          <dd>{remedy}</dd>
        </div>
      ))}
    </dl>
  </section>
)
