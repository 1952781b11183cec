/** @jsxImportSource react */
import { useScroll } from './cursor.ts'
import { diffLines } from './diff-lines.ts'
import { differences, type Draft } from './draft.ts'
import { Frame, useRoom } from './frame.tsx'
import { useKeys } from './keys.tsx'
import { Lines, type StyledLine } from './text.tsx'

interface ConflictOptions {
  /** What was to be saved. */
  mine: Draft
  /** The same changes to the client as it is now. */
  latest: Draft
  onReapply(): void
  onDiscard(): void
  onCancel(): void
}

/** Somebody was faster: what they have changed, what is to be changed here, and what to do about it. */
export function ConflictScreen({ mine, latest, onReapply, onDiscard, onCancel }: ConflictOptions) {
  const { width, height } = useRoom()
  const theirs = differences(mine.base, latest.base).filter(({ member }) => member !== 'updatedAt')
  const both = theirs.filter(({ member }) => member in mine.changes).map(({ member }) => member)
  const own = Object.entries(mine.changes).map(([member, to]) => ({ member, from: latest.base[member], to }))
  const lines: StyledLine[] = [
    { text: ' Somebody else has changed:', bold: true },
    ...diffLines(theirs, width),
    { text: '' },
    { text: ' You are about to change, after that:', bold: true },
    ...diffLines(own, width),
  ]
  const scroll = useScroll(lines.length, height)
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'r') onReapply()
    else if (key.name === 'd') onDiscard()
    else scroll.hears(key)
  })
  const text =
    both.length > 0
      ? `Nothing was saved. Both of you changed ${both.join(', ')}: yours would replace theirs.`
      : 'Nothing was saved. None of their changes would be lost by yours.'
  return (
    <Frame
      title="Somebody was faster"
      keys={[
        ['r', 'take theirs, then look at mine again'],
        ['d', 'drop mine'],
        ['Esc', 'back'],
      ]}
      message={{ text, tone: 'risky' }}
    >
      <Lines width={width} lines={lines.slice(scroll.top, scroll.top + height)} />
    </Frame>
  )
}
