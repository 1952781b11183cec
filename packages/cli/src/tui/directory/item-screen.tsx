/** @jsxImportSource react */
import type { ApiRequest, Page } from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { type Act, type AnyItem, type AnyResource, type RelatedList, titleOf } from '../../directory/resource.ts'
import { cell } from '../../output/printable.ts'
import { labelledLines } from '../../output/record.ts'
import { Failure } from '../../failure.ts'
import type { Call } from '../calls.ts'
import { useApp } from '../app-context.ts'
import { useScroll } from '../frame/cursor.ts'
import { Frame, type KeyHint, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'
import { failureText, useQuery } from '../query.ts'
import { CopyAsScreen } from '../screens/copy-as-screen.tsx'
import { JsonScreen } from '../screens/json-screen.tsx'
import { ActScreen } from './act-screen.tsx'
import { EditScreen } from './edit-screen.tsx'
import { titleOfList } from './lists.ts'
import { MenuScreen } from './menu-screen.tsx'
import { RelatedScreen } from './related-screen.tsx'

type View =
  | 'item'
  | 'acts'
  | 'lists'
  | 'edit'
  | 'json'
  | 'copy'
  | { act: Act<AnyItem> }
  | { related: RelatedList<AnyItem> }

/** How an item is read: alone, or in the list of those with its name. */
function itemCall(
  resource: AnyResource,
  id: string,
  name: string | undefined,
): Call & { request: ApiRequest<AnyItem> } {
  const { get, noun, lookup, list } = resource
  if (get) return { request: get(id), words: [noun, 'get', id] }
  const query = name === undefined ? {} : (lookup?.(name) ?? { search: name })
  const searches = resource.filters.some((filter) => filter.name === 'search')
  const request = list({ limit: '100', ...(searches && query) }) as ApiRequest as ApiRequest<AnyItem>
  return { request, words: [noun, 'list', ...(searches && name !== undefined ? ['--search', name] : [])] }
}

function itemIn(resource: AnyResource, page: unknown, id: string): AnyItem {
  const { data } = page as Page<AnyItem>
  const found = data.find((one) => resource.idOf(one) === id)
  if (!found) throw new Failure('notFound', `This ${resource.noun} is not in the list any more.`)
  return found
}

/** One item, and what can be done to it. */
export function ItemScreen({ resource, id, name }: { resource: AnyResource; id: string; name?: string | undefined }) {
  const { session, goTo } = useApp()
  const { width, height } = useContentSize()
  const [view, setView] = useState<View>('item')
  const [notice, setNotice] = useState<Message>()
  const call = itemCall(resource, id, name)
  const { value, failure, isLoading, reload } = useQuery(call.request.path, async () => {
    const { body, headers } = await session.send(call.request)
    return { item: resource.get ? body : itemIn(resource, body, id), etag: headers.get('etag') ?? undefined }
  })
  const item = value?.item
  const lines = item ? linesOf(item) : []
  const scroll = useScroll(lines.length, height)
  const { noun } = resource
  // A password must not be on the screen.
  const acts = (resource.acts ?? []).filter(
    ({ parameters = [], toOwn }) => !toOwn && parameters.every(({ type }) => type !== 'file'),
  )
  const lists = resource.related ?? []
  const deletion = acts.find(({ verb }) => verb === 'delete' || verb === 'remove')
  const toList = (message?: Message) => goTo({ at: 'list', noun, ...(message && { message }) })
  const commands: Readonly<Record<string, () => void>> = {
    escape: () => toList(),
    q: () => toList(),
    r: reload,
    a: () => acts.length > 0 && setView('acts'),
    o: () => lists.length > 0 && setView('lists'),
    e: () => resource.change && setView('edit'),
    D: () => deletion && setView({ act: deletion }),
    j: () => setView('json'),
    c: () => setView('copy'),
  }
  useKeys((key) => {
    setNotice(undefined)
    if (!scroll.handleKey(key)) commands[key.name]?.()
  })
  const back = () => setView('item')
  const done = (text: string) => {
    setNotice({ text, tone: 'good' })
    reload()
    back()
  }
  const title = item ? titleOf(resource, item) : ''
  if (item && view === 'acts') {
    const options = acts.map((act) => ({ value: act, label: act.verb, note: act.help }))
    return (
      <MenuScreen title={`${title} › Actions`} options={options} onChoose={(act) => setView({ act })} onCancel={back} />
    )
  }
  if (item && view === 'lists') {
    const options = lists.map((related) => ({ value: related, label: related.verb, note: related.help }))
    return (
      <MenuScreen
        title={`${title} › Lists`}
        options={options}
        onChoose={(related) => setView({ related })}
        onCancel={back}
      />
    )
  }
  if (item && view === 'edit') {
    return <EditScreen resource={resource} item={item} etag={value?.etag} onDone={done} onCancel={back} />
  }
  if (item && view === 'json') return <JsonScreen title={title} value={item} onDone={back} />
  if (view === 'copy') {
    return <CopyAsScreen calls={[{ name: title, call }]} onDone={back} />
  }
  if (item && typeof view === 'object' && 'act' in view) {
    const finish = (text: string, isGone: boolean) => (isGone ? toList({ text, tone: 'good' }) : done(text))
    return <ActScreen resource={resource} act={view.act} item={item} onDone={finish} onCancel={back} />
  }
  if (item && typeof view === 'object' && 'related' in view) {
    return <RelatedScreen resource={resource} related={view.related} item={item} onDone={back} />
  }
  const keys: readonly KeyHint[] = [
    ['↑↓', 'scroll'],
    ...(resource.change ? [['e', 'edit'] as const] : []),
    ...(acts.length > 0 ? [['a', 'actions'] as const] : []),
    ...(lists.length > 0 ? [['o', `${lists[0]?.plural ?? ''} …`] as const] : []),
    ...(deletion ? [['D', 'delete'] as const] : []),
    ['j', 'JSON'],
    ['c', 'copy as'],
    ['r', 'reload'],
    ['Esc', 'back'],
  ]
  const failed =
    failure && !isLoading ? ({ text: `${failureText(failure)} (r: retry)`, tone: 'bad' } as const) : undefined
  return (
    <Frame
      title={`${titleOfList(noun)} › ${title}`}
      keys={keys}
      message={failed ?? notice ?? (isLoading ? { text: 'Loading …' } : undefined)}
    >
      <Lines width={width} lines={lines.slice(scroll.top, scroll.top + height).map((text) => ({ text: ` ${text}` }))} />
    </Frame>
  )

  function linesOf(shown: AnyItem): string[] {
    const members = { ...(resource.show?.(shown) ?? shown) } as AnyItem
    const rows = Object.entries(members)
      .filter(([, content]) => cell(content) !== '-' && cell(content) !== '{}')
      .map(([member, content]) => [member, cell(content)] as const)
    return labelledLines(rows, width - 2)
  }
}
