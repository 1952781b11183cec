/** @jsxImportSource react */
import { Frame, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'
import { type Option, useChoice } from '../input/choices.ts'

interface MenuOptions<Value> {
  title: string
  options: readonly Option<Value>[]
  /** The value at the cursor first. */
  initial?: Value
  onChoose(value: Value): void
  onCancel(): void
}

/** A choice of one. Digits choose as well, where labels begin with them. */
export function MenuScreen<Value>({ title, options, initial, onChoose, onCancel }: MenuOptions<Value>) {
  const { width, height } = useContentSize()
  const choice = useChoice(options, initial ?? options[0]?.value, height - 1)
  useKeys((key) => {
    const numbered = /^\d$/.test(key.name) && options.find(({ label }) => label.startsWith(`${key.name} `))
    if (key.name === 'escape' || key.name === 'q') onCancel()
    else if (numbered) onChoose(numbered.value)
    else if (key.name === 'enter') {
      if (choice.chosen) onChoose(choice.chosen.value)
    } else choice.handleKey(key)
  })
  return (
    <Frame
      title={title}
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
