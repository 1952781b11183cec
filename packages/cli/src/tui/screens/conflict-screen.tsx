/** @jsxImportSource react */
import { differences, type Draft } from 'cerberus-idp-admin-client'
import { useScroll } from '../frame/cursor.ts'
import { Frame, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines, type StyledLine } from '../frame/text.tsx'
import { diffLines } from './diff-lines.ts'

interface ConflictOptions {
  /** The draft that could not be saved. */
  mine: Draft
  /** The same changes to the current client. */
  latest: Draft
  onReapply(): void
  onDiscard(): void
  onCancel(): void
}

/** The client has changed since it was read: the other changes, the own ones, and the choice between them. */
export function ConflictScreen({ mine, latest, onReapply, onDiscard, onCancel }: ConflictOptions) {
  const { width, height } = useContentSize()
  const theirs = differences(mine.base, latest.base).filter(({ member }) => member !== 'updatedAt')
  const both = theirs.filter(({ member }) => member in mine.changes).map(({ member }) => member)
  const own = Object.entries(mine.changes).map(([member, to]) => ({ member, from: latest.base[member], to }))
  const lines: StyledLine[] = [
    { text: ' Changed by someone else:', bold: true },
    ...diffLines(theirs, width),
    { text: '' },
    { text: ' Your changes to the current client:', bold: true },
    ...diffLines(own, width),
  ]
  const scroll = useScroll(lines.length, height)
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'r') onReapply()
    else if (key.name === 'd') onDiscard()
    else scroll.handleKey(key)
  })
  const text =
    both.length > 0
      ? `Not saved. Both changed ${both.join(', ')}: saving again replaces the other changes.`
      : 'Not saved. Saving again keeps the other changes.'
  return (
    <Frame
      title="The client has changed"
      keys={[
        ['r', 'review my changes on top'],
        ['d', 'discard mine'],
        ['Esc', 'back'],
      ]}
      message={{ text, tone: 'risky' }}
    >
      <Lines width={width} lines={lines.slice(scroll.top, scroll.top + height)} />
    </Frame>
  )
}
