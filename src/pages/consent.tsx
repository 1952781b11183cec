import { Account, type AccountDisplay } from './theme/account.tsx'
import { ClientLinks, ClientLogo, type ClientDisplay, type PublishedClient } from './theme/client-display.tsx'
import { Button, Form } from './theme/form.tsx'
import { Name, renderPage } from './theme/layout.tsx'
import { messages, type Locale } from './messages/locale.ts'
import { Check, Cross, Warning } from './theme/icons.tsx'
import type { KnownScope, ScopeWords } from './messages/messages.ts'

export interface ConsentScope {
  name: string
  /** Shown for scopes without a translated text. */
  description?: string | undefined
}

/** A resource (RFC 8707) with its scopes, in the words that it registered. */
export interface ConsentResource {
  name: string
  identifier: string
  scopes: readonly ScopeWords[]
}

export interface ConsentProps {
  locale: Locale
  action: string
  csrf: string
  request: string
  client: ClientDisplay
  organisation?: string | undefined
  account: AccountDisplay
  scopes: readonly ConsentScope[]
  resources?: readonly ConsentResource[]
  /**
   * Where the response goes: the host or the private-use scheme of the verified redirect URI, or the IP address of a
   * device. Unlike its name, the client cannot choose a host freely.
   */
  destination: { host: string } | { scheme: string } | { device: string }
}

const isKnown = (name: string, known: Record<KnownScope, ScopeWords>): name is KnownScope => Object.hasOwn(known, name)

function wordsFor(scope: ConsentScope, known: Record<KnownScope, ScopeWords>): ScopeWords {
  if (isKnown(scope.name, known)) return known[scope.name]
  return scope.description === undefined ? { title: scope.name } : { title: scope.name, detail: scope.description }
}

/** The name is that of the resource; its identifier shows which one it is. */
const ResourceRights = ({ resource, locale }: { resource: ConsentResource; locale: Locale }) => {
  const words = messages[locale].consent
  return (
    <div class="group">
      <div>
        <h2>{words.resourceHeading(<bdi>{resource.name}</bdi>)}</h2>
        <p class="quiet identifier">
          <bdi>{resource.identifier}</bdi>
        </p>
      </div>
      <ul class="scopes">
        {resource.scopes.length === 0 ? <Scope title={words.resourceAccess} /> : null}
        {resource.scopes.map((scope) => (
          <Scope {...scope} />
        ))}
      </ul>
    </div>
  )
}

const Scope = ({ title, detail }: ScopeWords) => (
  <li>
    <Check />
    <div>
      <p>
        <bdi>{title}</bdi>
      </p>
      {detail === undefined ? null : (
        <p class="quiet">
          <bdi>{detail}</bdi>
        </p>
      )}
    </div>
  </li>
)

/** The host is verified, the name is not (draft-ietf-oauth-client-id-metadata-document, "OAuth Phishing Attacks"). */
const PublishedHost = ({
  published: { host, loopbackOnly },
  locale,
}: {
  published: PublishedClient
  locale: Locale
}) => {
  const words = messages[locale].consent.published
  return (
    <>
      <div class="panel" id="published">
        <p>{words.lead}</p>
        <p class="origin">
          <Name>{host}</Name>
        </p>
        <p class="quiet">{words.unverified}</p>
      </div>
      {loopbackOnly ? (
        <div class="alert" role="note" id="on-device">
          <Warning />
          <div>
            <h2>{words.loopbackOnly.heading}</h2>
            <p>{words.loopbackOnly.text}</p>
          </div>
        </div>
      ) : null}
    </>
  )
}

/** Consent (OpenID Connect Core §3.1.2.4). Posts `action` = `allow` or `deny`; both buttons look the same. */
export function consentPage(props: ConsentProps): string {
  const { locale, client, scopes, resources = [], destination } = props
  const words = messages[locale].consent
  const name = <Name>{client.name}</Name>
  return renderPage({
    locale,
    title: `${words.title} · ${client.name}`,
    children: (
      <>
        <div class="heading">
          <ClientLogo client={client} />
          <h1>{words.heading(name)}</h1>
        </div>
        {client.published === undefined ? null : <PublishedHost published={client.published} locale={locale} />}
        <Account account={props.account} organisation={props.organisation} locale={locale} />
        {scopes.length + resources.length === 0 ? <p>{words.noScopes(name)}</p> : null}
        {scopes.length === 0 ? null : (
          <div class="group">
            <h2 id="scopes">{words.scopesHeading(<bdi>{client.name}</bdi>)}</h2>
            <ul class="scopes" aria-labelledby="scopes">
              {scopes.map((scope) => (
                <Scope {...wordsFor(scope, words.scopes)} />
              ))}
            </ul>
          </div>
        )}
        {resources.map((resource) => (
          <ResourceRights resource={resource} locale={locale} />
        ))}
        <Form action={props.action} hidden={{ csrf: props.csrf, request: props.request }}>
          <p class="quiet">
            {'host' in destination
              ? words.redirectNotice(<Name>{destination.host}</Name>)
              : 'scheme' in destination
                ? words.appNotice(<Name>{destination.scheme}</Name>)
                : words.deviceNotice(<Name>{destination.device}</Name>)}
          </p>
          <div class="actions pair">
            <Button id="deny" value="deny" kind="choice">
              <Cross />
              {words.deny}
            </Button>
            <Button id="allow" value="allow" kind="choice">
              <Check />
              {words.allow}
            </Button>
          </div>
        </Form>
        <ClientLinks client={client} locale={locale} />
      </>
    ),
  })
}
