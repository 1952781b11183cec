/** @jsxImportSource react */
import { useEffect } from 'react'
import type { Check } from '../client-requests.ts'
import { inWords, useAnswer } from './answers.ts'
import { fit, wrap } from './columns.ts'
import { useCursor } from './cursor.ts'
import { Frame, useRoom, type Message } from './frame.tsx'
import { useKeys } from './keys.tsx'
import { testCall } from './requests.ts'
import { Lines, type StyledLine } from './text.tsx'
import { useWork } from './work.ts'

const signs = { passed: 'ok', failed: 'x ', skipped: '- ' } as const
const DETAIL_LINES = 7

/** The client, looked at from end to end by the server: each check, and what to change where one failed. */
export function TestScreen({ id, onDone }: { id: string; onDone(): void }) {
  const { session } = useWork()
  const { width, height } = useRoom()
  const { value, failure, waiting, again } = useAnswer(id, async () => {
    return (await session.call(testCall(id).request)).body as { passed: boolean; checks: Check[]; request: Check[] }
  })
  const checks = value ? [...value.checks, ...value.request] : []
  const room = height - DETAIL_LINES - 2
  const cursor = useCursor(checks.length, room)
  useEffect(() => {
    cursor.move(
      Math.max(
        0,
        checks.findIndex(({ outcome }) => outcome === 'failed'),
      ),
    )
  }, [value])
  const here = checks[cursor.index]
  useKeys((key) => {
    if (key.name === 'escape' || key.name === 'q') onDone()
    else if (key.name === 'r') again()
    else cursor.hears(key)
  })
  const failed = checks.filter(({ outcome }) => outcome === 'failed').length
  const told = value?.passed === true ? 'All is well.' : `${failed} of ${checks.length} checks failed.`
  const message: Message | undefined = waiting
    ? { text: 'The server looks at the client: fifteen seconds at most …' }
    : failure
      ? { text: `${inWords(failure)} (r: again)`, tone: 'bad' }
      : { text: told, tone: value?.passed === true ? 'good' : 'bad' }
  return (
    <Frame
      title="Test of the client"
      keys={[
        ['↑↓', 'move'],
        ['r', 'again'],
        ['Esc', 'back'],
      ]}
      message={message}
    >
      <Lines
        width={width}
        lines={[
          { text: `   ${fit('', 3)}${fit('CHECK', 26)} SEEN`, bold: true },
          ...Array.from({ length: room }, (_, row) =>
            lineOf(checks[cursor.top + row], cursor.top + row === cursor.index),
          ),
          { text: '─'.repeat(width), dim: true },
          ...(here ? detailLines(here, width) : []),
        ]}
      />
    </Frame>
  )
}

function lineOf(check: Check | undefined, here: boolean): StyledLine {
  if (!check) return { text: '' }
  const { name, outcome, seen } = check
  const tones = { passed: 'good', failed: 'bad', skipped: undefined } as const
  return {
    text: ` ${here ? '>' : ' '} ${signs[outcome]} ${fit(name, 26)} ${seen}`,
    inverse: here,
    dim: outcome === 'skipped' && !here,
    tone: here ? undefined : tones[outcome],
  }
}

function detailLines({ expected, seen, advice, outcome }: Check, width: number): StyledLine[] {
  const told = (head: string, text: string): StyledLine[] =>
    wrap(`${head} ${text}`, width - 2, 3).map((line) => ({ text: ` ${line}` }))
  const advised = advice === null ? [] : told('Do:', advice).map((line) => ({ ...line, bold: true }))
  return [{ text: ` ${outcome}`, bold: true }, ...told('Expected:', expected), ...told('Seen:', seen), ...advised]
}
