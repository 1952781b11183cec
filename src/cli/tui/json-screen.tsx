/** @jsxImportSource react */
import { chop } from './columns.ts'
import { useScroll } from './cursor.ts'
import { Frame, useRoom } from './frame.tsx'
import { useKeys } from './keys.tsx'
import { Lines } from './text.tsx'
import { useWork } from './work.ts'

/** A value as JSON, all of it. */
export function JsonScreen({ value, title, onDone }: { value: unknown; title: string; onDone(): void }) {
  const { copy } = useWork()
  const { width, height } = useRoom()
  const text = JSON.stringify(value, null, 2)
  const lines = text.split('\n').flatMap((line) => chop(line, width - 2))
  const scroll = useScroll(lines.length, height)
  useKeys((key) => {
    if (key.name === 'escape' || key.name === 'q' || key.name === 'j') onDone()
    else if (key.name === 'y') copy(`${text}\n`)
    else scroll.hears(key)
  })
  const last = Math.min(lines.length, scroll.top + height)
  return (
    <Frame
      title={title}
      keys={[
        ['↑↓', 'scroll'],
        ['PgUp/PgDn', 'a screen'],
        ['y', 'copy'],
        ['Esc', 'back'],
      ]}
      message={{ text: `Lines ${scroll.top + 1} to ${last} of ${lines.length}.` }}
    >
      <Lines width={width} lines={lines.slice(scroll.top, last).map((line) => ({ text: ` ${line}` }))} />
    </Frame>
  )
}
