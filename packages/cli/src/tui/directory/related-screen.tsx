/** @jsxImportSource react */
import { useState } from 'react'
import { type AnyItem, type AnyResource, type RelatedList, titleOf } from '../../directory/resource.ts'
import { fitTable } from '../../output/table.ts'
import { useApp } from '../app-context.ts'
import { useCursor } from '../frame/cursor.ts'
import { Frame, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'
import { failureText, useQuery } from '../query.ts'
import { CopyAsScreen } from '../screens/copy-as-screen.tsx'
import { JsonScreen } from '../screens/json-screen.tsx'

const PAGE_SIZE = 100

interface RelatedOptions {
  resource: AnyResource
  related: RelatedList<AnyItem>
  item: AnyItem
  onDone(): void
}

/** What belongs to an item, such as the sessions of a user: the first hundred. */
export function RelatedScreen({ resource, related, item, onDone }: RelatedOptions) {
  const { session } = useApp()
  const { width, height } = useContentSize()
  const [view, setView] = useState<'list' | 'item' | 'copy'>('list')
  const request = related.list(item, related.paged ? { limit: String(PAGE_SIZE) } : {})
  const { value, failure, isLoading, reload } = useQuery(request.path, async () => (await session.send(request)).body)
  const rows = (value?.data ?? []).map((one): AnyItem => ({ ...(related.show?.(one) ?? one) }))
  const visible = height - 2
  const cursor = useCursor(rows.length, visible)
  useKeys((key) => {
    if (key.name === 'escape' || key.name === 'q') onDone()
    else if (key.name === 'r') reload()
    else if (key.name === 'c') setView('copy')
    else if (key.name === 'enter' && rows.length > 0) setView('item')
    else cursor.handleKey(key)
  })
  const back = () => setView('list')
  const words = [resource.noun, related.verb, resource.idOf(item)]
  const title = `${titleOf(resource, item)} › ${related.plural}`
  if (view === 'copy') return <CopyAsScreen calls={[{ name: title, call: { request, words } }]} onDone={back} />
  if (view === 'item') return <JsonScreen title={title} value={value?.data[cursor.index]} onDone={back} />
  const { lines } = fitTable(rows, related.columns, width - 2)
  const shown = lines.slice(1).slice(cursor.top, cursor.top + visible)
  const total = (value as { total?: number } | undefined)?.total ?? rows.length
  const message: Message | undefined =
    failure && !isLoading
      ? { text: `${failureText(failure)} (r: retry)`, tone: 'bad' }
      : isLoading
        ? { text: 'Loading …' }
        : undefined
  return (
    <Frame
      title={title}
      keys={[
        ['↑↓', 'move'],
        ['Enter', 'show all'],
        ['r', 'reload'],
        ['c', 'copy as'],
        ['Esc', 'back'],
      ]}
      message={message}
    >
      <Lines
        width={width}
        lines={[
          { text: value ? ` ${rows.length} of ${total} ${related.plural}` : '', dim: true },
          { text: rows.length > 0 ? `  ${lines[0] ?? ''}` : '', bold: true },
          ...shown.map((text, index) => ({
            text: `${cursor.top + index === cursor.index ? '>' : ' '} ${text}`,
            inverse: cursor.top + index === cursor.index,
          })),
        ]}
      />
    </Frame>
  )
}
