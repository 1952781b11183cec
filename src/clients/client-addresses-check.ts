import type { Client } from '../model/client.ts'
import { failed, passed, skipped, type ClientCheck } from './client-check.ts'

/** So many addresses are tried in one test, and so many at once. */
const MOST = 20
const AT_ONCE = 5

interface Address {
  name: string
  uri: string
  /** Whether 404 says nothing: it is only ever posted to. */
  posted: boolean
}

/**
 * That the addresses of a client can be reached. What the server hears besides a status is not told: it says something of
 * the network that the server is in.
 */
export async function checkAddresses(client: Client, reach: (url: string) => Promise<number>): Promise<ClientCheck[]> {
  const addresses = [
    ...client.redirectUris.map((uri) => ({ name: 'redirect_uri', uri, posted: false })),
    ...[client.frontchannelLogoutUri].flatMap((uri) => of('frontchannel_logout_uri', uri, false)),
    ...[client.backchannelLogoutUri].flatMap((uri) => of('backchannel_logout_uri', uri, true)),
  ]
  const tried = addresses.filter(({ uri }) => uri.startsWith('https:')).slice(0, MOST)
  const results = new Map<Address, ClientCheck>()
  for (let from = 0; from < tried.length; from += AT_ONCE) {
    const some = tried.slice(from, from + AT_ONCE)
    const checks = await Promise.all(some.map((address) => tryOne(address, reach)))
    some.forEach((address, index) => checks[index] && results.set(address, checks[index]))
  }
  return addresses.map((address) => results.get(address) ?? leftOut(address))
}

const EXPECTED = 'an answer over https'

function of(name: string, uri: string | null, posted: boolean): Address[] {
  return uri === null ? [] : [{ name, uri, posted }]
}

function leftOut({ name, uri }: Address): ClientCheck {
  const why = uri.startsWith('https:')
    ? `no more than ${MOST} addresses are tried`
    : uri.startsWith('http:')
      ? 'on the device of the person, which the server cannot reach'
      : 'a private-use scheme, which only the device knows'
  return skipped({ name, expected: EXPECTED, seen: `${uri}: ${why}` })
}

async function tryOne({ name, uri, posted }: Address, reach: (url: string) => Promise<number>): Promise<ClientCheck> {
  try {
    const status = await reach(uri)
    const told = { name, expected: EXPECTED, seen: `${uri}: ${status}` }
    const nothing = !posted && (status === 404 || status === 410)
    if (nothing) return failed(told, 'Nothing seems to be there: correct the address, or have it answer GET.')
    return status >= 500 ? failed(told, 'The application fails there: its log should say why.') : passed(told)
  } catch {
    const told = { name, expected: EXPECTED, seen: `${uri}: no answer` }
    return failed(told, 'See that the name resolves to a public address, and that its certificate is good.')
  }
}
