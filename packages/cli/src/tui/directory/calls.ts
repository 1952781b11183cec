import type { Act, AnyItem, AnyResource, Parameter, Values } from '../../directory/resource.ts'
import { cell } from '../../output/printable.ts'
import type { Call, ListQuery } from '../calls.ts'

/** The list of a resource as a call. */
export const listCall = (resource: AnyResource, query: ListQuery): Call => ({
  request: resource.list(query),
  words: [
    resource.noun,
    'list',
    ...(query['search'] === undefined ? [] : ['--search', query['search']]),
    ...(query['limit'] === undefined ? [] : ['--limit', query['limit']]),
  ],
})

/** An act as a call. */
export const actCall = (
  resource: AnyResource,
  act: Act<AnyItem>,
  item: AnyItem,
  values: Values,
  prepared: Values = {},
): Call => ({
  request: act.request(item, values, prepared),
  words: [
    resource.noun,
    act.verb,
    ...(act.toOwn ? [] : [resource.idOf(item)]),
    ...wordsOf(act.parameters ?? [], values),
    ...(act.question ? ['--yes'] : []),
  ],
})

/** Values as the arguments and options of a command. */
export function wordsOf(parameters: readonly Parameter[], values: Values): string[] {
  return parameters.flatMap(({ name, usage, type }) => {
    const value = values[name]
    if (value === undefined) return []
    const given = Array.isArray(value) ? value.map(String) : [cell(value)]
    const [flag = ''] = usage.split(' ')
    if (!flag.startsWith('-')) return given
    return type === 'boolean' ? [flag] : [flag, ...given]
  })
}
