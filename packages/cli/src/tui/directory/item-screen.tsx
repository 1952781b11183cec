/** @jsxImportSource react */
import { useState } from 'react'
import { type Act, type AnyItem, type AnyResource, type RelatedList, titleOf } from '../../directory/resource.ts'
import { cell } from '../../output/printable.ts'
import { labelledLines } from '../../output/record.ts'
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

/** One item, and what can be done to it. */
export function ItemScreen({ resource, id }: { resource: AnyResource; id: string }) {
  const { session, goTo } = useApp()
  const { width, height } = useContentSize()
  const [view, setView] = useState<View>('item')
  const [notice, setNotice] = useState<Message>()
  const request = resource.get(id)
  const { value, failure, isLoading, reload } = useQuery(request.path, async () => {
    const { body, headers } = await session.send(request)
    return { item: body, etag: headers.get('etag') ?? undefined }
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
  const deletion = acts.find(({ verb }) => verb === 'delete')
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
    return <CopyAsScreen calls={[{ name: title, call: { request, words: [noun, 'get', id] } }]} onDone={back} />
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
