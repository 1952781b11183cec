/** @jsxImportSource react */
import { useApp } from '../app-context.ts'
import { hardWrap } from '../../output/text-width.ts'
import { useScroll } from '../frame/cursor.ts'
import { Frame, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'

/** A value as JSON. */
export function JsonScreen({ value, title, onDone }: { value: unknown; title: string; onDone(): void }) {
  const { copy } = useApp()
  const { width, height } = useContentSize()
  const text = JSON.stringify(value, null, 2)
  const lines = text.split('\n').flatMap((line) => hardWrap(line, width - 2))
  const scroll = useScroll(lines.length, height)
  useKeys((key) => {
    if (key.name === 'escape' || key.name === 'q' || key.name === 'j') onDone()
    else if (key.name === 'y') copy(`${text}\n`)
    else scroll.handleKey(key)
  })
  const last = Math.min(lines.length, scroll.top + height)
  return (
    <Frame
      title={title}
      keys={[
        ['↑↓', 'scroll'],
        ['PgUp/PgDn', 'page'],
        ['y', 'copy'],
        ['Esc', 'back'],
      ]}
      message={{ text: `Lines ${scroll.top + 1} to ${last} of ${lines.length}.` }}
    >
      <Lines width={width} lines={lines.slice(scroll.top, last).map((line) => ({ text: ` ${line}` }))} />
    </Frame>
  )
}
