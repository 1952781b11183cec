/** @jsxImportSource react */
import { useEffect, useState } from 'react'
import type { Page } from 'cerberus-idp-admin-client'
import type { AnyItem, AnyResource } from '../../directory/resource.ts'
import { fitTable } from '../../output/table.ts'
import { type Place, useApp } from '../app-context.ts'
import { Frame, type KeyHint, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines, type StyledLine } from '../frame/text.tsx'
import { useTextEditing } from '../input/text-editor.tsx'
import { moveCursor } from '../list/list-state.ts'
import { failureText, useDebounced, useQuery } from '../query.ts'
import { CopyAsScreen } from '../screens/copy-as-screen.tsx'
import { listCall } from './calls.ts'
import { CreateScreen } from './create-screen.tsx'
import { type ListPosition, lists, titleOfList } from './lists.ts'
import { MenuScreen } from './menu-screen.tsx'

const SEARCH_DELAY_MS = 200
/** The search, the column headings, a rule and the page. */
const RESERVED_LINES = 4

function placeOf(resource: AnyResource, item: AnyItem): Place {
  const [name] = resource.namesOf(item)
  return { at: 'item', noun: resource.noun, id: resource.idOf(item), ...(typeof name === 'string' && { name }) }
}

interface ResourceListOptions {
  resource: AnyResource
  position: ListPosition
  setPosition(change: (before: ListPosition) => ListPosition): void
  message: Message | undefined
}

/** The items of a resource, page by page, with a search. */
export function ResourceListScreen({ resource, position, setPosition, message }: ResourceListOptions) {
  const app = useApp()
  const { width, height } = useContentSize()
  const limit = Math.max(1, Math.min(100, height - RESERVED_LINES))
  const [mode, setMode] = useState<'list' | 'search' | 'menu' | 'copy' | 'create'>('list')
  const [notice, setNotice] = useState(message)
  const search = useTextEditing(position.search, false)
  const wanted = position.search.trim()
  const call = listCall(resource, {
    ...(wanted !== '' && { search: wanted }),
    limit: String(limit),
    offset: String(position.offset),
  })
  const path = useDebounced(call.request.path, position.search === search.text ? 0 : SEARCH_DELAY_MS)
  const { value, failure, isLoading, reload } = useQuery(path, async () => {
    return (await app.session.send<Page<AnyItem>>({ method: 'GET', path })).body
  })
  useEffect(() => {
    if (mode === 'search') setPosition(() => ({ search: search.text, offset: 0, line: 0 }))
  }, [search.text])

  const found = resource.isWhole
    ? (value?.data ?? []).slice(position.offset, position.offset + limit)
    : (value?.data ?? [])
  const total = value?.total ?? 0
  const line = Math.min(position.line, Math.max(0, found.length - 1))
  const selected = found[line]
  const go = (by: number) =>
    setPosition((before) => ({ ...before, ...moveCursor({ ...before, line }, by, total, limit) }))
  const moves: Readonly<Record<string, number>> = {
    up: -1,
    down: 1,
    pageup: -limit,
    pagedown: limit,
    home: -Number.MAX_SAFE_INTEGER,
    end: Number.MAX_SAFE_INTEGER,
  }
  const clear = () => {
    search.replace('')
    setPosition(() => ({ search: '', offset: 0, line: 0 }))
  }
  const { noun } = resource
  const commands: Readonly<Record<string, () => void>> = {
    // While another page is loading, the cursor is on a line that is about to change.
    enter: () => selected && !isLoading && path === call.request.path && app.goTo(placeOf(resource, selected)),
    '/': () => setMode('search'),
    l: () => setMode('menu'),
    c: () => setMode('copy'),
    n: () => resource.create && setMode('create'),
    r: reload,
    q: app.quit,
    escape: clear,
  }
  useKeys((key) => {
    setNotice(undefined)
    const by = moves[key.name]
    const list = lists.find((one) => one.key === key.name)
    if (by !== undefined && (mode === 'list' || by * by === 1 || key.name.startsWith('page'))) go(by)
    else if (mode === 'list' && list) app.goTo({ at: 'list', noun: list.noun })
    else if (mode === 'list') commands[key.name]?.()
    else if (key.name === 'enter') setMode('list')
    else if (key.name === 'escape') {
      clear()
      setMode('list')
    } else search.handleKey(key)
  }, mode === 'search')

  const back = () => setMode('list')
  const title = titleOfList(noun)
  if (mode === 'copy') return <CopyAsScreen calls={[{ name: 'This page of the list', call }]} onDone={back} />
  if (mode === 'menu') {
    return (
      <MenuScreen
        title="Lists"
        options={lists.map((one) => ({ value: one.noun, label: `${one.key ?? ' '} ${one.title}`, note: '' }))}
        initial={noun}
        onChoose={(chosen) => app.goTo({ at: 'list', noun: chosen })}
        onCancel={back}
      />
    )
  }
  if (mode === 'create') {
    const done = (text: string) => {
      setNotice({ text, tone: 'good' })
      reload()
      back()
    }
    return <CreateScreen resource={resource} onDone={done} onCancel={back} />
  }
  const keys: readonly KeyHint[] =
    mode === 'search'
      ? [
          ['Enter', 'keep the search'],
          ['Esc', 'clear'],
          ['↑↓', 'move'],
        ]
      : [
          ['↑↓', 'move'],
          ['Enter', 'open'],
          ['/', 'search'],
          ...(resource.create ? [['n', 'new'] as const] : []),
          ['c', 'copy as'],
          ['r', 'reload'],
          ['l', 'lists'],
          ['1-9', 'other list'],
          ['q', 'quit'],
        ]
  const failed =
    failure && !isLoading ? ({ text: `${failureText(failure)} (r: retry)`, tone: 'bad' } as const) : undefined
  return (
    <Frame
      isTyping={mode === 'search'}
      title={title}
      keys={keys}
      message={failed ?? notice ?? (isLoading ? { text: 'Loading …' } : undefined)}
    >
      <Lines width={width} lines={linesOf()} />
    </Frame>
  )

  function linesOf(): StyledLine[] {
    const first =
      mode === 'search'
        ? ` Search: ${search.text}█`
        : wanted === ''
          ? ` All ${resource.plural}`
          : ` /${wanted}   (Esc: clear)`
    const { lines } = fitTable(found, resource.columns, width - 2)
    const rows = Array.from({ length: limit }, (_, index): StyledLine => {
      const text = lines[index + 1]
      if (text === undefined) return { text: index === 0 && value ? `   No ${resource.plural}.` : '' }
      return { text: `${index === line ? '>' : ' '} ${text}`, inverse: index === line }
    })
    const pages = Math.ceil(total / limit)
    const more = value?.moreThanTotal ? ' or more' : ''
    const page = value
      ? `${total}${more} ${total === 1 ? resource.plural.replace(/s$/, '') : resource.plural} · page ${total === 0 ? 0 : Math.floor(position.offset / limit) + 1} of ${pages}${more}`
      : ''
    return [
      { text: first, bold: true },
      { text: `  ${found.length > 0 ? (lines[0] ?? '') : ''}`, bold: true },
      ...rows,
      { text: '─'.repeat(width), dim: true },
      { text: ` ${page}`, dim: true },
    ]
  }
}
