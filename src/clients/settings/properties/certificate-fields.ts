import { z } from 'zod'
import { parseDistinguishedName } from '../../../keys/certificates/distinguished-name.ts'
import { validatedString, text } from './fields.ts'

// What names the subject of a client's certificate (RFC 8705 §2.1.2). Each message completes "<path> …".

export const subjectName = text(500).refine((value) => parseDistinguishedName(value) !== undefined, {
  error: 'must be a distinguished name as in RFC 4514, such as CN=client,O=Example,C=DE',
})

export const hostName = validatedString((name) =>
  name.length <= 253 &&
  /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(name)
    ? undefined
    : 'must be a DNS name, without a wildcard',
)

export const uri = validatedString((value) =>
  value.length <= 500 && /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(value) ? undefined : 'must be an absolute URI',
)

export const ipAddress = z.union([z.ipv4(), z.ipv6()], { error: 'must be an IPv4 or IPv6 address' })
