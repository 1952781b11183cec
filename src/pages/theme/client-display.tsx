import { isAnonymousClient, type RegisteredClient } from '../../model/clients/client-cache.ts'
import type { localisableProperties } from '../../model/clients/client.ts'
import { clientIdHost, isClientIdUrl } from '../../oauth/client-id-url.ts'
import { isLoopbackUri } from '../../oauth/redirect-uri.ts'
import { webLink, logoSource } from './link.ts'
import { lookupByLanguage, messages, type Locale } from '../messages/locale.ts'
import { Name } from './layout.tsx'

/** What a client registered about itself (RFC 7591 §2). It is not verified, and only shown. */
export interface ClientDisplay {
  name: string
  logoUri?: string | undefined
  /** Stands for a logo that is not loaded. */
  monogram?: string | undefined
  clientUri?: string | undefined
  policyUri?: string | undefined
  tosUri?: string | undefined
  /** Set for a client whose client_id is the URL of its metadata document (CIMD). */
  published?: PublishedClient | undefined
}

/** The verified host of a CIMD client, and whether all of its redirect URIs are on the device of the user. */
export interface PublishedClient {
  host: string
  loopbackOnly: boolean
}

/** What pages show about a client, in the first of `languages` that it has texts for (RFC 7591 §2.2). */
export function toClientDisplay(client: RegisteredClient, languages: readonly string[]): ClientDisplay {
  const localisedEntries = Object.entries(client.localised)
  const localised = (member: (typeof localisableProperties)[number]) =>
    lookupByLanguage(
      new Map(localisedEntries.map(([tag, { [member]: value }]) => [tag.toLowerCase(), value])),
      languages,
    )
  const published = publishedClientOf(client)
  const name = localised('name') ?? client.name
  const logo = localised('logoUri') ?? client.logoUri ?? undefined
  // The operator of the host could use the logo of another company, or a different one for each user.
  const showsLogo = published === undefined && !isAnonymousClient(client)
  const logoUri = showsLogo ? logoSource(logo) : undefined
  return {
    name,
    logoUri,
    monogram: logoUri !== undefined || published || logo === undefined ? undefined : monogramOf(name),
    clientUri: localised('clientUri') ?? client.clientUri ?? undefined,
    policyUri: localised('policyUri') ?? client.policyUri ?? undefined,
    tosUri: localised('tosUri') ?? client.tosUri ?? undefined,
    published,
  }
}

function publishedClientOf({
  clientId,
  redirectUris,
}: Pick<RegisteredClient, 'clientId' | 'redirectUris'>): PublishedClient | undefined {
  if (!isClientIdUrl(clientId)) return undefined
  const loopbackOnly = redirectUris.length > 0 && redirectUris.every(isLoopbackUri)
  return { host: clientIdHost(clientId), loopbackOnly }
}

/**
 * The alternative text is empty, because the name follows as text. The stylesheet fixes the height, so that the page does
 * not shift when the logo loads, but not the width: a logo that fails to load is an empty line, not a broken image.
 */
export const ClientLogo = ({ client }: { client: ClientDisplay | undefined }) => {
  const source = logoSource(client?.logoUri)
  if (source !== undefined) return <img class="logo" src={source} alt="" referrerpolicy="no-referrer" />
  if (client?.monogram === undefined) return null
  return (
    <span class="logo monogram" aria-hidden="true">
      {client.monogram}
    </span>
  )
}

/** The first letter or digit of a name. */
function monogramOf(name: string): string | undefined {
  return /[\p{L}\p{N}]/u.exec(name.normalize('NFKC'))?.[0].toUpperCase()
}

/** Links to the website, privacy policy and terms of the client, if it registered them as web URLs. */
export const ClientLinks = ({ client, locale }: { client: ClientDisplay | undefined; locale: Locale }) => {
  if (client === undefined) return null
  const words = messages[locale]
  const links = [
    { id: 'client-uri', text: words.website, uri: client.clientUri },
    { id: 'policy-uri', text: words.privacy, uri: client.policyUri },
    { id: 'tos-uri', text: words.terms, uri: client.tosUri },
  ].flatMap(({ uri, ...link }) => {
    const href = webLink(uri)
    return href === undefined ? [] : [{ ...link, href }]
  })
  return links.length === 0 ? null : (
    <div class="quiet rule">
      <p>{words.about(<Name>{client.name}</Name>)}</p>
      <ul class="links">
        {links.map(({ id, text, href }) => (
          <li>
            <a id={id} href={href} target="_blank" rel="noopener noreferrer">
              {text}
              <span class="unseen"> ({words.newTab})</span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  )
}
