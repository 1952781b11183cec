/** @jsxImportSource react */
import { useEffect, useState } from 'react'
import { asFailure, inWords, useAnswer, useSettled } from './answers.ts'
import { clientLine, detailOf, headLine } from './client-line.ts'
import { Confirm } from './confirm.tsx'
import { CopyScreen } from './copy-screen.tsx'
import { FilterScreen } from './filter-screen.tsx'
import { Frame, useRoom, type KeyHint, type Message } from './frame.tsx'
import { useKeys } from './keys.tsx'
import { moved, narrowed, queryOf, type ListState } from './list-state.ts'
import { listCall, switchCall, type Page } from './requests.ts'
import { SortScreen } from './sort-screen.tsx'
import { useTextEditing } from './text-editor.tsx'
import { Lines, type StyledLine } from './text.tsx'
import { useWork } from './work.ts'
import { said } from './value.ts'

const keys: readonly KeyHint[] = [
  ['↑↓', 'move'],
  ['Enter', 'open'],
  ['/', 'search'],
  ['f', 'filter'],
  ['s', 'sort'],
  ['n', 'new'],
  ['c', 'copy as'],
  ['Space', 'mark'],
  ['e/d', 'marked on/off'],
  ['r', 'again'],
  ['q', 'leave'],
]
const searchKeys: readonly KeyHint[] = [
  ['Enter', 'keep the search'],
  ['Esc', 'drop it'],
  ['↑↓', 'move'],
]
const PAUSE = 200
/** Head, rules, what narrows, and the details of one. */
const AROUND = 6

interface ListOptions {
  list: ListState
  setList(change: (before: ListState) => ListState): void
  message: Message | undefined
}

/** The clients of the organisation, a page at a time, however many there are. */
export function ListScreen({ list, setList, message }: ListOptions) {
  const work = useWork()
  const { width, height } = useRoom()
  const limit = Math.max(1, Math.min(100, height - AROUND))
  const [mode, setMode] = useState<'list' | 'search' | 'filter' | 'sort' | 'copy' | 'enable' | 'disable'>('list')
  const [told, setTold] = useState(message)
  const search = useTextEditing(list.search, false)
  const call = listCall(queryOf(list, limit))
  const asked = useSettled(call.request.path, list.search === search.text ? 0 : PAUSE)
  const { value, failure, waiting, again } = useAnswer(asked, async () => {
    return (await work.session.call({ method: 'GET', path: asked })).body as Page
  })
  useEffect(() => {
    if (mode === 'search') setList((before) => ({ ...before, search: search.text, offset: 0, line: 0 }))
  }, [search.text])

  const found = value?.data ?? []
  const total = value?.total ?? 0
  const line = Math.min(list.line, Math.max(0, found.length - 1))
  const here = found[line]
  const go = (by: number) => setList((before) => moved({ ...before, line }, by, total, limit))
  const moves: Readonly<Record<string, number>> = {
    up: -1,
    down: 1,
    pageup: -limit,
    pagedown: limit,
    home: -Number.MAX_SAFE_INTEGER,
    end: Number.MAX_SAFE_INTEGER,
  }
  const commands: Readonly<Record<string, () => void>> = {
    enter: () => here && work.goTo({ at: 'client', id: said(here['id']) }),
    '/': () => setMode('search'),
    f: () => setMode('filter'),
    s: () => setMode('sort'),
    c: () => setMode('copy'),
    n: () => work.goTo({ at: 'new' }),
    r: again,
    q: work.leave,
    ' ': () => here && setList((before) => marked(before, said(here['id']))),
    e: () => list.marked.length > 0 && setMode('enable'),
    d: () => list.marked.length > 0 && setMode('disable'),
    escape: () => {
      search.replace('')
      setList((before) => ({ ...before, search: '', filters: {}, marked: [], offset: 0, line: 0 }))
    },
  }
  useKeys((key) => {
    setTold(undefined)
    const by = moves[key.name]
    if (by !== undefined && (mode === 'list' || key.name.length > 4 || by * by === 1)) go(by)
    else if (mode === 'list') commands[key.name]?.()
    else if (key.name === 'enter') setMode('list')
    else if (key.name === 'escape') {
      search.replace('')
      setList((before) => ({ ...before, search: '', offset: 0, line: 0 }))
      setMode('list')
    } else search.hears(key)
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
  if (mode === 'copy') return <CopyScreen calls={[{ name: 'This page of the list', call }]} onDone={back} />
  if (mode === 'enable' || mode === 'disable') {
    const isActive = mode === 'enable'
    return (
      <Confirm
        title={`Switch ${counted(list.marked.length)} ${isActive ? 'on' : 'off'}`}
        question={
          isActive
            ? 'They get tokens again, and what they hold works again.'
            : 'They get nothing, and nothing that they hold works, until they are switched on again.'
        }
        calls={list.marked.map((id) => switchCall(id, isActive))}
        onDone={async (calls) => {
          for (const one of calls) await work.session.call(one.request)
          setTold({ text: `Switched ${counted(calls.length)} ${isActive ? 'on' : 'off'}.`, tone: 'good' })
          setList((before) => ({ ...before, marked: [] }))
          again()
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
      message={messageOf(failure, told, waiting)}
    >
      <Lines width={width} lines={linesOf()} />
    </Frame>
  )

  function linesOf(): StyledLine[] {
    const narrowing = narrowed(list)
    const first =
      mode === 'search' ? ` Search: ${search.text}█` : narrowing === '' ? ' All clients' : ` ${narrowing}   (Esc: all)`
    const pages = Math.ceil(total / limit)
    const marks = list.marked.length > 0 ? ` · ${list.marked.length} marked` : ''
    const page = value
      ? `${counted(total)} · page ${total === 0 ? 0 : Math.floor(list.offset / limit) + 1} of ${pages} · by ${list.sort}${marks}`
      : ''
    const rows = Array.from({ length: limit }, (_, index): StyledLine => {
      const client = found[index]
      if (!client) return { text: index === 0 && value ? '   There are none.' : '' }
      const isMarked = list.marked.includes(said(client['id']))
      return {
        text: `${index === line ? '>' : ' '}${isMarked ? '*' : ' '} ${clientLine(client, width, work.now())}`,
        inverse: index === line,
        dim: client['isActive'] !== true && index !== line,
      }
    })
    return [
      { text: first, bold: true },
      { text: headLine(width), bold: true },
      ...rows,
      { text: '─'.repeat(width), dim: true },
      ...[0, 1].map((index) => ({ text: ` ${here ? (detailOf(here)[index] ?? '') : ''}` })),
      { text: ` ${page}`, dim: true },
    ]
  }
}

const counted = (count: number): string => (count === 1 ? '1 client' : `${count} clients`)

function marked(list: ListState, id: string): ListState {
  const isMarked = list.marked.includes(id)
  return { ...list, marked: isMarked ? list.marked.filter((one) => one !== id) : [...list.marked, id], line: list.line }
}

function messageOf(failure: Parameters<typeof inWords>[0] | undefined, told: Message | undefined, waiting: boolean) {
  if (failure && !waiting) return { text: `${inWords(asFailure(failure))} (r: again)`, tone: 'bad' } as const
  return told ?? (waiting ? { text: 'Asking the server …' } : undefined)
}
