/** One relative name: attribute types in upper case with their values, sorted, as it is compared. */
type RelativeDistinguishedName = string

/**
 * The relative names of a distinguished name in the string form of RFC 4514, the most specific first, each in the form
 * in which names are compared: letter case and runs of spaces make no difference (RFC 4518 §2.6.1). Undefined if the
 * text is invalid.
 */
export function parseDistinguishedName(text: string): RelativeDistinguishedName[] | undefined {
  const names: RelativeDistinguishedName[] = []
  for (const part of splitUnescaped(text, ',')) {
    const attributes: string[] = []
    for (const attribute of splitUnescaped(part, '+')) {
      const match = /^\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=(.*)$/s.exec(attribute)
      const value = match?.[2] === undefined ? undefined : unescapeValue(match[2])
      if (match?.[1] === undefined || value === undefined || value === '') return undefined
      attributes.push(`${attributeTypeOf(match[1])}=${normaliseValue(value)}`)
    }
    names.push(attributes.sort().join('+'))
  }
  return names
}

/**
 * Whether `text`, in the form of RFC 4514, names the subject of a certificate. `subject` has it as OpenSSL prints it: a
 * relative name a line, the least specific first, with the escapes of RFC 2253.
 */
export function matchesDistinguishedName(text: string, subject: string): boolean {
  const expected = parseDistinguishedName(text)
  const actual = parseDistinguishedName(subject.split('\n').toReversed().join(','))
  return (
    expected !== undefined &&
    actual !== undefined &&
    expected.length === actual.length &&
    expected.every((name, index) => name === actual[index])
  )
}

// The same attribute under its names of RFC 4514 §3, of OpenSSL and by number.
const ATTRIBUTE_TYPES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  S: 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.97': 'ORGANIZATIONIDENTIFIER',
  '0.9.2342.19200300.100.1.25': 'DC',
  '0.9.2342.19200300.100.1.1': 'UID',
  '1.2.840.113549.1.9.1': 'EMAILADDRESS',
  E: 'EMAILADDRESS',
}

function attributeTypeOf(name: string): string {
  const upper = name.toUpperCase()
  return ATTRIBUTE_TYPES[upper] ?? upper
}

function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = []
  let start = 0
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1
    else if (text[index] === separator) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  return [...parts, text.slice(start)]
}

/** RFC 4514 §2.4, §3: a backslash before a special character or before two hexadecimal digits of UTF-8. */
function unescapeValue(text: string): string | undefined {
  const bytes: Buffer[] = []
  const rest = text.replace(/^\s+/, '').replace(/(?<!\\)\s+$/, '')
  if (rest.startsWith('#') || rest.startsWith('"')) return undefined
  for (let index = 0; index < rest.length; index += 1) {
    if (rest[index] !== '\\') {
      const character = String.fromCodePoint(rest.codePointAt(index) ?? 0)
      bytes.push(Buffer.from(character))
      index += character.length - 1
      continue
    }
    const hex = /^[0-9a-f]{2}/i.exec(rest.slice(index + 1))?.[0]
    const escaped = rest[index + 1]
    if (hex !== undefined) bytes.push(Buffer.from(hex, 'hex'))
    else if (escaped !== undefined && /[ "#+,;<=>\\]/.test(escaped)) bytes.push(Buffer.from(escaped))
    else return undefined
    index += hex === undefined ? 1 : 2
  }
  return Buffer.concat(bytes).toString('utf8')
}

function normaliseValue(value: string): string {
  return value.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase()
}
