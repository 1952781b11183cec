import type { Client } from '../../model/clients/client.ts'
import { failed, passed, skipped, type ClientCheck } from './client-check.ts'

/** The number of URLs that one test requests, in total and concurrently. */
const MAX_ADDRESSES = 20
const MAX_CONCURRENT_PROBES = 5

interface Address {
  name: string
  uri: string
  /** Whether 404 is acceptable: the client expects POST requests only. */
  postOnly: boolean
}

/**
 * Checks that the URLs of a client can be reached. Reports the status only: other details would reveal the network of the
 * server.
 */
export async function checkAddresses(
  client: Client,
  probeUrl: (url: string) => Promise<number>,
): Promise<ClientCheck[]> {
  const addresses = [
    ...client.redirectUris.map((uri) => ({ name: 'redirect_uri', uri, postOnly: false })),
    ...[client.frontchannelLogoutUri].flatMap((uri) => addressesOf('frontchannel_logout_uri', uri, false)),
    ...[client.backchannelLogoutUri].flatMap((uri) => addressesOf('backchannel_logout_uri', uri, true)),
  ]
  const probed = addresses.filter(({ uri }) => uri.startsWith('https:')).slice(0, MAX_ADDRESSES)
  const results = new Map<Address, ClientCheck>()
  for (let from = 0; from < probed.length; from += MAX_CONCURRENT_PROBES) {
    const batch = probed.slice(from, from + MAX_CONCURRENT_PROBES)
    const checks = await Promise.all(batch.map((address) => probeAddress(address, probeUrl)))
    batch.forEach((address, index) => checks[index] && results.set(address, checks[index]))
  }
  return addresses.map((address) => results.get(address) ?? skippedAddress(address))
}

const EXPECTED_RESPONSE = 'a response over https'

function addressesOf(name: string, uri: string | null, postOnly: boolean): Address[] {
  return uri === null ? [] : [{ name, uri, postOnly }]
}

function skippedAddress({ name, uri }: Address): ClientCheck {
  const why = uri.startsWith('https:')
    ? `not requested: a test requests at most ${MAX_ADDRESSES} URLs`
    : uri.startsWith('http:')
      ? 'on the device of the user, which the server cannot reach'
      : 'a private-use scheme, which only the device can resolve'
  return skipped({ name, expected: EXPECTED_RESPONSE, seen: `${uri}: ${why}` })
}

async function probeAddress(
  { name, uri, postOnly }: Address,
  probeUrl: (url: string) => Promise<number>,
): Promise<ClientCheck> {
  try {
    const status = await probeUrl(uri)
    const subject = { name, expected: EXPECTED_RESPONSE, seen: `${uri}: ${status}` }
    const isMissing = !postOnly && (status === 404 || status === 410)
    if (isMissing) return failed(subject, 'Correct the URL, or make it respond to GET.')
    return status >= 500 ? failed(subject, 'The application failed: see its log.') : passed(subject)
  } catch {
    const subject = { name, expected: EXPECTED_RESPONSE, seen: `${uri}: no response` }
    return failed(subject, 'Check that the name resolves to a public address and that the certificate is valid.')
  }
}
