/** @jsxImportSource react */
import { useChoice } from './choices.ts'
import { Frame, useRoom } from './frame.tsx'
import { useKeys } from './keys.tsx'
import { Lines } from './text.tsx'
import { useWork } from './work.ts'

/** In which order clients are listed: what the server can sort by. */
export function SortScreen({ sort, onDone, onCancel }: { sort: string; onDone(sort: string): void; onCancel(): void }) {
  const { sorts } = useWork()
  const { width, height } = useRoom()
  const options = sorts.map((value) => ({
    value,
    label: value.replace(/^-/, ''),
    note: value.startsWith('-') ? 'descending' : 'ascending',
  }))
  const choice = useChoice(options, sort, height - 1)
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') onDone(choice.chosen?.value ?? sort)
    else choice.hears(key)
  })
  return (
    <Frame
      title="Clients › Sort"
      keys={[
        ['↑↓', 'choose'],
        ['Enter', 'take it'],
        ['Esc', 'back'],
      ]}
    >
      <Lines width={width} lines={[{ text: '' }, ...choice.lines]} />
    </Frame>
  )
}
