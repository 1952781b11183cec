import type { ExportedUser } from '../../../model/users/user-import.ts'
import { toCell } from '../../../lib/text/csv-cell.ts'
import { representStandardClaims } from '../../../users/details/standard-claims.ts'

/** A user in the form of the import. Members without a value are left out. */
export function toImportedUser({ user, passwordHash }: ExportedUser): Record<string, unknown> {
  const roles = user.roles.map(({ slug }) => slug)
  const teams = user.teams.map(({ slug }) => slug)
  const members = {
    email: user.email,
    externalId: user.externalId,
    emailVerified: user.emailVerified,
    name: user.name,
    ...representStandardClaims(user),
    phone: user.phoneNumber,
    phoneVerified: user.phoneNumber === null ? null : user.phoneNumberVerified,
    address: user.address,
    attributes: Object.keys(user.attributes).length === 0 ? null : user.attributes,
    passwordHash,
    roles: roles.length === 0 ? null : roles,
    teams: teams.length === 0 ? null : teams,
    blocked: user.blockedAt === null ? null : true,
  }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))
}

/** The columns of the members that are no objects. */
const COLUMNS =
  'email externalId emailVerified name firstName middleName lastName nickname preferredUsername profile picture website gender birthdate zoneinfo locale phone phoneVerified roles teams blocked'.split(
    ' ',
  )
const ATTRIBUTE = 'attributes.'

export const csvColumns = ({
  withPasswordHashes,
  attributes,
}: {
  withPasswordHashes: boolean
  attributes: readonly string[]
}) => [...COLUMNS, ...(withPasswordHashes ? ['passwordHash'] : []), ...attributes.map((name) => ATTRIBUTE + name)]

/** The line of a user, or without one the head. Lists are separated by spaces. */
export function csvLine(columns: readonly string[], user?: Readonly<Record<string, unknown>>): string {
  const attributes = (user?.['attributes'] ?? {}) as Readonly<Record<string, unknown>>
  const valueOf = (column: string) =>
    column.startsWith(ATTRIBUTE) ? attributes[column.slice(ATTRIBUTE.length)] : user?.[column]
  const cells = user ? columns.map((column) => toCell(textOf(valueOf(column)))) : columns
  return `${cells.join(',')}\r\n`
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  return Array.isArray(value) ? value.join(' ') : JSON.stringify(value)
}
