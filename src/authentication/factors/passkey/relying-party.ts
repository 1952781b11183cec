/** The server as authenticators know it. */
export interface RelyingParty {
  /** The host of the issuer (WebAuthn §4, RP ID). */
  id: string
  /** The only origin whose pages may use the passkeys. */
  origin: string
}

/** As URLs write them: IPv4 in decimal, IPv6 in brackets. */
const IP_ADDRESS = /^[\d.]+$|^\[/

/** The relying party of an issuer. Undefined if its host is an IP address, for which browsers create no passkeys. */
export function relyingPartyOf(issuer: string): RelyingParty | undefined {
  const { hostname, origin } = new URL(issuer)
  return IP_ADDRESS.test(hostname) ? undefined : { id: hostname, origin }
}
