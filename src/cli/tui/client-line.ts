import type { ShownClient } from '../client-requests.ts'
import { fit, fitMiddle } from './columns.ts'
import { said } from './value.ts'

const shortGrants: Readonly<Record<string, string>> = {
  authorization_code: 'code',
  refresh_token: 'refresh',
  client_credentials: 'machine',
}

/** `urn:ietf:params:oauth:grant-type:device_code` is known by its end. */
const shortGrant = (name: string) => shortGrants[name] ?? name.replace(/^.*:/, '').replace(/_code$/, '')

/** Whether a client is on, in a word. */
export function stateOf({ isActive, expiresAt }: ShownClient, now: Date): string {
  if (typeof expiresAt === 'string' && new Date(expiresAt) <= now) return 'expired'
  return isActive === true ? 'on' : 'off'
}

interface Widths {
  name: number
  clientId: number
  grants: number
}

/** What is left of a line for the columns that can give way. */
export function widthsFor(width: number): Widths {
  const left = width - 3 - 7 - 8 - 11
  const clientId = Math.min(31, Math.max(13, Math.floor(left * 0.26)))
  const grants = Math.min(36, Math.max(17, Math.floor(left * 0.33)))
  return { clientId, grants, name: left - clientId - grants - 2 }
}

export function headLine(width: number): string {
  const { name, clientId, grants } = widthsFor(width)
  const columns = [
    fit('NAME', name),
    fit('CLIENT ID', clientId),
    fit('TYPE', 6),
    fit('GRANTS', grants),
    fit('STATE', 7),
  ]
  return `   ${columns.join(' ')} LAST USED`
}

/** A client in a line of the list. */
export function clientLine(client: ShownClient, width: number, now: Date): string {
  const { name, clientId, grants } = widthsFor(width)
  const granted = Array.isArray(client['grantTypes']) ? client['grantTypes'].map((one) => shortGrant(said(one))) : []
  return [
    fit(said(client['name']), name),
    fitMiddle(said(client['clientId']), clientId),
    fit(client['clientType'] === 'public' ? 'public' : 'conf.', 6),
    fit(granted.join(' '), grants),
    fit(stateOf(client, now), 7),
    dayOf(client['lastUsedAt']),
  ].join(' ')
}

/** The day of an instant. */
export function dayOf(instant: unknown): string {
  return typeof instant === 'string' ? instant.slice(0, 10) : 'never'
}

/** What the columns leave out of a client, for the line below the list. */
export function detailOf(client: ShownClient): string[] {
  const { clientId, tokenEndpointAuthMethod, expiresAt, groups } = client
  const inGroups = Array.isArray(groups) && groups.length > 0 ? ` · ${groups.join(', ')}` : ''
  const end = typeof expiresAt === 'string' ? ` · ends ${dayOf(expiresAt)}` : ''
  return [said(client['name']), `${said(clientId)} · ${said(tokenEndpointAuthMethod)}${end}${inGroups}`]
}
