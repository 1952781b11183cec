/** @jsxImportSource react */
import type { Check } from 'cerberus-idp-admin-client'
import { useEffect } from 'react'
import { useApp } from '../app-context.ts'
import { testCall } from '../calls.ts'
import { fit, wrap } from '../../output/text-width.ts'
import { useCursor } from '../frame/cursor.ts'
import { Frame, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines, type StyledLine } from '../frame/text.tsx'
import { failureText, useQuery } from '../query.ts'

const signs = { passed: 'ok', failed: 'x ', skipped: '- ' } as const
const DETAIL_LINES = 7

/** The client test of the server: its checks, and advice where one failed. */
export function TestScreen({ id, onDone }: { id: string; onDone(): void }) {
  const { session } = useApp()
  const { width, height } = useContentSize()
  const { value, failure, isLoading, reload } = useQuery(id, async () => {
    return (await session.send(testCall(id).request)).body
  })
  const checks = value ? [...value.checks, ...value.request] : []
  const visible = height - DETAIL_LINES - 2
  const cursor = useCursor(checks.length, visible)
  useEffect(() => {
    cursor.move(
      Math.max(
        0,
        checks.findIndex(({ outcome }) => outcome === 'failed'),
      ),
    )
  }, [value])
  const selected = checks[cursor.index]
  useKeys((key) => {
    if (key.name === 'escape' || key.name === 'q') onDone()
    else if (key.name === 'r') reload()
    else cursor.handleKey(key)
  })
  const failed = checks.filter(({ outcome }) => outcome === 'failed').length
  const result = value?.passed === true ? 'All checks passed.' : `${failed} of ${checks.length} checks failed.`
  const message: Message | undefined = isLoading
    ? { text: 'Testing, for at most 15 seconds …' }
    : failure
      ? { text: `${failureText(failure)} (r: retry)`, tone: 'bad' }
      : { text: result, tone: value?.passed === true ? 'good' : 'bad' }
  return (
    <Frame
      title="Client test"
      keys={[
        ['↑↓', 'move'],
        ['r', 'repeat'],
        ['Esc', 'back'],
      ]}
      message={message}
    >
      <Lines
        width={width}
        lines={[
          { text: `   ${fit('', 3)}${fit('CHECK', 26)} SEEN`, bold: true },
          ...Array.from({ length: visible }, (_, row) =>
            lineOf(checks[cursor.top + row], cursor.top + row === cursor.index),
          ),
          { text: '─'.repeat(width), dim: true },
          ...(selected ? detailLines(selected, width) : []),
        ]}
      />
    </Frame>
  )
}

function lineOf(check: Check | undefined, isSelected: boolean): StyledLine {
  if (!check) return { text: '' }
  const { name, outcome, seen } = check
  const tones = { passed: 'good', failed: 'bad', skipped: undefined } as const
  return {
    text: ` ${isSelected ? '>' : ' '} ${signs[outcome]} ${fit(name, 26)} ${seen}`,
    inverse: isSelected,
    dim: outcome === 'skipped' && !isSelected,
    tone: isSelected ? undefined : tones[outcome],
  }
}

function detailLines({ expected, seen, advice, outcome }: Check, width: number): StyledLine[] {
  const labelled = (label: string, text: string): StyledLine[] =>
    wrap(`${label} ${text}`, width - 2, 3).map((line) => ({ text: ` ${line}` }))
  const advised = advice === null ? [] : labelled('Advice:', advice).map((line) => ({ ...line, bold: true }))
  return [
    { text: ` ${outcome}`, bold: true },
    ...labelled('Expected:', expected),
    ...labelled('Seen:', seen),
    ...advised,
  ]
}
