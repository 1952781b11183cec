import type { UserAttributeValue } from '../../model/users/user-attribute.ts'
import type { UserImportRepository } from '../../model/users/user-import.ts'
import type { Plan } from './plan-import.ts'

interface UniqueValue {
  /** Which plan has it. */
  index: number
  attributeId: string
  value: Exclude<UserAttributeValue, string[]>
  userId: string | undefined
}

/** The positions of plans with a value of a unique attribute that another user has, or a plan before. */
export async function findTakenValues(
  { userImports }: { userImports: Pick<UserImportRepository, 'findHolders'> },
  organisationId: string,
  plans: readonly Plan[],
): Promise<ReadonlySet<number>> {
  const values = plans.flatMap((plan, index) => ('change' in plan ? uniqueValues(plan, index) : []))
  const holders = await userImports.findHolders(organisationId, values)
  const taken = new Set(
    holders.flatMap(({ index, userId }) => {
      const value = values[index]
      return value && value.userId !== userId ? [value.index] : []
    }),
  )
  const firstPlans = new Map<string, number>()
  for (const { index, attributeId, value } of values) {
    const key = `${attributeId} ${JSON.stringify(value)}`
    const first = firstPlans.get(key) ?? index
    if (first !== index) taken.add(index)
    firstPlans.set(key, first)
  }
  return taken
}

function uniqueValues(plan: Extract<Plan, { change: object }>, index: number): UniqueValue[] {
  const userId = 'user' in plan ? plan.user.id : undefined
  return plan.change.attributes.flatMap(({ definition, value }) => {
    if (!definition.unique || value === null) return []
    const entries = Array.isArray(value) ? value : [value]
    return entries.map((entry) => ({ index, attributeId: definition.id, value: entry, userId }))
  })
}
