/** @jsxImportSource react */
import { useState } from 'react'
import type { ShownClient } from '../client-requests.ts'
import { asFailure, inWords, useAnswer } from './answers.ts'
import { dayOf } from './client-line.ts'
import { fit } from './columns.ts'
import { Confirm } from './confirm.tsx'
import { useCursor } from './cursor.ts'
import { Frame, useRoom, type Message } from './frame.tsx'
import type { Item } from './hanging-lines.ts'
import { useKeys } from './keys.tsx'
import { PromptScreen } from './prompt-screen.tsx'
import { addSecretCall, belowCall, endCall, rotateCall, type Call } from './requests.ts'
import type { ShownSecret } from './secret-shown.tsx'
import { Lines } from './text.tsx'
import { said } from './value.ts'
import { useWork } from './work.ts'

interface SecretsOptions {
  id: string
  name: string
  clientId: string
  onSecret(secret: ShownSecret): void
  onDone(): void
}

type Doing = { name: 'list' | 'add' | 'end' | 'overlap' } | { name: 'until'; label: string }

/** The secrets of a client that are good: one more, one less, or a new one in the place of all. */
export function SecretsScreen({ id, name, clientId, onSecret, onDone }: SecretsOptions) {
  const { session } = useWork()
  const { width, height } = useRoom()
  const [doing, setDoing] = useState<Doing>({ name: 'list' })
  const [told, setTold] = useState<Message>()
  const { value, failure, waiting, again } = useAnswer(id, async () => {
    const { body } = await session.call(belowCall(id, 'secrets', {}).request)
    return (body as { data: Item[] }).data
  })
  const secrets = value ?? []
  const cursor = useCursor(secrets.length, height - 3)
  const here = secrets[cursor.index]
  useKeys((key) => {
    setTold(undefined)
    if (key.name === 'escape' || key.name === 'q') onDone()
    else if (key.name === 'r') setDoing({ name: 'overlap' })
    else if (key.name === 'a') setDoing({ name: 'add' })
    else if (key.name === 'x' && here) setDoing({ name: 'end' })
    else cursor.hears(key)
  })
  const list = () => setDoing({ name: 'list' })
  const title = `Clients › ${name} › Secrets`
  /** Makes a secret, and hands it on to be shown. */
  const make = async ({ request }: Call) => {
    const { body } = await session.call(request)
    const { clientSecret } = body as ShownClient
    if (typeof clientSecret === 'string') onSecret({ name, clientId, clientSecret })
  }

  switch (doing.name) {
    case 'overlap':
      return (
        <PromptScreen
          title={`${title} › Rotate`}
          lines={[
            'A new secret is made and shown once. All others end after so many seconds:',
            '0 ends them at once; an hour is 3600, a day 86400.',
          ]}
          initial="3600"
          does="rotate"
          callOf={(text) => rotateCall(id, /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN)}
          onGiven={(text) => make(rotateCall(id, /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN))}
          onCancel={list}
        />
      )
    case 'add':
      return (
        <PromptScreen
          title={`${title} › One more`}
          lines={[
            'The others stay good. At most five are good at once.',
            'What administrators call it (may be empty):',
          ]}
          initial=""
          does="go on"
          onGiven={async (label) => setDoing({ name: 'until', label: label.trim() })}
          onCancel={list}
        />
      )
    case 'until': {
      const callOf = (text: string) =>
        addSecretCall(id, { label: doing.label || null, expiresAt: text.trim() === '' ? null : text.trim() })
      return (
        <PromptScreen
          key="until"
          title={`${title} › One more`}
          lines={['When it ends, such as 2027-01-31T12:00:00Z.', 'Empty: it is good until it is rotated or deleted.']}
          initial=""
          does="make it"
          callOf={callOf}
          onGiven={(text) => make(callOf(text))}
          onCancel={list}
        />
      )
    }
    case 'end':
      return (
        <Confirm
          title="Delete a secret"
          question={`“${said(here?.['label']) || 'without a label'}” is refused at once.${secrets.length === 1 ? ' It is the last one: so is the client.' : ''}`}
          calls={[endCall(id, 'secrets', said(here?.['id']))]}
          onDone={async ([call]) => {
            if (call) await session.call(call.request)
            setTold({ text: 'It is deleted.', tone: 'good' })
            again()
            list()
          }}
          onCancel={list}
        />
      )
    case 'list':
      return (
        <Frame
          title={title}
          keys={[
            ['↑↓', 'move'],
            ['r', 'rotate: a new one for all'],
            ['a', 'add one more'],
            ['x', 'delete it'],
            ['Esc', 'back'],
          ]}
          message={messageNow()}
        >
          <Lines
            width={width}
            lines={[
              { text: ' Those that are good now. They themselves are shown nowhere.', dim: true },
              { text: `  ${fit('LABEL', 32)} ${fit('MADE', 10)} ${fit('ENDS', 10)} LAST USED`, bold: true },
              ...(value && secrets.length === 0 ? [{ text: '  It has none.' }] : []),
              ...secrets.slice(cursor.top, cursor.top + height - 3).map((secret, row) => ({
                text: `${cursor.top + row === cursor.index ? '>' : ' '} ${lineOf(secret)}`,
                inverse: cursor.top + row === cursor.index,
              })),
            ]}
          />
        </Frame>
      )
  }

  function messageNow(): Message | undefined {
    if (failure && !waiting) return { text: inWords(asFailure(failure)), tone: 'bad' }
    return told ?? (waiting ? { text: 'Asking the server …' } : undefined)
  }
}

function lineOf({ label, createdAt, expiresAt, lastUsedAt }: Item): string {
  const ends = expiresAt === null ? 'never' : dayOf(expiresAt)
  return `${fit(said(label) || '(no label)', 32)} ${fit(dayOf(createdAt), 10)} ${fit(ends, 10)} ${dayOf(lastUsedAt)}`
}
