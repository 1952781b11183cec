import { isEmailAddress } from '../lib/text/email-address.ts'

export interface Mailbox {
  name: string | undefined
  address: string
}

/** `Name <address>`, or an address. Undefined where it is neither. */
export function parseMailbox(text: string): Mailbox | undefined {
  const [, quoted, plain, bracketed, bare] = /^(?:(?:"([^"]*)"|([^"<>]*?))\s*<([^<>]+)>|([^<>\s]+))$/.exec(text) ?? []
  const address = bracketed ?? bare
  if (address === undefined || !isEmailAddress(address)) return undefined
  const name = quoted ?? plain
  if (name !== undefined && (name.length > 100 || /\p{C}/u.test(name))) return undefined
  return { name: name === '' ? undefined : name, address }
}
