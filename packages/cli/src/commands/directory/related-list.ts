import type { ApiRequest, Page } from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import { findItem } from '../../directory/find-item.ts'
import type { AnyItem, AnyResource, RelatedList } from '../../directory/resource.ts'
import { addPageOptions, type PageOptions, printPagedList, readPagedList } from '../../output/paged-list.ts'
import { printList } from '../../output/print.ts'
import { invocationOf } from '../invocation.ts'
import { addParameters, readValues } from './parameters.ts'

/** Makes a command list what belongs to an item, such as the sessions of a user. */
export function addRelatedList(command: Command, resource: AnyResource, related: RelatedList<AnyItem>): void {
  const filters = related.filters ?? []
  addParameters(command, filters)
  if (related.paged) addPageOptions(command)
  command.action(async (name: string) => {
    const { options, open, format } = invocationOf<PageOptions>(command)
    const session = open()
    const item = await findItem(session, resource, name)
    const query = (await readValues(session, command, filters)) as Record<string, string>
    const show = (one: object) => (format === 'table' ? (related.show?.(one) ?? one) : one) as AnyItem
    if (!related.paged) {
      const { data } = (await session.send(related.list(item, query))).body
      return printList(data.map(show), format, related.columns)
    }
    const request = (page: object) => related.list(item, { ...query, ...page }) as ApiRequest<Page<AnyItem>>
    const { rows, first } = await readPagedList(session, request, options)
    printPagedList({ rows: rows.map(show), first }, format, related.columns, related.plural)
  })
}
