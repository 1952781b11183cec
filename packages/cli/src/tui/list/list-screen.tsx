// `list` is the list of clients: its state, its lines, and the screens that filter and sort it.

/** @jsxImportSource react */
import { asText, type Client, type Page } from 'cerberus-idp-admin-client'
import { useEffect, useState } from 'react'
import type { Failure } from '../../failure.ts'
import { useApp } from '../app-context.ts'
import { listCall, setActiveCall } from '../calls.ts'
import { lists } from '../directory/lists.ts'
import { Frame, type KeyHint, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines, type StyledLine } from '../frame/text.tsx'
import { Confirm } from '../input/confirm.tsx'
import { useTextEditing } from '../input/text-editor.tsx'
import { failureText, useDebounced, useQuery } from '../query.ts'
import { CopyAsScreen } from '../screens/copy-as-screen.tsx'
import { clientLine, detailOf, headerLine } from './client-line.ts'
import { FilterScreen } from './filter-screen.tsx'
import { describeFilters, listQuery, type ListState, moveCursor } from './list-state.ts'
import { SortScreen } from './sort-screen.tsx'

const keys: readonly KeyHint[] = [
  ['↑↓', 'move'],
  ['Enter', 'open'],
  ['/', 'search'],
  ['f', 'filter'],
  ['s', 'sort'],
  ['n', 'new'],
  ['c', 'copy as'],
  ['Space', 'mark'],
  ['e/d', 'enable/disable marked'],
  ['r', 'reload'],
  ['2-8', 'other list'],
  ['q', 'quit'],
]
const searchKeys: readonly KeyHint[] = [
  ['Enter', 'keep the search'],
  ['Esc', 'clear'],
  ['↑↓', 'move'],
]
const SEARCH_DELAY_MS = 200
/** Filters, column headings, a rule, and the details of a client. */
const RESERVED_LINES = 6

interface ListOptions {
  list: ListState
  setList(change: (before: ListState) => ListState): void
  message: Message | undefined
}

/** The clients of the organisation, page by page. */
export function ListScreen({ list, setList, message }: ListOptions) {
  const app = useApp()
  const { width, height } = useContentSize()
  const limit = Math.max(1, Math.min(100, height - RESERVED_LINES))
  const [mode, setMode] = useState<'list' | 'search' | 'filter' | 'sort' | 'copy' | 'enable' | 'disable'>('list')
  const [notice, setNotice] = useState(message)
  const search = useTextEditing(list.search, false)
  const call = listCall(listQuery(list, limit))
  const path = useDebounced(call.request.path, list.search === search.text ? 0 : SEARCH_DELAY_MS)
  const { value, failure, isLoading, reload } = useQuery(path, async () => {
    return (await app.session.send<Page<Client>>({ method: 'GET', path })).body
  })
  useEffect(() => {
    if (mode === 'search') setList((before) => ({ ...before, search: search.text, offset: 0, line: 0 }))
  }, [search.text])

  const found = value?.data ?? []
  const total = value?.total ?? 0
  const line = Math.min(list.line, Math.max(0, found.length - 1))
  const selected = found[line]
  const go = (by: number) => setList((before) => moveCursor({ ...before, line }, by, total, limit))
  const moves: Readonly<Record<string, number>> = {
    up: -1,
    down: 1,
    pageup: -limit,
    pagedown: limit,
    home: -Number.MAX_SAFE_INTEGER,
    end: Number.MAX_SAFE_INTEGER,
  }
  const commands: Readonly<Record<string, () => void>> = {
    enter: () => selected && app.goTo({ at: 'client', id: asText(selected['id']) }),
    '/': () => setMode('search'),
    f: () => setMode('filter'),
    s: () => setMode('sort'),
    c: () => setMode('copy'),
    n: () => app.goTo({ at: 'new' }),
    r: reload,
    q: app.quit,
    ' ': () => selected && setList((before) => toggleMark(before, asText(selected['id']))),
    e: () => list.marked.length > 0 && setMode('enable'),
    d: () => list.marked.length > 0 && setMode('disable'),
    escape: () => {
      search.replace('')
      setList((before) => ({ ...before, search: '', filters: {}, marked: [], offset: 0, line: 0 }))
    },
  }
  useKeys((key) => {
    setNotice(undefined)
    const by = moves[key.name]
    const otherList = lists.find((one) => one.key === key.name)
    if (by !== undefined && (mode === 'list' || key.name.length > 4 || by * by === 1)) go(by)
    else if (mode === 'list' && otherList) app.goTo({ at: 'list', noun: otherList.noun })
    else if (mode === 'list') commands[key.name]?.()
    else if (key.name === 'enter') setMode('list')
    else if (key.name === 'escape') {
      search.replace('')
      setList((before) => ({ ...before, search: '', offset: 0, line: 0 }))
      setMode('list')
    } else search.handleKey(key)
  }, mode === 'search')

  const back = () => setMode('list')
  if (mode === 'filter')
    return (
      <FilterScreen
        list={list}
        onDone={(filters) => (setList((before) => ({ ...before, filters, offset: 0, line: 0 })), back())}
        onCancel={back}
      />
    )
  if (mode === 'sort')
    return (
      <SortScreen
        sort={list.sort}
        onDone={(sort) => (setList((before) => ({ ...before, sort, offset: 0, line: 0 })), back())}
        onCancel={back}
      />
    )
  if (mode === 'copy') return <CopyAsScreen calls={[{ name: 'This page of the list', call }]} onDone={back} />
  if (mode === 'enable' || mode === 'disable') {
    const isActive = mode === 'enable'
    return (
      <Confirm
        title={`${isActive ? 'Enable' : 'Disable'} ${countClients(list.marked.length)}`}
        question={
          isActive
            ? 'They can get tokens again, and their tokens are valid again, unless revoked.'
            : 'They get no tokens, and their tokens are rejected, until they are enabled again.'
        }
        calls={list.marked.map((id) => setActiveCall(id, isActive))}
        onConfirm={async (calls) => {
          for (const one of calls) await app.session.send(one.request)
          setNotice({ text: `${isActive ? 'Enabled' : 'Disabled'} ${countClients(calls.length)}.`, tone: 'good' })
          setList((before) => ({ ...before, marked: [] }))
          reload()
          back()
        }}
        onCancel={back}
      />
    )
  }
  return (
    <Frame
      isTyping={mode === 'search'}
      title="Clients"
      keys={mode === 'search' ? searchKeys : keys}
      message={messageOf(failure, notice, isLoading)}
    >
      <Lines width={width} lines={linesOf()} />
    </Frame>
  )

  function linesOf(): StyledLine[] {
    const filters = describeFilters(list)
    const first =
      mode === 'search' ? ` Search: ${search.text}█` : filters === '' ? ' All clients' : ` ${filters}   (Esc: clear)`
    const pages = Math.ceil(total / limit)
    const marks = list.marked.length > 0 ? ` · ${list.marked.length} marked` : ''
    const page = value
      ? `${countClients(total)} · page ${total === 0 ? 0 : Math.floor(list.offset / limit) + 1} of ${pages} · by ${list.sort}${marks}`
      : ''
    const rows = Array.from({ length: limit }, (_, index): StyledLine => {
      const client = found[index]
      if (!client) return { text: index === 0 && value ? '   No clients.' : '' }
      const isMarked = list.marked.includes(asText(client['id']))
      return {
        text: `${index === line ? '>' : ' '}${isMarked ? '*' : ' '} ${clientLine(client, width, app.now())}`,
        inverse: index === line,
        dim: !client.isActive && index !== line,
      }
    })
    return [
      { text: first, bold: true },
      { text: headerLine(width), bold: true },
      ...rows,
      { text: '─'.repeat(width), dim: true },
      ...[0, 1].map((index) => ({ text: ` ${selected ? (detailOf(selected)[index] ?? '') : ''}` })),
      { text: ` ${page}`, dim: true },
    ]
  }
}

const countClients = (count: number): string => (count === 1 ? '1 client' : `${count} clients`)

function toggleMark(list: ListState, id: string): ListState {
  const isMarked = list.marked.includes(id)
  return { ...list, marked: isMarked ? list.marked.filter((one) => one !== id) : [...list.marked, id], line: list.line }
}

function messageOf(failure: Failure | undefined, notice: Message | undefined, isLoading: boolean) {
  if (failure && !isLoading) return { text: `${failureText(failure)} (r: retry)`, tone: 'bad' } as const
  return notice ?? (isLoading ? { text: 'Loading …' } : undefined)
}
