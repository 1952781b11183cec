import { validationError } from '../../http/errors/problem.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import type { UserQuery } from '../../model/users/user-directory.ts'
import { readFilterValue, type AttributeReader } from '../../users/attributes/attribute-values.ts'

const PARAMETER = /^filter\[attributes\.([^\]]{1,63})\]$/

/** The values that a filter asks for, as text, by the names of attributes. */
type AskedValues = Readonly<Record<string, unknown>>

/** The values of the parameters `filter[attributes.NAME]` of a query string. */
export function readAskedValues(query: Readonly<Record<string, unknown>>): AskedValues {
  return Object.fromEntries(
    Object.entries(query).flatMap(([parameter, value]) => {
      const name = PARAMETER.exec(parameter)?.[1]
      return name === undefined ? [] : [[name, value]]
    }),
  )
}

/** The filters for these values. Undefined where no user can have one. Throws a 400 problem for an unknown attribute. */
export async function findAttributeFilters(
  { userAttributes }: AttributeReader,
  organisationId: string,
  values: AskedValues,
): Promise<NonNullable<UserQuery['attributes']> | undefined> {
  const asked = Object.entries(values)
  if (asked.length === 0) return []
  const definitions = await userAttributes.list(organisationId)
  const issues: ValidationIssue[] = []
  const filters = asked.flatMap(([name, value]) => {
    const definition = definitions.find((one) => one.name === name)
    const problem = definition
      ? typeof value !== 'string' && 'must be a value, sent once'
      : 'must name an attribute of the organisation'
    if (problem !== false) issues.push({ path: [`filter[attributes.${name}]`], code: 'custom', message: problem })
    return definition && typeof value === 'string'
      ? [{ id: definition.id, value: readFilterValue(definition, value) }]
      : []
  })
  if (issues.length > 0) throw validationError(issues)
  const possible = filters.flatMap(({ id, value }) => (value === undefined ? [] : [{ id, value }]))
  return possible.length < filters.length ? undefined : possible
}
