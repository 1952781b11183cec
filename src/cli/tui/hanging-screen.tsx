/** @jsxImportSource react */
import { useState } from 'react'
import { inWords, useAnswer } from './answers.ts'
import { Confirm } from './confirm.tsx'
import { CopyScreen } from './copy-screen.tsx'
import { Frame, useRoom, type KeyHint, type Message } from './frame.tsx'
import { listings, type Item } from './hanging-lines.ts'
import { JsonScreen } from './json-screen.tsx'
import { useKeys } from './keys.tsx'
import { belowCall, endAllCall, endCall, type Below, type Page } from './requests.ts'
import { Lines, type StyledLine } from './text.tsx'
import { said } from './value.ts'
import { useWork } from './work.ts'

interface HangingOptions {
  id: string
  /** Of the client. */
  name: string
  below: Exclude<Below, 'secrets'>
  onDone(): void
}

/** What hangs from a client: grants, consents, events, a page at a time; the first two are ended here. */
export function HangingScreen({ id, name, below, onDone }: HangingOptions) {
  const { session } = useWork()
  const { width, height } = useRoom()
  const limit = Math.max(1, Math.min(100, height - 3))
  const [at, setAt] = useState(0)
  const [doing, setDoing] = useState<'list' | 'one' | 'end' | 'endAll' | 'copy'>('list')
  const [told, setTold] = useState<Message>()
  const offset = at - (at % limit)
  const call = belowCall(id, below, { limit: String(limit), offset: String(offset) })
  const { value, failure, waiting, again } = useAnswer(call.request.path, async () => {
    return (await session.call(call.request)).body as Page<Item>
  })
  const listing = listings[below]
  const total = value?.total ?? 0
  const index = Math.min(at - offset, Math.max(0, (value?.data.length ?? 0) - 1))
  const here = value?.data[index]
  const canEnd = below !== 'events'

  const go = (to: number) => setAt(Math.max(0, Math.min(total - 1, to)))
  const moves: Readonly<Record<string, number>> = {
    up: at - 1,
    down: at + 1,
    pageup: at - limit,
    pagedown: at + limit,
    home: 0,
    end: total - 1,
  }
  useKeys((key) => {
    setTold(undefined)
    const to = moves[key.name]
    if (to !== undefined) go(to)
    else if (key.name === 'escape' || key.name === 'q') onDone()
    else if (key.name === 'r') again()
    else if (key.name === 'c') setDoing('copy')
    else if (key.name === 'enter' && here) setDoing('one')
    else if (key.name === 'x' && canEnd && here) setDoing('end')
    else if (key.name === 'X' && canEnd && total > 0) setDoing('endAll')
  })

  const back = () => setDoing('list')
  if (doing === 'copy') return <CopyScreen calls={[{ name: listing.title, call }]} onDone={back} />
  if (doing === 'one') return <JsonScreen value={here} title={listing.title} onDone={back} />
  if (doing !== 'list' && below !== 'events') {
    const all = doing === 'endAll'
    const whose = said(here?.['email'])
    return (
      <Confirm
        title={all ? `End all ${below}` : `End what ${whose} has allowed`}
        question={
          all
            ? `All that people have allowed “${name}” ends, with every token of it, the client’s own included.`
            : 'All tokens that hang from it stop working at once.'
        }
        {...(all && { typed: [name] })}
        calls={[all ? endAllCall(id, below) : endCall(id, below, listing.idOf(here ?? {}))]}
        onDone={async ([one]) => {
          if (one) await session.call(one.request)
          setTold({ text: 'It has ended.', tone: 'good' })
          setAt(0)
          again()
          back()
        }}
        onCancel={back}
      />
    )
  }
  const keys: KeyHint[] = [
    ['↑↓', 'move'],
    ['Enter', 'all of it'],
    ...(canEnd
      ? ([
          ['x', 'end it'],
          ['X', 'end all'],
        ] as const)
      : []),
    ['r', 'again'],
    ['c', 'copy as'],
    ['Esc', 'back'],
  ]
  return (
    <Frame title={`Clients › ${name} › ${listing.title}`} keys={keys} message={messageNow()}>
      <Lines width={width} lines={linesOf()} />
    </Frame>
  )

  function linesOf(): StyledLine[] {
    const rows = (value?.data ?? []).map((item, row) => ({
      text: `${row === index ? '>' : ' '} ${listing.line(item, width - 2)}`,
      inverse: row === index,
    }))
    const count = value?.moreThanTotal ? `more than ${total}` : String(total)
    return [
      { text: ` ${value ? `${count}, the newest first` : ''}`, dim: true },
      { text: `  ${listing.head(width - 2)}`, bold: true },
      ...(rows.length === 0 && value ? [{ text: `  ${listing.none}` }] : rows),
    ]
  }

  function messageNow(): Message | undefined {
    if (failure && !waiting) return { text: `${inWords(failure)} (r: again)`, tone: 'bad' }
    return told ?? (waiting ? { text: 'Asking the server …' } : undefined)
  }
}
