/** @jsxImportSource react */
import { useApp } from '../app-context.ts'
import { Frame, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'
import { useChoice } from '../input/choices.ts'

/** The order of the client list, of those that the server supports. */
export function SortScreen({ sort, onDone, onCancel }: { sort: string; onDone(sort: string): void; onCancel(): void }) {
  const { sorts } = useApp()
  const { width, height } = useContentSize()
  const options = sorts.map((value) => ({
    value,
    label: value.replace(/^-/, ''),
    note: value.startsWith('-') ? 'descending' : 'ascending',
  }))
  const choice = useChoice(options, sort, height - 1)
  useKeys((key) => {
    if (key.name === 'escape') onCancel()
    else if (key.name === 'enter') onDone(choice.chosen?.value ?? sort)
    else choice.handleKey(key)
  })
  return (
    <Frame
      title="Clients › Sort"
      keys={[
        ['↑↓', 'choose'],
        ['Enter', 'accept'],
        ['Esc', 'back'],
      ]}
    >
      <Lines width={width} lines={[{ text: '' }, ...choice.lines]} />
    </Frame>
  )
}
