/** @jsxImportSource react */
import type { RelatedItems, RelatedResource } from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { useApp } from '../app-context.ts'
import { listRelatedCall, revokeAllCall, revokeCall } from '../calls.ts'
import { Frame, type KeyHint, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines, type StyledLine } from '../frame/text.tsx'
import { Confirm } from '../input/confirm.tsx'
import { failureText, useQuery } from '../query.ts'
import { CopyAsScreen } from './copy-as-screen.tsx'
import { JsonScreen } from './json-screen.tsx'
import { type Layout, layouts } from './related-resources-lines.ts'

interface RelatedResourcesOptions<Resource extends RelatedResource> {
  id: string
  /** The name of the client. */
  name: string
  resource: Resource
  onDone(): void
}

/** The grants, consents or events of a client, page by page. Grants and consents can be revoked. */
export function RelatedResourcesScreen<Resource extends RelatedResource>({
  id,
  name,
  resource,
  onDone,
}: RelatedResourcesOptions<Resource>) {
  const { session } = useApp()
  const { width, height } = useContentSize()
  const limit = Math.max(1, Math.min(100, height - 3))
  const [position, setPosition] = useState(0)
  const [view, setView] = useState<'list' | 'item' | 'revoke' | 'revokeAll' | 'copy'>('list')
  const [notice, setNotice] = useState<Message>()
  const offset = position - (position % limit)
  const call = listRelatedCall(id, resource, { limit: String(limit), offset: String(offset) })
  const { value, failure, isLoading, reload } = useQuery(call.request.path, async () => {
    return (await session.send(call.request)).body
  })
  const layout: Layout<RelatedItems[Resource]> = layouts[resource]
  const total = value?.total ?? 0
  const index = Math.min(position - offset, Math.max(0, (value?.data.length ?? 0) - 1))
  const selected = value?.data[index]

  const move = (to: number) => setPosition(Math.max(0, Math.min(total - 1, to)))
  const moves: Readonly<Record<string, number>> = {
    up: position - 1,
    down: position + 1,
    pageup: position - limit,
    pagedown: position + limit,
    home: 0,
    end: total - 1,
  }
  const isRevocable = resource !== 'events'
  useKeys((key) => {
    setNotice(undefined)
    const to = moves[key.name]
    if (to !== undefined) move(to)
    else if (key.name === 'escape' || key.name === 'q') onDone()
    else if (key.name === 'r') reload()
    else if (key.name === 'c') setView('copy')
    else if (key.name === 'enter' && selected) setView('item')
    else if (key.name === 'x' && isRevocable && selected) setView('revoke')
    else if (key.name === 'X' && isRevocable && total > 0) setView('revokeAll')
  })

  const back = () => setView('list')
  if (view === 'copy') return <CopyAsScreen calls={[{ name: layout.title, call }]} onDone={back} />
  if (view === 'item') return <JsonScreen value={selected} title={layout.title} onDone={back} />
  if (view !== 'list' && resource !== 'events') {
    const isAll = view === 'revokeAll'
    const itemId = selected ? layout.idOf(selected) : ''
    return (
      <Confirm
        title={isAll ? `Revoke all ${resource}` : `Revoke the ${resource.slice(0, -1)} of ${selected?.email ?? ''}`}
        question={
          isAll
            ? `All ${resource} of “${name}” and their tokens are revoked. The client’s own tokens are revoked as well.`
            : 'Its tokens are revoked immediately.'
        }
        {...(isAll && { typed: [name] })}
        calls={[isAll ? revokeAllCall(id, resource) : revokeCall(id, resource, itemId)]}
        onConfirm={async ([revocation]) => {
          if (revocation) await session.send(revocation.request)
          setNotice({ text: 'Revoked.', tone: 'good' })
          setPosition(0)
          reload()
          back()
        }}
        onCancel={back}
      />
    )
  }
  const keys: KeyHint[] = [
    ['↑↓', 'move'],
    ['Enter', 'show all'],
    ...(isRevocable
      ? ([
          ['x', 'revoke'],
          ['X', 'revoke all'],
        ] as const)
      : []),
    ['r', 'reload'],
    ['c', 'copy as'],
    ['Esc', 'back'],
  ]
  return (
    <Frame title={`Clients › ${name} › ${layout.title}`} keys={keys} message={currentMessage()}>
      <Lines width={width} lines={listLines()} />
    </Frame>
  )

  function listLines(): StyledLine[] {
    const rows = (value?.data ?? []).map((item, row) => ({
      text: `${row === index ? '>' : ' '} ${layout.line(item, width - 2)}`,
      inverse: row === index,
    }))
    const count = value?.moreThanTotal ? `more than ${total}` : String(total)
    return [
      { text: ` ${value ? `${count}, newest first` : ''}`, dim: true },
      { text: `  ${layout.header(width - 2)}`, bold: true },
      ...(rows.length === 0 && value ? [{ text: `  ${layout.empty}` }] : rows),
    ]
  }

  function currentMessage(): Message | undefined {
    if (failure && !isLoading) return { text: `${failureText(failure)} (r: retry)`, tone: 'bad' }
    return notice ?? (isLoading ? { text: 'Loading …' } : undefined)
  }
}
