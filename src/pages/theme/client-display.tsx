import type { Client, localisableProperties } from '../../model/clients/client.ts'
import { clientIdHost, isClientIdUrl } from '../../oauth/client-id-url.ts'
import { isLoopbackHost } from '../../oauth/redirect-uri.ts'
import { webLink, logoSource } from './link.ts'
import { lookupByLanguage, messages, type Locale } from '../messages/locale.ts'
import { Name } from './layout.tsx'

/** What a client registered about itself (RFC 7591 §2). Unverified: none of it is trusted with more than being shown. */
export interface ClientDisplay {
  name: string
  logoUri?: string | undefined
  clientUri?: string | undefined
  policyUri?: string | undefined
  tosUri?: string | undefined
  /** Of a client whose client_id is the address of its metadata: what people may know it by. */
  published?: PublishedClient | undefined
}

/** The host that a client vouches for itself on, and whether answers can only go to the person's own device. */
export interface PublishedClient {
  host: string
  loopbackOnly: boolean
}

/** What there is to show of a registered client to somebody who reads these languages (RFC 7591 §2.2), best first. */
export function toClientDisplay(
  client: Pick<Client, (typeof localisableProperties)[number] | 'localised' | 'clientId' | 'redirectUris'>,
  languages: readonly string[],
): ClientDisplay {
  const localisedEntries = Object.entries(client.localised)
  const localised = (member: (typeof localisableProperties)[number]) =>
    lookupByLanguage(
      new Map(localisedEntries.map(([tag, { [member]: value }]) => [tag.toLowerCase(), value])),
      languages,
    )
  const published = publishedClientOf(client)
  return {
    name: localised('name') ?? client.name,
    // Whoever has the host could show the logo of somebody else, and another one to each person who looks.
    logoUri: published ? undefined : (localised('logoUri') ?? client.logoUri ?? undefined),
    clientUri: localised('clientUri') ?? client.clientUri ?? undefined,
    policyUri: localised('policyUri') ?? client.policyUri ?? undefined,
    tosUri: localised('tosUri') ?? client.tosUri ?? undefined,
    published,
  }
}

function publishedClientOf({
  clientId,
  redirectUris,
}: Pick<Client, 'clientId' | 'redirectUris'>): PublishedClient | undefined {
  if (!isClientIdUrl(clientId)) return undefined
  const loopbackOnly = redirectUris.length > 0 && redirectUris.every((uri) => isLoopbackHost(new URL(uri).hostname))
  return { host: clientIdHost(clientId), loopbackOnly }
}

/**
 * Empty alternative text: the name follows in words. The stylesheet fixes its height, so that nothing moves under the
 * pointer when it arrives, and not its width: a logo that never arrives is then an empty line, not a torn picture.
 */
export const ClientLogo = ({ client }: { client: ClientDisplay | undefined }) => {
  const source = logoSource(client?.logoUri)
  return source === undefined ? null : <img class="logo" src={source} alt="" referrerpolicy="no-referrer" />
}

/** Website, privacy policy and terms of the client, as far as it registered web addresses for them. */
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
