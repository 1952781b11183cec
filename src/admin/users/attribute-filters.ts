import { validationError } from '../../http/errors/problem.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import type { UserQuery } from '../../model/users/user-directory.ts'
import { readFilterValue, type AttributeReader } from '../../users/attributes/attribute-values.ts'

const PARAMETER = /^filter\[attributes\.([^\]]{1,63})\]$/

/**
 * What the parameters `filter[attributes.NAME]` of a query string ask for. Undefined where no user can have such a value.
 * Throws a 400 problem for an unknown attribute.
 */
export async function findAttributeFilters(
  { userAttributes }: AttributeReader,
  organisationId: string,
  query: Readonly<Record<string, unknown>>,
): Promise<NonNullable<UserQuery['attributes']> | undefined> {
  const asked = Object.entries(query).flatMap(([parameter, value]) => {
    const name = PARAMETER.exec(parameter)?.[1]
    return name === undefined ? [] : [{ parameter, name, value }]
  })
  if (asked.length === 0) return []
  const definitions = await userAttributes.list(organisationId)
  const issues: ValidationIssue[] = []
  const filters = asked.flatMap(({ parameter, name, value }) => {
    const definition = definitions.find((one) => one.name === name)
    const problem = definition
      ? typeof value !== 'string' && 'must be a value, sent once'
      : 'must name an attribute of the organisation'
    if (problem !== false) issues.push({ path: [parameter], code: 'custom', message: problem })
    return definition && typeof value === 'string'
      ? [{ id: definition.id, value: readFilterValue(definition, value) }]
      : []
  })
  if (issues.length > 0) throw validationError(issues)
  const possible = filters.flatMap(({ id, value }) => (value === undefined ? [] : [{ id, value }]))
  return possible.length < filters.length ? undefined : possible
}
