import { asText, type Client, type ClientSettings } from 'cerberus-idp-admin-client'
import { shortGrant } from '../../output/short-grant.ts'
import { fit, fitMiddle } from '../../output/text-width.ts'

/** The state of a client in one word. */
export function stateOf({ isActive, expiresAt }: ClientSettings, now: Date): string {
  if (typeof expiresAt === 'string' && new Date(expiresAt) <= now) return 'expired'
  return isActive === true ? 'active' : 'disabled'
}

interface Widths {
  name: number
  clientId: number
  grants: number
}

/** The widths of the columns that adapt to the width of the line. */
export function widthsFor(width: number): Widths {
  const available = width - 3 - 7 - 9 - 11
  const clientId = Math.min(31, Math.max(13, Math.floor(available * 0.26)))
  const grants = Math.min(36, Math.max(17, Math.floor(available * 0.33)))
  return { clientId, grants, name: available - clientId - grants - 2 }
}

export function headerLine(width: number): string {
  const { name, clientId, grants } = widthsFor(width)
  const columns = [
    fit('NAME', name),
    fit('CLIENT ID', clientId),
    fit('TYPE', 6),
    fit('GRANTS', grants),
    fit('STATE', 8),
  ]
  return `   ${columns.join(' ')} LAST USED`
}

/** A client as a line of the list. */
export function clientLine(client: Client, width: number, now: Date): string {
  const { name, clientId, grants } = widthsFor(width)
  const granted = Array.isArray(client['grantTypes']) ? client['grantTypes'].map((one) => shortGrant(asText(one))) : []
  return [
    fit(asText(client['name']), name),
    fitMiddle(asText(client['clientId']), clientId),
    fit(client['clientType'] === 'public' ? 'public' : 'conf.', 6),
    fit(granted.join(' '), grants),
    fit(stateOf(client, now), 8),
    dayOf(client['lastUsedAt']),
  ].join(' ')
}

/** The date of a time. */
export function dayOf(instant: unknown): string {
  return typeof instant === 'string' ? instant.slice(0, 10) : 'never'
}

/** The details of a client below the list. */
export function detailOf(client: Client): string[] {
  const { clientId, tokenEndpointAuthMethod, expiresAt, groups } = client
  const inGroups = Array.isArray(groups) && groups.length > 0 ? ` · ${groups.join(', ')}` : ''
  const end = typeof expiresAt === 'string' ? ` · expires ${dayOf(expiresAt)}` : ''
  return [asText(client['name']), `${asText(clientId)} · ${asText(tokenEndpointAuthMethod)}${end}${inGroups}`]
}
