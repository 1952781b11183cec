import { Form } from './theme/form.tsx'
import { renderPage } from './theme/layout.tsx'
import { applicationLink } from './theme/link.ts'
import { messages, type Locale } from './messages/locale.ts'

export interface ErrorProps {
  locale: Locale
  /** The HTTP status of the response. It determines the text for the user. */
  status: number
  /** The error code, such as `redirect_uri_mismatch`. */
  code: string
  /** In English, for the developer of the application. */
  description: string
  /** The request id, to find the request in the log. */
  reference: string
  /** The way to the application with the error, which the user chooses: a link, or a form of the response mode form_post. */
  destination?: ErrorDestination | undefined
}

export type ErrorDestination =
  | { kind: 'redirect'; location: string }
  | { kind: 'form_post'; action: string; parameters: Readonly<Record<string, string>> }

function chooseMessage({ status, code, locale }: ErrorProps) {
  const words = messages[locale].error
  if (code === 'cookies_blocked') return words.cookiesBlocked
  if (code === 'already_completed') return words.alreadyCompleted
  if (status === 503) return words.unavailable
  if (status >= 500) return words.server
  if (status === 403) return words.forbidden
  if (status === 404) return words.notFound
  if (status === 410) return words.expired
  if (status === 429) return words.throttled
  return words.invalidRequest
}

/** An error that must not be sent to the client (RFC 6749 §4.1.2.1): text for the user, details for the developer. */
export function errorPage(props: ErrorProps): string {
  const { locale, status, code, description, reference, destination } = props
  const words = messages[locale].error
  const { heading, text } = chooseMessage(props)
  const details = [
    { id: 'error-code', term: words.code, fact: <code>{code}</code> },
    { id: 'error-description', term: words.description, fact: description },
    { id: 'error-reference', term: words.reference, fact: <code>{reference}</code> },
  ]
  return renderPage({
    locale,
    title: heading,
    children: (
      <>
        <div class="heading">
          <h1>{heading}</h1>
          <p class="lead">{text}</p>
        </div>
        {status >= 400 && (
          <section class="panel" aria-labelledby="developer">
            <h2 id="developer">{words.developer}</h2>
            <dl>
              {details.map(({ id, term, fact }) => (
                <div>
                  <dt>{term}</dt>
                  <dd id={id} lang="en" dir="ltr">
                    {fact}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        )}
        {destination && <Destination locale={locale} destination={destination} />}
      </>
    ),
  })
}

const Destination = ({ locale, destination }: { locale: Locale; destination: ErrorDestination }) => {
  const words = messages[locale].error
  if (destination.kind === 'form_post') {
    return (
      <Form action={destination.action} hidden={destination.parameters}>
        <button type="submit" id="continue">
          {words.continueTo(new URL(destination.action).host)}
        </button>
      </Form>
    )
  }
  const href = applicationLink(destination.location)
  if (href === undefined) return null
  const { protocol, host } = new URL(href)
  return (
    <a id="continue" class="button" href={href} rel="noreferrer">
      {words.continueTo(/^https?:$/.test(protocol) ? host : protocol.slice(0, -1))}
    </a>
  )
}
