import { parse } from 'csv-parse/sync'
import { Failure } from '../failure.ts'

const booleans: ReadonlySet<string> = new Set(['emailVerified', 'phoneVerified', 'blocked'])
const lists: ReadonlySet<string> = new Set(['roles', 'teams'])
const ATTRIBUTE = 'attributes.'
/** An export marks a text that a spreadsheet would take for a formula. */
const FORMULA_MARK = /^'(?='*[=+\-@\t\r\n])/

/**
 * The users, or invitations, of a CSV file (RFC 4180) whose first line has the names of members. `roles` and `teams` are separated by spaces,
 * and `attributes.name` is an attribute with text. Empty fields are left out.
 */
export function readCsv(text: string): Record<string, unknown>[] {
  let records: Record<string, string>[]
  try {
    records = parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true })
  } catch (error) {
    throw new Failure('invalid', `The file is not CSV: ${(error as Error).message}`)
  }
  return records.map((record) => {
    const given = Object.entries(record).flatMap(([name, value]) =>
      value === '' ? [] : [[name, value.replace(FORMULA_MARK, '')] as const],
    )
    const members = given.filter(([name]) => !name.startsWith(ATTRIBUTE))
    const attributes = given.flatMap(([name, value]) =>
      name.startsWith(ATTRIBUTE) ? [[name.slice(ATTRIBUTE.length), value] as const] : [],
    )
    return {
      ...Object.fromEntries(members.map(([name, value]) => [name, readField(name, value)])),
      ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
    }
  })
}

/** Text that is neither true nor false stays text, so that the server reports the user. */
function readField(name: string, value: string): unknown {
  if (lists.has(name)) return value.split(/\s+/)
  if (name === 'expiresInDays' && /^\d+$/.test(value)) return Number(value)
  if (booleans.has(name) && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  return value
}
