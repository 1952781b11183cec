import { type AdminClient, ApiError } from 'cerberus-idp-admin-client'
import type { Act, AnyItem } from './resource.ts'

/** What ends with an act, as a sentence: ` This ends 2 sessions and 1 grant.` Empty where that is unknown, or nothing. */
export async function endingOf(client: AdminClient, { ends = [] }: Act<AnyItem>, item: AnyItem): Promise<string> {
  const counts = await Promise.all(
    ends.map(async ({ noun, list }) => {
      const count = await countOf(client, list(item))
      return count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`]
    }),
  )
  const ended = counts.flat()
  return ended.length === 0 ? '' : ` This ends ${new Intl.ListFormat('en').format(ended)}.`
}

async function countOf(client: AdminClient, request: ReturnType<NonNullable<Act<AnyItem>['ends']>[number]['list']>) {
  try {
    const { data, total = data.length } = (await client.send(request)).body
    return total
  } catch (error) {
    if (error instanceof ApiError && error.kind === 'forbidden') return 0
    throw error
  }
}
